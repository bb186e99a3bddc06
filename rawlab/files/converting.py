"""What becomes of packets on their way from file to file: which go on, and how they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from rawlab.batch import Batch, Interface
from rawlab.files.blocks import (
    COMMENT,
    INTERFACE_DESCRIPTION,
    SECTION_HEADER,
    Options,
)
from rawlab.files.file_batch import FileBatch
from rawlab.files.packet_blocks import as_blocks, has_blocks
from rawlab.files.rewriting import cut_short, shifted, with_comments, with_options
from rawlab.files.slicing import EVERYTHING, Slice
from rawlab.transform.payload import header_octets

if TYPE_CHECKING:
    from rawlab.transform.anonymise import Anonymiser

Select = Callable[[Batch], Batch]
"""A batch with just the packets that go on."""
STATISTICS = 5
_ADDRESS_OPTIONS = frozenset((4, 5, 6, 7))
"""Of interfaces: IPv4, IPv6, MAC and EUI addresses."""


@dataclass(frozen=True)
class Selection:
    """Which packets go on: by number and time, then by each of the filters."""

    wanted: Slice = field(default_factory=Slice)
    filters: Sequence[Select] = ()

    def of(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The packets that go on; reading ends after the last number that is wanted."""
        first_ns: int | None = None
        for batch in batches:
            if batch.count and batch.number(0) > self.wanted.last:
                return
            if first_ns is None and batch.count:
                first_ns = int(batch.time_ns[0])
            picked = self._picked(batch, first_ns or 0)
            for select in self.filters:
                picked = select(picked) if picked.count else picked
            yield picked

    def _picked(self, batch: Batch, first_ns: int) -> Batch:
        if self.wanted == EVERYTHING:
            return batch
        marks = self.wanted.marks(batch, first_ns)
        return batch if marks.all() else batch.pick(np.flatnonzero(marks))


@dataclass(frozen=True)
class Comments:
    """Comments of packets by number; the old ones stay or go."""

    new: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    keep: bool = True
    placed: set[int] = field(default_factory=set, compare=False)
    """The numbers among `new` that packets so far had."""

    def __bool__(self) -> bool:
        return bool(self.new) or not self.keep

    def on(self, batch: Batch) -> Batch:
        """The batch with its new comments."""
        options: dict[int, Options] = {}
        for position in self._positions(batch):
            had = batch.options(position) if isinstance(batch, FileBatch) else ()
            new = self.new.get(batch.number(position), ())
            if new:
                self.placed.add(batch.number(position))
            if new or any(code == COMMENT for code, _ in had):
                options[position] = with_comments(had, new, self.keep)
        return with_options(as_blocks(batch), options) if options else batch

    def _positions(self, batch: Batch) -> Iterable[int]:
        if not self.keep and has_blocks(batch):
            return range(batch.count)
        if batch.numbers is None:
            places = (number - batch.first_number for number in self.new)
            return [place for place in places if 0 <= place < batch.count]
        return [i for i in range(batch.count) if batch.number(i) in self.new]


@dataclass(frozen=True)
class Alteration:
    """How packets change, and what their file tells beside them."""

    comments: Comments = field(default_factory=Comments)
    snaplen: int | None = None
    headers_only: bool = False
    """Each packet ends after its last decoded header."""
    shift_ns: int = 0
    anonymiser: Anonymiser | None = None

    drop_file_comments: bool = False

    def on(self, batch: Batch) -> Batch:
        """The changed batch; comments are not among the changes, being told by number."""
        if self.drop_file_comments:
            batch = without_file_comments(batch, interfaces=not self.comments.keep)
        if self.headers_only and batch.count:
            batch = cut_short(batch, header_octets(batch))
        if self.snaplen is not None and batch.count:
            batch = cut_short(batch, np.full(batch.count, self.snaplen))
        if self.anonymiser is not None:
            batch = without_addresses(self.anonymiser.change(batch))
        if self.shift_ns and batch.count:
            batch = shifted(batch, self.shift_ns)
        return batch


def without_file_comments(batch: Batch, interfaces: bool) -> Batch:
    """The batch without the comments on its file, or on its interfaces too."""
    changed = copy(batch)
    if interfaces:
        changed.interfaces = _without(batch.interfaces, frozenset((COMMENT,)))
    if isinstance(changed, FileBatch) and (section := changed.origin.section) is not None:
        options = tuple((c, v) for c, v in section.options if c != COMMENT)
        changed.origin = replace(changed.origin, section=replace(section, options=options))
    return changed


def without_addresses(batch: Batch) -> Batch:
    """The batch without what its file tells of addresses beside the packets.

    These are names of addresses, addresses of interfaces, decryption secrets, and blocks of whose
    content nothing is known.
    """
    changed = copy(batch)
    changed.interfaces = _without(batch.interfaces, _ADDRESS_OPTIONS)
    if isinstance(changed, FileBatch):
        known = (SECTION_HEADER, INTERFACE_DESCRIPTION, STATISTICS)
        kept = tuple(block for block in changed.origin.kept if block.code in known)
        changed.origin = replace(changed.origin, kept=kept)
    return changed


def _without(interfaces: Sequence[Interface], codes: frozenset[int]) -> list[Interface]:
    """The interfaces without options of these codes; those that have none are as they were."""
    return [
        replace(interface, options=tuple(o for o in interface.options if o[0] not in codes))
        if any(code in codes for code, _ in interface.options) else interface
        for interface in interfaces
    ]


def converted(
    batches: Iterable[Batch], selection: Selection, alteration: Alteration
) -> Iterator[Batch]:
    """The packets of `batches` that go on, changed; empty batches go on with their blocks."""
    comments = alteration.comments
    commented = map(comments.on, batches) if comments else batches
    for batch in selection.of(commented):
        yield alteration.on(batch)
