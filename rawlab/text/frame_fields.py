"""The fields of `frame`: what is known of a packet besides its octets, as tshark prints it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rawlab.frame import interface_name, is_described, protocols
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.packet import Packet

SECOND_NS = 1_000_000_000


class FrameFields:
    """Prints `frame.*` of packets that come in order; remembers the first and the last time."""

    def __init__(self) -> None:
        self._first_ns: int | None = None
        self._before_ns = 0
        self._now_ns = 0
        self.printers: dict[str, Callable[[Packet], str]] = {
            "frame.number": lambda packet: str(packet.number),
            "frame.len": lambda packet: str(packet.length),
            "frame.cap_len": lambda packet: str(packet.caplen),
            "frame.time_epoch": lambda packet: seconds(packet.time_ns),
            "frame.time": _local_time,
            "frame.time_relative": self._relative,
            "frame.time_delta": self._delta,
            "frame.time_delta_displayed": self._delta,
            "frame.interface_id": self._interface_id,
            "frame.interface_name": _interface_name,
            "frame.protocols": protocols,
        }
        """Each field's name, and what prints it for a packet that `see` was called with."""

    def see(self, packet: Packet) -> None:
        """Takes note of the time of the next packet."""
        if self._first_ns is None:
            self._first_ns = self._now_ns = packet.time_ns
        self._before_ns, self._now_ns = self._now_ns, packet.time_ns

    def _interface_id(self, packet: Packet) -> str:
        return str(packet.interface_number) if is_described(packet) else ""

    def _relative(self, packet: Packet) -> str:
        first_ns = packet.time_ns if self._first_ns is None else self._first_ns
        return seconds(packet.time_ns - first_ns)

    def _delta(self, packet: Packet) -> str:
        return seconds(packet.time_ns - self._before_ns)


def seconds(span_ns: int) -> str:
    """Nanoseconds as seconds with nine decimals."""
    whole, fraction_ns = divmod(abs(span_ns), SECOND_NS)
    return f"{'-' if span_ns < 0 else ''}{whole}.{fraction_ns:09}"


def _local_time(packet: Packet) -> str:
    second, fraction_ns = divmod(packet.time_ns, SECOND_NS)
    local = time.localtime(second)
    return time.strftime(f"%b %e, %Y %H:%M:%S.{fraction_ns:09} %Z", local)


def _interface_name(packet: Packet) -> str:
    return escape(interface_name(packet)) if is_described(packet) else ""
