"""How fast captures are copied: `rawlab convert` against tcpdump's and editcap's own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.captures import DATA, Capture
from benchmarks.reading import MIXES, Reader, measure
from benchmarks.report import table

RAWLAB = str(Path(sys.executable).with_name("rawlab"))


@dataclass(frozen=True)
class Copier(Reader):
    """A command that copies a capture: INPUT and OUTPUT stand for the files."""

    output: str = ""
    pcapng: bool = False
    """The input is a pcapng file."""

    def command(self, capture: Capture) -> list[str]:
        source = as_pcapng(capture) if self.pcapng else capture.path
        files = {"INPUT": str(source), "OUTPUT": self.output}
        return [files.get(word, word) for word in self.words]


def as_pcapng(capture: Capture) -> Path:
    """The capture as a pcapng file, made when it is first asked for."""
    path = capture.path.with_suffix(".pcapng")
    if not path.exists():
        import rawlab

        rawlab.write(path, rawlab.read(capture.path))
    return path


def copiers(folder: Path) -> list[Copier]:
    """All that are measured, ours first in each group."""
    ours = (RAWLAB, "convert", "INPUT", "OUTPUT")
    editcap = ("editcap", "-F", "pcapng", "INPUT", "OUTPUT")
    tcpdump = ("tcpdump", "-r", "INPUT", "-w", "OUTPUT")
    pcap, pcapng = str(folder / "x.pcap"), str(folder / "x.pcapng")
    return [
        Copier("rawlab, pcap to pcap", ours, output=pcap),
        Copier("tcpdump, pcap to pcap", tcpdump, output=pcap),
        Copier("rawlab, pcap to pcapng", ours, output=pcapng),
        Copier("editcap, pcap to pcapng", editcap, output=pcapng),
        Copier("rawlab, pcapng as it is", ours, output=pcapng, pcapng=True),
        Copier("editcap, pcapng as it is", editcap, output=pcapng, pcapng=True),
        Copier("rawlab, pcap to pcapng.zst", ours, output=pcapng + ".zst"),
        Copier("rawlab, pcap to pcapng.gz", ours, output=pcapng + ".gz"),
    ]


def show(console: Console, rounds: int, divisor: int) -> None:
    """Measure, and print a table for each mix of packets."""
    for mix, sizes in MIXES.items():
        with tempfile.TemporaryDirectory(dir=_folder()) as folder:
            there: list[Reader] = [
                c for c in copiers(Path(folder)) if shutil.which(c.words[0]) is not None
            ]
            times = measure(there, mix, rounds, divisor)
        made = table(
            f"Captures copied, {sizes}", "packets", "start ms", "seconds", "packets/s",
            "CPU s/million",
        )  # fmt: skip
        for t in times:
            made.add_row(
                t.reader.title, f"{t.packets:,}", f"{1000 * median(t.start_s):.0f}",
                f"{median(t.wall_s):.3f}", f"{t.rate:,.0f}", f"{t.cpu_per_million_s:.2f}",
            )  # fmt: skip
        console.print(made)


def _folder() -> Path:
    """Where the copies lie: where the captures do."""
    DATA.mkdir(exist_ok=True)
    return DATA
