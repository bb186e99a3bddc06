"""Which packets of a capture are wanted, by their number or their time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rawlab.batch import Batch

ENDLESS = (1 << 63) - 1
_RANGE = re.compile(r"(\d*)(-?)(\d*)")
_SECONDS = re.compile(r"(\+?)(\d+(?:\.\d+)?)s?")
_FRACTION = re.compile(r"[.,](\d+)")


@dataclass(frozen=True)
class Moment:
    """A time: since the epoch, or since the first packet."""

    ns: int
    relative: bool = False

    def after(self, first_ns: int) -> int:
        """Nanoseconds since the epoch, where the first packet has time `first_ns`."""
        return self.ns + first_ns if self.relative else self.ns


def parse_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Ranges of packet numbers: "10-20,30-" is 10 to 20 and 30 to the end; ValueError if wrong."""
    ranges = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        first, dash, last = found.groups() if found else ("", "", "")
        if not first and not last:
            raise ValueError(f"{part.strip()!r} is no range of packets such as 10-20, 7 or 30-")
        low = int(first or 1)
        high = int(last) if last else ENDLESS if dash else low
        if not 1 <= low <= high:
            raise ValueError(f"the range {part.strip()} holds no packet; numbers count from 1")
        ranges.append((min(low, ENDLESS), min(high, ENDLESS)))
    return tuple(sorted(ranges))


def parse_moment(text: str) -> Moment:
    """A time as people write it; ValueError where it is none.

    ISO 8601 (local, unless it names a zone), seconds since 1970 ("1700000000.25"), or seconds
    since the first packet ("+2.5"). Nanoseconds are kept.
    """
    found = _SECONDS.fullmatch(text.strip())
    if found:
        return Moment(int(Decimal(found[2]) * 10**9), relative=bool(found[1]))
    fraction = _FRACTION.search(text)
    digits = fraction[1] if fraction else ""
    whole = text if fraction is None else text[: fraction.start()] + text[fraction.end() :]
    try:
        seconds = int(datetime.fromisoformat(whole.strip()).timestamp())
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time such as 2026-01-31T12:00:00.5, 1700000000.5 (since 1970)"
            " or +2.5 (since the first packet)"
        ) from None
    return Moment(seconds * 10**9 + int(digits[:9].ljust(9, "0")))


@dataclass(frozen=True)
class Slice:
    """Packets by number and by time: at `after` or later, and before `before`."""

    ranges: Sequence[tuple[int, int]] = ()
    """Sorted; none: all."""
    after: Moment | None = None
    before: Moment | None = None

    @property
    def last(self) -> int:
        """The number after which nothing is wanted."""
        return max((last for _, last in self.ranges), default=ENDLESS)

    def marks(self, batch: Batch, first_ns: int) -> NDArray[np.bool_]:
        """Which packets of a batch are wanted; `first_ns`: time of the capture's first packet."""
        import numpy as np

        if batch.numbers is None:
            numbers = np.arange(batch.first_number, batch.first_number + batch.count)
        else:
            numbers = np.asarray(batch.numbers)
        wanted = np.full(batch.count, not self.ranges)
        for low, high in self.ranges:
            wanted |= (numbers >= low) & (numbers <= high)
        times = np.asarray(batch.time_ns)
        if self.after is not None:
            wanted &= times >= self.after.after(first_ns)
        if self.before is not None:
            wanted &= times < self.before.after(first_ns)
        return wanted


EVERYTHING = Slice()
