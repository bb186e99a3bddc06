"""Sending requests and waiting for what answers them: one, many, and in an event loop."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rawlab.asking.outcome import Exchanged, Reply
from rawlab.asking.pending import Terms
from rawlab.asking.session import OnReply, Session
from rawlab.asking.wire import Askable, Wire, as_packets
from rawlab.capture.settings import Opener
from rawlab.inject.errors import SendError

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry



def exchange(
    request: Askable,
    *,
    timeout_s: float = 1.0,
    retries: int = 0,
    interface: str | None = None,
    filter: str | None = None,
    registry: Registry | None = None,
    opener: Opener = socket.socket,
) -> Reply | None:
    """Send a request and wait for what answers it; None where nothing does in time.

    A frame leaves by `interface`, a packet that begins with IPv4 or IPv6 by the kernel's route.
    What answers it is said by the declarations (see `rawlab.answers`). It is sent up to `retries`
    times again, each after `timeout_s`. The reply has its times: `sent_ns`, `received_ns`,
    `rtt_ns`. Raises CaptureError and SendError kinds, with what to do, also where the kernel
    refuses the request.
    """
    terms = Terms(timeout_s=timeout_s, retries=retries)
    wire = Wire(interface, filter, registry, opener)
    done = run_exchange([request], terms, wire)
    return only_reply(done)


def exchange_all(
    requests: Iterable[Askable],
    *,
    timeout_s: float = 1.0,
    retries: int = 0,
    window: int = 1000,
    rate_pps: float | None = None,
    linger_s: float = 0.0,
    interface: str | None = None,
    filter: str | None = None,
    on_reply: OnReply | None = None,
    registry: Registry | None = None,
    opener: Opener = socket.socket,
) -> Exchanged:
    """Send many requests and wait for what answers each, as `exchange` does for one.

    At most `window` of them wait for a reply at a time, at most `rate_pps` are sent a second.
    `on_reply` is called with each reply as it comes. It ends when all are answered or given up,
    and `linger_s` later for the sake of duplicates.
    """
    terms = Terms(timeout_s, retries, window, rate_pps, linger_s)
    return run_exchange(requests, terms, Wire(interface, filter, registry, opener), on_reply)


async def exchange_async(
    request: Askable,
    *,
    timeout_s: float = 1.0,
    retries: int = 0,
    interface: str | None = None,
    filter: str | None = None,
    registry: Registry | None = None,
    opener: Opener = socket.socket,
) -> Reply | None:
    """As `exchange`, while the event loop runs; cancelling it stops the exchange."""
    terms = Terms(timeout_s=timeout_s, retries=retries)
    wire = Wire(interface, filter, registry, opener)
    done = await _in_thread([request], terms, wire)
    return only_reply(done)


async def exchange_all_async(
    requests: Iterable[Askable],
    *,
    timeout_s: float = 1.0,
    retries: int = 0,
    window: int = 1000,
    rate_pps: float | None = None,
    linger_s: float = 0.0,
    interface: str | None = None,
    filter: str | None = None,
    registry: Registry | None = None,
    opener: Opener = socket.socket,
) -> Exchanged:
    """As `exchange_all`, while the event loop runs; cancelling it stops the exchange."""
    terms = Terms(timeout_s, retries, window, rate_pps, linger_s)
    return await _in_thread(requests, terms, Wire(interface, filter, registry, opener))


def only_reply(done: Exchanged) -> Reply | None:
    """The reply to the one request that there was; SendError where the kernel refused it."""
    if done.pairs:
        return done.replies[0]
    if done.reasons:
        number = done.reasons[-1]
        hint = "; it is larger than the MTU" if number == errno.EMSGSIZE else ""
        raise SendError(f"the kernel refused the request: {os.strerror(number)}{hint}", number)
    return None


async def _in_thread(requests: Iterable[Askable], terms: Terms, wire: Wire) -> Exchanged:
    import asyncio  # only here: it takes longer than an exchange

    stopped = threading.Event()
    try:
        return await asyncio.to_thread(run_exchange, requests, terms, wire, None, stopped)
    finally:
        stopped.set()


def run_exchange(
    requests: Iterable[Askable],
    terms: Terms,
    wire: Wire,
    on_reply: OnReply | None = None,
    stopped: threading.Event | None = None,
) -> Exchanged:
    """An exchange from its beginning to its end, or until `stopped` is set."""
    packets = as_packets(requests, wire.registry)
    if not packets:
        return Exchanged((), ())
    with Session(packets, wire) as session:
        return session.ask(packets, terms, on_reply, stopped)
