"""The packets of a source that match a display filter: what `where` gives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from rawlab.filter.display import Filter, compile_filter

if TYPE_CHECKING:
    from rawlab.columns import Columns
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

B_co = TypeVar("B_co", covariant=True)
ROWS = 1 << 20


class Source(Protocol[B_co]):
    """What gives packets in batches: a capture file, a sniffer."""

    @property
    def registry(self) -> Registry: ...

    def batches(self) -> Iterator[B_co]: ...


class LiveSource(Source[B_co], Protocol[B_co]):
    """What also gives packets one by one as they come."""

    def __iter__(self) -> Iterator[Packet]: ...

    def __aiter__(self) -> AsyncIterator[Packet]: ...


B = TypeVar("B", bound=Any)


class Selected(Generic[B]):
    """The packets of a source that match; they keep their numbers."""

    def __init__(self, source: Source[B], wanted: str | Filter) -> None:
        """Raises FilterError."""
        self.source = source
        self.filter = filter_of(wanted, source.registry)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.filter.text!r} of {self.source!r}>"

    @property
    def registry(self) -> Registry:
        """What the packets are decoded by."""
        return self.source.registry

    def __iter__(self) -> Iterator[Packet]:
        for batch in self.batches():
            yield from batch

    def batches(self, **options: Any) -> Iterator[B]:
        """Batches of the packets that match; options as the source's.

        Empty ones are left out, but for those that the source gives empty, or with blocks kept.
        """
        wanted = self.filter.again()
        for batch in self.source.batches(**options):
            found = wanted.select(batch)
            if len(found) or not len(batch) or _keeps_blocks(found):
                yield found

    def columns(self, *names: str) -> Columns:
        """The fields `names` of the packets that match, as arrays; see `rawlab.columns`."""
        from rawlab.columns import columns

        return columns(self.batches(), names, self.registry)

    def column_batches(self, *names: str, rows: int = ROWS) -> Iterator[Columns]:
        """The same in pieces of about `rows` packets."""
        from rawlab.columns import column_batches

        return column_batches(self.batches(), names, self.registry, rows)

    def where(self, wanted: str | Filter) -> Selected[B]:
        """Those of the packets that match another filter too."""
        return Selected(self, wanted)


class SelectedLive(Selected[B]):
    """The packets that match, as they come; `for` and `async for` give packets that last."""

    def __init__(self, source: LiveSource[B], wanted: str | Filter) -> None:
        super().__init__(source, wanted)
        self._live = source

    def __iter__(self) -> Iterator[Packet]:
        matches = self.filter.again().matches
        return (packet for packet in self._live if matches(packet))

    async def __aiter__(self) -> AsyncIterator[Packet]:
        matches = self.filter.again().matches
        async for packet in self._live:
            if matches(packet):
                yield packet

    def where(self, wanted: str | Filter) -> SelectedLive[B]:
        """Those of the packets that match another filter too."""
        return SelectedLive(self, wanted)


def _keeps_blocks(batch: Any) -> bool:
    """Whether a batch of a file has blocks that hold no packets."""
    origin = getattr(batch, "origin", None)
    return origin is not None and bool(origin.kept)


def filter_of(wanted: str | Filter, registry: Registry | None) -> Filter:
    """A filter that was given, or compiled from text over `registry`; FilterError."""
    return wanted if isinstance(wanted, Filter) else compile_filter(wanted, registry)
