"""A capture file that is being read: batches of whole packets, until its end or a cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rawlab.batch import Interface, new_index
from rawlab.files.blocks import Section
from rawlab.files.ending import Cut, Damaged
from rawlab.files.file_batch import FileBatch, Origin, trimmed
from rawlab.files.kinds import Records
from rawlab.files.window import Window

if TYPE_CHECKING:
    from rawlab.columns import Columns
    from rawlab.filter import Filter
    from rawlab.filter.selection import Selected
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

BATCH_PACKETS = 4096
"""The most packets of one batch."""
SMALL_RECORD = 64
"""Octets that a record has at least, as a rule: room for so many rows is set aside, unused."""


class CaptureFile:
    """The packets of a capture file, in the file's order.

    Iterating gives packets, `batches` gives them in bulk. Reading never raises for what is in the
    file: at its end `cut` is None, or tells where and why no more packets could be read. Reading
    again goes on from there, so a file that grows can be followed.
    """

    def __init__(self, window: Window, records: Records, registry: Registry | None = None) -> None:
        self.name = window.source.name
        self.cut: Cut | None = None
        self.next_number = 1
        """Number of the packet that comes next; the file's first has 1."""
        self._window = window
        self._records = records
        self._registry = registry
        self._index = new_index(BATCH_PACKETS)

    def __repr__(self) -> str:
        return f"<CaptureFile {self.name!r}: {self.kind}, {self.next_number - 1} packets read>"

    @property
    def kind(self) -> str:
        """ "pcap", "pcapng" or "snoop"."""
        return self._records.kind

    @property
    def interfaces(self) -> Sequence[Interface]:
        """The interfaces described so far; a pcapng file may describe more at any place."""
        return self._records.interfaces

    @property
    def section(self) -> Section | None:
        """The section of a pcapng file that is being read."""
        return self._records.section

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Names of addresses that the file brings along, as far as it has been read."""
        return self._records.names

    @property
    def secrets(self) -> Sequence[tuple[int, bytes]]:
        """Decryption secrets, (type, octets), as far as the file has been read."""
        return self._records.secrets

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if it was opened here."""
        self._window.source.close()

    def __iter__(self) -> Iterator[Packet]:
        for batch in self.batches():
            yield from batch

    def batches(self, reuse: bool = False, blocks: bool = False) -> Iterator[FileBatch]:
        """Batches of whole packets, as soon as the octets have arrived.

        With `reuse` a batch is leased: it is valid until the next step, since octets and index
        are then used again. With `blocks` each batch also has, in `origin.kept`, the blocks of a
        pcapng file that hold no packets; batches may then be empty but for those.
        Raises OSError when the file cannot be read on.
        """
        records, window = self._records, self._window
        records.keep_blocks = blocks
        self.cut = None
        window.renew()
        while True:
            count = records.find(
                window.view, window.start, window.end, self._index, window.place_of(0)
            )
            window.start = records.position
            if count or records.kept:
                yield self._batch(count, reuse)
            if records.damage is not None:
                self._cut(records.damage)
                return
            if not records.full and not self._fill(reuse):
                return

    def columns(self, *names: str, threads: int = 1) -> Columns:
        """The fields `names` of all packets as arrays; see `rawlab.columns`.

        `threads`: how many decode at the same time, each the next batch of the file.
        """
        from rawlab.columns import columns

        return columns(self.batches(reuse=threads == 1), names, self.registry, threads,
                       self._window.source.octets_left() // SMALL_RECORD)

    def column_batches(self, *names: str, rows: int = 1 << 20) -> Iterator[Columns]:
        """The same in pieces of about `rows` packets, for a file that memory does not hold."""
        from rawlab.columns import column_batches

        return column_batches(self.batches(reuse=True), names, self.registry, rows)

    def where(self, wanted: str | Filter) -> Selected[FileBatch]:
        """The packets that match a display filter; they keep their numbers.

        Raises FilterError. See `rawlab.filter`.
        """
        from rawlab.filter.selection import Selected

        return Selected(self, wanted)

    @property
    def registry(self) -> Registry:
        """What its packets are decoded by."""
        from rawlab.plugins import default_registry

        return default_registry() if self._registry is None else self._registry

    def _batch(self, count: int, reuse: bool) -> FileBatch:
        records, window = self._records, self._window
        index, places = self._index, records.places
        if not reuse:
            index = trimmed(index, count)
            places = None if places is None else places[:count]
        batch = FileBatch(
            window.view, index, count, records.interfaces, self.next_number, self._registry
        )
        batch.origin = Origin(
            records.kind, records.big_endian, records.header_octets, records.length_at,
            records.section, places, window.place_of(0), window.start, reuse, tuple(records.kept),
        )  # fmt: skip
        records.kept.clear()
        self.next_number += count
        return batch

    def _fill(self, reuse: bool) -> bool:
        """Read on; False at the end of the file, where a part of a record makes a cut."""
        window = self._window
        try:
            if window.fill(self._records.need, reuse):
                return True
        except Damaged as damaged:
            self._cut(str(damaged))
            return False
        left = window.end - window.start
        if left:
            self._cut(f"the file ends after {left} of the {self._records.need} octets of a record")
        return False

    def _cut(self, reason: str) -> None:
        self.cut = Cut(self._window.offset, self.next_number, reason)
