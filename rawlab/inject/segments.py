"""TCP segments as the player of a recorded client takes and gives them, and what it notes."""

from __future__ import annotations

from typing import NamedTuple

from rawlab.packet import Packet


class Segment(NamedTuple):
    """What the server sent, as far as it matters."""

    seq: int
    ack: int | None
    syn: bool = False
    fin: bool = False
    reset: bool = False
    window: int = 0
    data: bytes = b""
    mss: int | None = None
    shift: int | None = None
    """Window scale option (RFC 7323)."""
    tsval: int | None = None


class Outgoing(NamedTuple):
    """A segment to be sent, in the form of a recorded packet."""

    packet: Packet
    flags: str
    seq: int
    ack: int
    window: int
    data: bytes = b""
    stamps: tuple[int, int] | None = None
    """TSval and TSecr, where timestamps are in use."""


class Divergence(NamedTuple):
    """Where the server did not do what it did in the recording."""

    kind: str
    """"different", "longer", "shorter", "timeout", "reset", "unanswered"."""
    offset: int
    """The first octet of the server's stream that it is about."""
    want: bytes = b""
    """What was recorded there."""
    got: bytes = b""

    def __str__(self) -> str:
        at = f"octet {self.offset} of the server's stream"
        told = {
            "different": f"at {at}: recorded {self.want!r}, got {self.got!r}",
            "longer": f"the server sent more than was recorded, from {at} on: {self.got!r}",
            "shorter": f"the server ended before {at}: recorded {self.want!r}",
            "timeout": f"the server sent nothing more at {at} in time: recorded {self.want!r}",
            "reset": f"the server reset the connection before {at}",
            "unanswered": f"the server no longer acknowledged anything, before {at}",
        }
        return told[self.kind]


class Unacknowledged(NamedTuple):
    """A segment that may have to be sent again."""

    offset: int
    """In the client's stream, SYN as -1."""
    length: int
    """With SYN and FIN as one octet each."""
    packet: Packet
    flags: str
    data: bytes
