"""What is compared with what, over which packets, and the aims."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.captures import Capture


@dataclass(frozen=True)
class Entry:
    """A subject's part in a comparison."""

    subject: str
    mix: str
    share: float = 1.0
    """The share of the comparison's packets that it runs over: slow ones get fewer."""
    aim: float | None = None
    """The least ratio of its speed to the first entry's."""
    same_values: bool = True
    """Whether the sums of what it reads have to be those of the first entry."""


@dataclass(frozen=True)
class Comparison:
    """Entries that are run in turns. The first one is what the others are measured against."""

    title: str
    packets: int
    entries: tuple[Entry, ...]

    def capture(self, entry: Entry, divisor: int) -> Capture:
        """What an entry runs over, when all is made `divisor` times smaller."""
        return Capture(entry.mix, max(2_000, int(self.packets * entry.share) // divisor))


def _columns(mix: str, aim: float) -> tuple[Entry, ...]:
    return Entry("limit", mix), Entry("columns", mix, aim=aim), Entry("columns-all", mix)


COMPARISONS = {
    "mixed": Comparison("Twelve columns, mean 600 octets", 2_000_000, _columns("mixed", 0.60)),
    "small": Comparison("Twelve columns, 60 to 90 octets", 2_000_000, _columns("small", 0.25)),
    "declared": Comparison(
        "Twelve columns of a declared protocol, 60 to 90 octets",
        2_000_000,
        (
            Entry("datagrams", "datagrams"),
            Entry("twins", "twins", aim=1 / 1.3),
            Entry("telemetry", "telemetry", same_values=False),
        ),
    ),
    "loop": Comparison(
        "A Python loop that reads six fields, mean 600 octets",
        200_000,
        (
            Entry("dpkt", "mixed"),
            Entry("loop", "mixed", aim=15),
            Entry("scapy", "mixed", share=0.05),
            Entry("tshark", "mixed", share=0.5),
        ),
    ),
}
