"""Many packets in one buffer: what sources yield and what sinks consume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rawlab.engine.records import (
    CAPLEN,
    INTERFACE,
    LENGTH,
    LINKTYPE,
    OFFSET,
    ROWS,
    TIME_NS,
)

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

Index = memoryview
"""Six rows of int64 (offset, caplen, length, time_ns, interface, linktype), a column a packet."""


@dataclass(frozen=True)
class Interface:
    """Where packets were captured: a network interface, as a file or the kernel describes it."""

    name: str = ""
    linktype: int = 1
    snaplen: int = 0
    description: str = ""
    resolution: int = 1_000_000_000
    """Ticks a second of the time stamps as they were stored."""
    options: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)
    """A pcapng file's own options of this interface, (code, value), in file order."""


def new_index(capacity: int) -> Index:
    """An empty index for `capacity` packets: int64, shape (6, capacity)."""
    return memoryview(bytearray(8 * ROWS * capacity)).cast("q", shape=[ROWS, capacity])


class Batch:
    """Packets in one contiguous read-only buffer, and an index that says where each one lies.

    A batch from a capture ring is leased: it is valid until the source's next step, unless
    `keep` is called. A batch from a file owns its octets.
    """

    __slots__ = (
        "__weakref__", "_layers", "count", "first_number", "index", "interfaces", "octets", "registry",
    )

    def __init__(
        self,
        octets: bytes | bytearray | memoryview,
        index: Index,
        count: int,
        interfaces: Sequence[Interface],
        first_number: int = 1,
        registry: Registry | None = None,
    ) -> None:
        self.octets = octets
        self.index = index
        self.count = count
        self.interfaces = interfaces
        self.first_number = first_number
        self.registry = registry
        self._layers: object = None

    def __len__(self) -> int:
        return self.count

    def _row(self, row: int) -> memoryview:
        capacity = self.index.shape[1]  # type: ignore[index]
        flat = self.index.cast("B").cast("q")
        return flat[row * capacity : row * capacity + self.count]

    @property
    def offset(self) -> memoryview:
        """Where each packet's first octet lies in `octets`."""
        return self._row(OFFSET)

    @property
    def caplen(self) -> memoryview:
        """Octets captured of each packet."""
        return self._row(CAPLEN)

    @property
    def length(self) -> memoryview:
        """Octets that each packet had on the wire."""
        return self._row(LENGTH)

    @property
    def time_ns(self) -> memoryview:
        """When each packet was captured, nanoseconds since the epoch."""
        return self._row(TIME_NS)

    @property
    def interface(self) -> memoryview:
        """Index of each packet's interface in `interfaces`."""
        return self._row(INTERFACE)

    @property
    def linktype(self) -> memoryview:
        """LINKTYPE_ value of each packet's first layer."""
        return self._row(LINKTYPE)
