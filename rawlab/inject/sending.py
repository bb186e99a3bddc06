"""`rawlab.send`: packets out, at a rate if one is asked for, and what became of them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from rawlab.capture.settings import Opener
from rawlab.capture.waiting import Waiter, Wake
from rawlab.inject.batching import Packets
from rawlab.inject.rate import SECOND_NS, Limits, Schedule
from rawlab.inject.raw_path import RAW_LINKTYPES
from rawlab.inject.repeating import repeated
from rawlab.inject.sender import Level, Method, Sender, open_sender

if TYPE_CHECKING:
    from rawlab.batch import Batch

_PART = 1024
"""Packets that are handed over before anybody is asked whether to go on."""
_SHORT_NS = 2_000_000
"""A shorter wait is slept through, since to be woken is exact to a millisecond only."""


@dataclass(frozen=True)
class Sent:
    """What became of packets that were to be sent."""

    sent: int
    """Packets that the kernel took."""
    refused: int
    """Packets that it did not take."""
    octets: int
    """Octets of those that it took."""
    seconds: float
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Refused packets by the kernel's words."""

    @property
    def pps(self) -> float:
        """Packets a second."""
        return self.sent / self.seconds if self.seconds else 0.0


class Sending:
    """Packets on their way through a sender; any thread or signal handler may `stop` it."""

    def __init__(self, sender: Sender, limits: Limits) -> None:
        self.sender = sender
        self.stopped = False
        self._limits = limits
        self._wake = Wake()
        self._waiter = Waiter()
        self._waiter.add(self._wake.fileno())
        self._start_ns = time.monotonic_ns()

    def stop(self) -> None:
        """Let `run` return after what it is handing over now."""
        self.stopped = True
        self._wake.set()

    def run(
        self, batches: Iterator[Batch], look: Callable[[Sending], None] | None = None
    ) -> Sent:
        """Send all batches; `look` is called now and then, to show how far it is."""
        self._start_ns = time.monotonic_ns()
        schedule = Schedule(self._limits, self._start_ns) if self._limits else None
        for batch in batches:
            sizes = np.frombuffer(batch.caplen, dtype=np.int64)
            done = 0
            while done < batch.count and not self.stopped:
                end = min(done + _PART, batch.count)
                if schedule is not None:
                    end = done + self._wait(schedule, sizes[done:end])
                    schedule.take(end - done, int(sizes[done:end].sum()))
                self.sender.send(batch, done, end)
                done = end
                if look is not None:
                    look(self)
            if self.stopped:
                break
        return self.result()

    def result(self) -> Sent:
        """What became of the packets so far."""
        sender = self.sender
        seconds = (time.monotonic_ns() - self._start_ns) / SECOND_NS
        reasons = {os.strerror(number): count for number, count in sender.reasons.items()}
        return Sent(sender.sent, sender.refused, sender.octets, seconds, reasons)

    def _wait(self, schedule: Schedule, sizes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
        """Wait until some of these packets are due; how many, 0 when it was stopped meanwhile."""
        while not self.stopped:
            now_ns = time.monotonic_ns()
            count = schedule.due(now_ns, sizes)
            if count:
                return count
            left_ns = schedule.next_ns - now_ns
            if left_ns > _SHORT_NS:
                self._waiter.wait((left_ns - _SHORT_NS / 2) / SECOND_NS)
            else:
                time.sleep(max(left_ns, 0) / SECOND_NS)
        return 0


def send(
    packets: Packets,
    interface: str | None = None,
    *,
    count: int | None = None,
    loop: int | None = None,
    rate_pps: float | None = None,
    rate_bps: float | None = None,
    level: Level | None = None,
    method: Method = "auto",
    bypass: bool = False,
    opener: Opener = socket.socket,
) -> Sent:
    """Send packets on an interface, or by route where none is named; what became of them.

    `packets`: a draft, a packet, a batch, any mixture of these, a capture file, or a template:

        rawlab.send(IPv4(src="10.0.0.1", dst="10.0.0.2") / UDP(dstport=9) / b"x", count=3)
        rawlab.send(rawlab.read("x.pcap"), "eth0", rate_pps=1000)

    They go `loop` times (0: without end), or as often as it takes to send `count` in all; without
    either, once. Their first header says how they are sent (`level`): frames on the link layer of
    the interface, IPv4 and IPv6 packets by raw sockets, where the kernel routes. `rate_bps` counts
    the bits of the packets themselves. The rest is as for `open_sender`, and so are the errors;
    what the kernel refuses is counted, with the reason, and raises nothing.
    """
    limits = Limits(rate_pps, rate_bps)
    level, batches = leveled(repeated(packets, count, loop), level)
    with open_sender(interface, level=level, opener=opener, method=method, bypass=bypass) as sender:
        return Sending(sender, limits).run(batches)


def leveled(batches: Iterator[Batch], level: Level | None) -> tuple[Level, Iterator[Batch]]:
    """The level that packets are sent at, by the first of them unless it is given."""
    if level is not None:
        return level, batches
    first = next(batches, None)
    if first is None:
        return "ip", batches
    return "ip" if first.linktype[0] in RAW_LINKTYPES else "link", chain([first], batches)
