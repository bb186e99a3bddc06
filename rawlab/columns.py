"""Columns: fields of many packets as arrays, with marks of what is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rawlab.plan import NUMBER, Column, Plan, parse
from rawlab.ragged import Gatherer, Ragged

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.engine.scan import Scanner
    from rawlab.schema.registry import Registry
    from rawlab.schema.tables import Tables

FIRST_ROWS = 1 << 16
MOST_ROWS = 1 << 22
Values = np.ma.MaskedArray[Any, Any] | Ragged


class Columns(Mapping[str, Values]):
    """Arrays by the names that were asked for, one entry a packet.

    A fixed-width field is a numpy masked array: addresses of IPv4 as uint32, of Ethernet as uint64,
    of IPv6 as 16 octets (V16), times as int64 nanoseconds, enumerations and flags as integers. A
    field that repeats or varies in length is a `Ragged`: offsets and values.
    """

    def __init__(self, names: Iterable[str], values: Iterable[Values], rows: int) -> None:
        self._values = dict(zip(names, values, strict=True))
        self.rows = rows

    def __getitem__(self, name: str) -> Values:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Columns {', '.join(self)}: {self.rows} rows>"


class Arena:
    """Room for the rows of all fixed-width columns, in one stretch of memory."""

    def __init__(self, columns: list[Column], plan: Plan, rows: int) -> None:
        self.rows = rows
        self.filled = 0
        self.columns = columns
        self.starts: list[tuple[int, int]] = []
        size = 0
        for column in columns:
            values = size
            size += -(-column.width * rows // 64) * 64
            self.starts.append((values, size))
            size += -(-rows // 64) * 64
        self.memory: NDArray[np.uint8] = np.empty(max(size, 1), dtype=np.uint8)
        self.plan = plan.laid_out(self.starts)
        """The rows by which the engine fills it."""
        self.octets = memoryview(self.memory)  # type: ignore[arg-type]

    def arrays(self, i: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The values and the marks of what is missing, of column `i`."""
        column = self.columns[i]
        values, missing = self.starts[i]
        return (
            self.memory[values : values + column.width * self.filled].view(column.dtype),
            self.memory[missing : missing + self.filled].view(np.bool_),
        )


class Filler:
    """Fills columns from batches; several threads may call `take` on one filler."""

    def __init__(self, names: tuple[str, ...], registry: Registry, expected: int = 0) -> None:
        self.registry = registry
        self.tables: Tables = registry.tables()
        self.names = names
        self.columns = [parse(name, registry) for name in names]
        self.fixed = [column for column in self.columns if column.fixed]
        self.plan = Plan(self.fixed, self.tables)
        ragged = [c for c in self.columns if not c.fixed and c.sources[0].what != NUMBER]
        self.gatherers = [Gatherer(column) for column in ragged]
        self.arenas: list[Arena] = []
        self.expected = expected
        self.rows = 0
        self.numbered = any(c.sources[0].what == NUMBER for c in self.columns)
        self.numbers: list[NDArray[np.int64]] = []

    def _begin(self, batch: Batch) -> None:
        if self.numbered:
            self.numbers.append(numbers_of(batch))

    def place(self, count: int) -> tuple[Arena, int]:
        """Room for the next `count` rows: an arena, and the first row in it."""
        arena = self.arenas[-1] if self.arenas else None
        if arena is None or arena.filled + count > arena.rows:
            rows = min(MOST_ROWS, 2 * arena.rows) if arena else max(FIRST_ROWS, self.expected)
            arena = Arena(self.fixed, self.plan, max(rows, count))
            self.arenas.append(arena)
        row = arena.filled
        arena.filled += count
        self.rows += count
        return arena, row

    def fill(self, scanner: Scanner, batch: Batch, arena: Arena, row: int) -> None:
        """Compute the fixed-width columns of a batch; runs without the GIL."""
        plan = self.plan
        scanner.columns(batch.octets, batch.index, batch.count, arena.plan,
                        plan.wanted, plan.chain, arena.octets, row)

    def run(self, batches: Iterable[Batch]) -> None:
        """Fill from all of `batches`, one after the other."""
        scanner = self.tables.borrow_scanner()
        for batch in batches:
            self._begin(batch)
            arena, row = self.place(batch.count)
            if self.fixed:
                self.fill(scanner, batch, arena, row)
            for gatherer in self.gatherers:
                gatherer.gather(batch)
        self.tables.give_back_scanner(scanner)

    def run_threads(self, batches: Iterator[Batch], threads: int) -> None:
        """Fill on several threads: each reads the next batch in turn, then decodes it alone."""
        lock = threading.Lock()

        def work() -> None:
            scanner = self.tables.borrow_scanner()
            while True:
                with lock:
                    batch = next(batches, None)
                    if batch is None:
                        break
                    self._begin(batch)
                    arena, row = self.place(batch.count)
                    for gatherer in self.gatherers:
                        gatherer.gather(batch)
                self.fill(scanner, batch, arena, row)
            self.tables.give_back_scanner(scanner)

        with ThreadPoolExecutor(threads) as pool:
            for worker in [pool.submit(work) for _ in range(threads)]:
                worker.result()

    def result(self) -> Columns:
        """The columns of all that was taken."""
        gathered = iter(self.gatherers)
        fixed = iter(range(len(self.fixed)))
        values: list[Values] = []
        for column in self.columns:
            if column.sources[0].what == NUMBER:
                values.append(self._numbers())
            else:
                values.append(self._fixed(next(fixed)) if column.fixed else next(gathered).result())
        return Columns(self.names, values, self.rows)

    def _numbers(self) -> Values:
        numbers = np.concatenate([np.empty(0, dtype=np.int64), *self.numbers])
        return np.ma.MaskedArray(numbers, mask=False)

    def _fixed(self, i: int) -> Values:
        parts = [arena.arrays(i) for arena in self.arenas]
        if not parts:
            parts = [Arena(self.fixed, self.plan, 1).arrays(i)]
        data = parts[0][0] if len(parts) == 1 else np.concatenate([p[0] for p in parts])
        mask = parts[0][1] if len(parts) == 1 else np.concatenate([p[1] for p in parts])
        return np.ma.MaskedArray(data, mask=mask, copy=False)


def numbers_of(batch: Batch) -> NDArray[np.int64]:
    """The numbers of a batch's packets, int64."""
    if batch.numbers is not None:
        return np.array(batch.numbers, dtype=np.int64)
    return np.arange(batch.first_number, batch.first_number + batch.count, dtype=np.int64)


def column_batches(
    batches: Iterable[Batch], names: tuple[str, ...], registry: Registry, rows: int
) -> Iterator[Columns]:
    """The fields `names` in pieces of at least `rows` packets, but for the last.

    So a source that is larger than memory, or endless, can be worked through.
    """
    filler = Filler(names, registry, rows)
    for batch in batches:
        filler.run((batch,))
        if filler.rows >= rows:
            yield filler.result()
            filler = Filler(names, registry, rows)
    if filler.rows:
        yield filler.result()


def columns(
    batches: Iterator[Batch],
    names: tuple[str, ...],
    registry: Registry,
    threads: int = 1,
    expected: int = 0,
) -> Columns:
    """The fields `names` of all packets of `batches`; KeyError for a name that means nothing.

    A name is a field's (`ip.src`), its second occurrence in a tunnel (`ip.src#2`), the first of
    several that is there (`tcp.srcport|udp.srcport`), the length or octets of what a layer carries
    (`udp.payload_len`, `udp.payload`), or its fault (`udp.fault`, a `Kind`).
    """
    filler = Filler(names, registry, expected)
    if threads > 1:
        filler.run_threads(batches, threads)
    else:
        filler.run(batches)
    return filler.result()
