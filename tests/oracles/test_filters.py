"""Which packets match: rawlab's display filters against tshark's, many filters in one run.

tshark reads a file once, with a listener for every filter; the filters stand in filters.txt.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pcapng import Record, record, write
from tshark import TSHARK, needs_tshark

from rawlab.files import NotACapture, read
from rawlab.filter import compile_filter
from rawlab.packet import Packet
from samples import CAPTURES, corpus_files

pytestmark = needs_tshark

HERE = Path(__file__).resolve().parent
FILTERS = tuple(dict.fromkeys(
    line for line in (HERE / "filters.txt").read_text().splitlines()
    if line and not line.startswith("#")))
REACHING = {"ip[20]"}
"""Slices that begin behind the header: there tshark finds nothing."""
MOST = 150
"""Packets of each file at the most."""

LISTENERS = """
for i, text in ipairs(filters) do
  local tap = Listener.new("frame", text)
  function tap.packet(info) io.write(i, " ", info.number, "\\n") end
end
"""


class Difference(NamedTuple):
    """A kind of difference: why it is, and whether a packet on which a filter differs is one."""

    reason: str
    covers: Callable[[Packet, str], bool]


def is_first_fragment(packet: Packet) -> bool:
    fragment = packet.get("ipv6.fraghdr")
    return fragment is not None and fragment.more == 1


DIFFERENCES = [
    Difference(
        "rawlab decodes what a first IPv6 fragment holds; tshark leaves it to reassembly",
        lambda packet, text: is_first_fragment(packet),
    ),
    Difference(
        "tshark gives old PIM and DVMRP in IGMP names of their own",
        lambda packet, text: "igmp" in text and "igmp" in packet,
    ),
    Difference(
        "tshark names what follows a reset's flags as its cause, no payload",
        lambda packet, text: "tcp.payload" in text and bool(packet.tcp.flags.reset),
    ),
    Difference(
        "rawlab finds a name that does not end wrong and gives it no value; tshark says so in it",
        lambda packet, text: "dns." in text and any(f.layer == "dns" for f in packet.faults),
    ),
]


def by_tshark(file: Path, filters: Iterable[str]) -> list[set[int]]:
    """The numbers of the packets that match each filter."""
    texts = list(filters)
    script = file.with_suffix(".lua")
    listed = ",\n".join(f"[===[{text}]===]" for text in texts)
    script.write_text(f"local filters = {{\n{listed}\n}}\n{LISTENERS}")
    command = [*TSHARK, "-q", "-X", f"lua_script:{script}", "-r", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "lua" not in done.stderr.lower(), done.stderr
    found: list[set[int]] = [set() for _ in texts]
    for line in done.stdout.splitlines():
        number, packet = line.split()
        found[int(number) - 1].add(int(packet))
    return found


def captures_of(files: Iterable[Path], most: int = MOST) -> list[Record]:
    records: list[Record] = []
    for file in files:
        try:
            with read(file) as packets:
                records += map(record, islice(packets, most))
        except NotACapture:
            continue
    return records


def compare(records: list[Record], file: Path, allowed: list[Difference]) -> int:
    """Hold all filters to tshark over the records; returns how many matches both found."""
    write(file, records)
    packets = {packet.number: packet for packet in read(file)}
    wrong, agreed = [], 0
    for text, theirs in zip(FILTERS, by_tshark(file, FILTERS), strict=True):
        ours = {packet.number for packet in read(file).where(text)}
        wanted = compile_filter(text)
        assert ours == {number for number, packet in packets.items() if wanted.matches(packet)}
        agreed += len(ours & theirs)
        if text in REACHING:
            assert ours >= theirs
            continue
        for number in ours ^ theirs:
            packet = packets[number]
            if not any(difference.covers(packet, text) for difference in allowed):
                wrong.append((text, "ours" if number in ours else "tshark's", packet))
    assert not wrong, "\n".join(map(str, wrong[:40]))
    return agreed


def test_there_are_many_filters() -> None:
    assert len(FILTERS) > 300


def test_captures_agree(tmp_path: Path) -> None:
    assert compare(captures_of(CAPTURES), tmp_path / "captures.pcapng", []) > 10_000


def test_the_corpus_agrees(tmp_path: Path) -> None:
    records = captures_of(corpus_files())
    assert compare(records, tmp_path / "corpus.pcapng", DIFFERENCES) > 50_000


def test_every_filter_matches_something_and_not_everything(tmp_path: Path) -> None:
    records = captures_of([*CAPTURES, *corpus_files()])
    file = tmp_path / "all.pcapng"
    write(file, records)
    packets = list(read(file))
    idle = []
    for text in FILTERS:
        wanted = compile_filter(text)
        found = sum(map(wanted.matches, packets))
        if found == 0:
            idle.append(text)
    assert len(idle) < len(FILTERS) // 15, idle
