"""How to capture on an interface."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Program = Sequence[tuple[int, int, int, int]]
"""Instructions of classic BPF: (code, jump if true, jump if false, k)."""

Direction = Literal["in", "out", "inout"]

Backend = Literal["auto", "ring", "libpcap"]
"""What captures: the kernel's own ring (Linux) or libpcap (everywhere); auto: the ring, if any."""

Opener = Callable[[int, int, int], socket.socket]
"""Opens a socket(family, kind, protocol), in whichever namespace it likes."""

SMALLEST_BLOCK = 1 << 17
"""Octets of the smallest block: a packet of 65,535 must fit."""

_BOUNDS = (
    ("snaplen", 1, (1 << 31) - 1),
    ("latency_ms", 1, 60_000),
    ("buffer_octets", 2 * SMALLEST_BLOCK, (1 << 32) - 1),
    ("block_octets", SMALLEST_BLOCK, 1 << 28),
)


@dataclass(frozen=True)
class RingSettings:
    """How to capture on an interface."""

    snaplen: int = 262_144
    """The most octets to keep of a packet."""
    promiscuous: bool = False
    """Whether frames for other stations are taken too."""
    latency_ms: int = 2
    """How long the kernel may keep a packet in a block that is not full yet."""
    buffer_octets: int = 64 << 20
    """Size of the ring."""
    block_octets: int = 256 << 10
    """Size of a block of the ring, a power of two: a batch is no larger."""
    backlog_octets: int = 64 << 20
    """The most that waits for a slow `for` or `async for`, besides the ring; more is missed."""
    direction: Direction = "inout"
    linktype: int | None = None
    """LINKTYPE_ value of the packets, where the interface offers several; None is its own."""
    filter: str | None = None
    """A capture filter in libpcap's syntax."""
    bpf: Program | None = None
    """A capture filter as classic BPF, in place of `filter`."""
    backend: Backend = "auto"
    opener: Opener = socket.socket
    """Opens the packet socket; one made in another network namespace captures there."""

    def blocks(self) -> tuple[int, int]:
        """Size and number of the blocks: smaller ones when there would be fewer than four."""
        block = self.block_octets
        while block > SMALLEST_BLOCK and self.buffer_octets // block < 4:
            block //= 2
        return block, self.buffer_octets // block

    def __post_init__(self) -> None:
        if self.filter is not None and self.bpf is not None:
            raise ValueError("give either filter or bpf, not both")
        for name, least, most in _BOUNDS:
            if not least <= getattr(self, name) <= most:
                given = getattr(self, name)
                raise ValueError(f"{name} must be {least} to {most}, not {given}")
        if self.block_octets & (self.block_octets - 1):
            raise ValueError(f"block_octets must be a power of two, not {self.block_octets}")
        if self.backlog_octets < 2 * self.block_octets:
            raise ValueError(f"backlog_octets must be twice block_octets ({self.block_octets}) or"
                             f" more, not {self.backlog_octets}")
        if self.direction not in ("in", "out", "inout"):
            raise ValueError(f"direction must be in, out or inout, not {self.direction!r}")
        if self.backend not in ("auto", "ring", "libpcap"):
            raise ValueError(f"backend must be auto, ring or libpcap, not {self.backend!r}")
