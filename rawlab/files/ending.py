"""How reading a capture file ends badly: not a capture, or cut."""

from __future__ import annotations

from dataclasses import dataclass


class NotACapture(OSError):
    """What was opened is no capture file that rawlab reads; one line says what was found."""


class Damaged(ValueError):
    """Octets inside a file that cannot be read on; becomes a `Cut` or a `NotACapture`."""


@dataclass(frozen=True)
class Cut:
    """Where a capture stops being readable; all packets before that place were whole."""

    offset: int
    """Octet of the (expanded) file at which the record begins that could not be read."""
    packet: int
    """Number of the packet that would have come next."""
    reason: str

    def __str__(self) -> str:
        return f"cut at octet {self.offset}, before packet {self.packet}: {self.reason}"
