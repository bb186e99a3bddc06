"""The other side: it answers the requests that come in on an interface."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rawlab.capture import Sniffer, sniff
from rawlab.capture.settings import Opener
from rawlab.inject import Sender, open_sender
from rawlab.schema.answering import NoAnswer
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

ResponseRule = Callable[["Packet"], "Draft | Header | bytes | None"]
"""From a packet to what answers it; None, or NoAnswer from `reply_to`, says nothing."""


class Responder:
    """Answers by a rule: `run` right here, or as a `with` block meanwhile in a thread.

    It listens from its making on; made by `respond`.
    """

    def __init__(self, sniffer: Sniffer, sender: Sender, rule: ResponseRule, count: int | None
                 ) -> None:
        self._sniffer = sniffer
        self._sender = sender
        self._rule = rule
        self._left = count
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self.seen = 0
        """Packets that came in."""
        self.answered = 0
        """Packets to which a reply was sent."""

    def run(self) -> None:
        """Answer until `stop`, or what was asked for is done. Raises what the rule raises."""
        for packet in self._sniffer:
            self.seen += 1
            reply = self._reply(packet)
            if reply is not None and self._sender.send_one(reply):
                self.answered += 1
                if self._left is not None and self.answered >= self._left:
                    break

    def stop(self) -> None:
        """End `run`. From any thread."""
        self._sniffer.stop()

    def close(self) -> None:
        """Stop, and free the sockets. Raises what the rule raised in the thread."""
        self._sniffer.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._sniffer.close()
        self._sender.close()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run_in_thread, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def _run_in_thread(self) -> None:
        try:
            self.run()
        except BaseException as error:  # noqa: BLE001  whatever it is, `close` raises it
            self._error = error

    def _reply(self, packet: Packet) -> bytes | None:
        try:
            reply = self._rule(packet)
        except NoAnswer:
            return None
        return None if reply is None else bytes(reply)


def respond(
    interface: str,
    rule: ResponseRule,
    *,
    filter: str | None = None,
    count: int | None = None,
    timeout_s: float | None = None,
    promiscuous: bool = False,
    registry: Registry | None = None,
    opener: Opener = socket.socket,
) -> Responder:
    """Answer the packets that come in on an interface: `rule` makes each one's reply, or None.

        def rule(packet):
            return reply_to(packet) if ICMP in packet and packet.ip.dst == ADDRESS else None

        with rawlab.respond("veth0", rule): ...

    Replies are frames as they leave the interface. It ends after `count` replies or `timeout_s`.
    Raises CaptureError and SendError kinds.
    """
    sniffer = sniff(
        interface, filter=filter, direction="in", timeout_s=timeout_s, latency_ms=1,
        promiscuous=promiscuous, registry=registry, opener=opener)
    try:
        sender = open_sender(interface, opener=opener)
    except BaseException:
        sniffer.close()
        raise
    return Responder(sniffer, sender, rule, count)
