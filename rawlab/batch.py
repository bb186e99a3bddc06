"""Many packets in one buffer: what sources yield and what sinks consume."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self, Union

from rawlab.engine import numbers as n
from rawlab.engine.gather import count_from, gather, gather_numbers, outside
from rawlab.engine.reader import flat, table
from rawlab.engine.records import (
    CAPLEN,
    INTERFACE,
    LENGTH,
    LINKTYPE,
    OFFSET,
    ROWS,
    TIME_NS,
)
from rawlab.engine.view import Layers, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rawlab.filter import Filter
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry
    from rawlab.schema.tables import Tables

Positions = Union["NDArray[np.integer[Any]]", Sequence[int]]
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
    capacity = max(capacity, 1)  # a shape has no zeros
    return memoryview(bytearray(8 * ROWS * capacity)).cast("q", shape=[ROWS, capacity])


def as_positions(positions: Positions) -> memoryview:
    """Positions as the engine takes them: int64."""
    if isinstance(positions, memoryview) and positions.format == "q":
        return positions
    return memoryview(array("q", [int(position) for position in positions]))


class Batch:
    """Packets in one contiguous read-only buffer, and an index that says where each one lies.

    A batch from a capture ring is leased: it is valid until the source's next step, unless
    `keep` is called. A batch from a file owns its octets.
    """

    __slots__ = (
        "__weakref__", "_found", "count", "first_number", "index", "interfaces", "numbers",
        "octets", "registry",
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
        self.numbers: memoryview | None = None
        """The packets' numbers, where they do not follow one another from `first_number` on."""
        self._found: Found | None = None

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.count} packets from {self.first_number}>"

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

    def number(self, position: int) -> int:
        """The number of a packet in its capture, from 1."""
        return self.first_number + position if self.numbers is None else self.numbers[position]

    def pick(self, positions: Positions) -> Batch:
        """The packets at `positions`, in that order, over the same octets and with their numbers.

        Of a leased batch it is valid as long as that is.
        """
        index, numbers = self._picked(positions)
        batch = Batch(self.octets, index, len(numbers), self.interfaces, registry=self.registry)
        batch.numbers = numbers
        return batch

    def where(self, wanted: str | Filter) -> Self:
        """The packets that match a display filter, as `pick` gives them; raises FilterError."""
        from rawlab.filter.selection import filter_of

        return filter_of(wanted, self.registry).select(self)

    def _picked(self, positions: Positions) -> tuple[Index, memoryview]:
        """The index of the packets at `positions`, and their numbers."""
        chosen = as_positions(positions)
        wrong = outside(chosen, self.count)
        if wrong is not None:
            raise IndexError(f"position {wrong} of {self.count} packets")
        index = new_index(len(chosen))
        gather(self.index, chosen, index)
        numbers = memoryview(bytearray(8 * len(chosen))).cast("q")
        if self.numbers is None:
            count_from(self.first_number, chosen, numbers)
        else:
            gather_numbers(self.numbers, chosen, numbers)
        return index, numbers

    # Decoding.

    @property
    def tables(self) -> Tables:
        """The tables by which the packets are decoded."""
        if self.registry is None:
            from rawlab.plugins import default_registry

            self.registry = default_registry()
        return self.registry.tables()

    def _layers(self) -> Found:
        """The layers of all packets, found in one pass when first asked for."""
        if self._found is None:
            self._found = find_layers(self)
        return self._found

    def fault_rows(self, position: int) -> list[list[int]]:
        """What the layer walk found wrong with a packet: rows of X_*."""
        faults = self._layers().faults
        low = bisect.bisect_left(faults, position, key=lambda row: row[n.X_PACKET])
        high = bisect.bisect_right(faults, position, key=lambda row: row[n.X_PACKET])
        return faults[low:high]

    def lay(self, packet: Packet, position: int) -> None:
        """Make `packet` the one at `position`."""
        packet._stand_on(self._layers().layers, self, position)

    def __getitem__(self, position: int) -> Packet:
        from rawlab.packet import Packet

        if not -self.count <= position < self.count:
            raise IndexError(f"packet {position} of {self.count}")
        return self._layers().layers.packet(Packet, self, position % self.count)

    def __iter__(self) -> Iterator[Packet]:
        from rawlab.packet import Packet

        return self._layers().layers.packets(Packet, self, self.count)

    def keep(self) -> Batch:
        """A batch that owns its octets: itself, unless it was leased from a ring."""
        if isinstance(self.octets, bytes):
            return self
        index = new_index(self.count)  # the source uses its own for the next block
        flat = index.cast("B").cast("q")
        for row in range(ROWS):
            flat[row * self.count : (row + 1) * self.count] = self._row(row)
        kept = Batch(bytes(self.octets), index, self.count, self.interfaces,
                     self.first_number, self.registry)
        kept.numbers = self.numbers
        return kept


class Found(NamedTuple):
    """What the layer walk found in a batch."""

    layers: Layers
    faults: list[list[int]]
    begins: memoryview
    rows: memoryview
    """As `layer_rows` gives them."""


def layer_rows(batch: Batch) -> tuple[memoryview, memoryview, memoryview]:
    """Walk over all packets of a batch: (begins, layers, faults), as `Scanner.layers` fills them.

    The layers of packet p are rows begins[p] to begins[p + 1] - 1.
    """
    tables = batch.tables
    count = batch.count
    begins = memoryview(bytearray(8 * (count + 2))).cast("q")
    rows = table(4 * count + n.MAX_LAYERS, n.LAYER_COLUMNS)
    faults = table(count // 8 + 2 * n.MAX_FAULTS, n.FAULT_COLUMNS)
    scanner = tables.borrow_scanner()
    done = 0
    while True:
        done = scanner.layers(batch.octets, batch.index, done, count, begins, rows, faults)
        if done == count:
            break
        if len(rows) - begins[done] < n.MAX_LAYERS:
            rows = grown(rows, n.LAYER_COLUMNS)
        else:
            faults = grown(faults, n.FAULT_COLUMNS)
    tables.give_back_scanner(scanner)
    return begins, rows, faults


def find_layers(batch: Batch) -> Found:
    """The layers of all packets of a batch, to be looked at."""
    begins, rows, faults = layer_rows(batch)
    layers = Layers(Source(batch.octets), begins, rows, batch.index, batch.tables)
    numbers = flat(faults)[: begins[batch.count + 1] * n.FAULT_COLUMNS].tolist()
    width = n.FAULT_COLUMNS
    told = [numbers[i : i + width] for i in range(0, len(numbers), width)]
    return Found(layers, told, begins, rows)


def grown(rows: memoryview, columns: int) -> memoryview:
    """A table twice as long that begins with the same rows."""
    longer = table(2 * len(rows), columns)
    octets = rows.cast("B")
    longer.cast("B")[: len(octets)] = octets
    return longer


def single(
    octets: bytes, time_ns: int, length: int | None, linktype: int, number: int,
    interface: Interface | None, registry: Registry | None,
) -> Batch:
    """A batch of one packet."""
    index = new_index(1)
    wire = len(octets) if length is None else length
    for row, value in enumerate((0, len(octets), wire, time_ns, 0, linktype)):
        index[row, 0] = value
    found = interface or Interface(linktype=linktype)
    return Batch(octets, index, 1, (found,), number, registry)
