"""`where` on files, batches and what it gives itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rawlab
from samples import batch_of, captured, mutated, noise

QUERIES = "dns.flags.response == 0 and udp"


def numbers(packets: object) -> list[int]:
    return [packet.number for packet in packets]  # type: ignore[attr-defined]


def test_packets_of_a_file(captures: Path) -> None:
    everything = list(rawlab.read(captures / "dns.pcap"))
    wanted = [p.number for p in everything if "udp" in p and "dns" in p
              and not p.dns.flags.response]
    assert 3 <= len(wanted) < len(everything)
    found = rawlab.read(captures / "dns.pcap").where(QUERIES)
    assert numbers(found) == wanted
    assert "where" in dir(found)
    with rawlab.read(captures / "dns.pcap") as file:
        batches = list(file.where(QUERIES).batches())
    assert [batch.number(i) for batch in batches for i in range(len(batch))] == wanted


def test_a_second_where(captures: Path) -> None:
    both = rawlab.read(captures / "dns.pcap").where("udp").where("dns.flags.response == 0")
    once = rawlab.read(captures / "dns.pcap").where(QUERIES)
    assert numbers(both) == numbers(once)


def test_columns_of_what_matches(captures: Path) -> None:
    found = rawlab.read(captures / "dns.pcap").where("dns.a")
    columns = found.columns("frame.number", "udp.srcport")
    assert np.array_equal(columns["frame.number"], [4, 8, 30])
    assert list(columns["udp.srcport"].mask) == [False, False, True]
    pieces = rawlab.read(captures / "dns.pcap").where("dns.a").column_batches("frame.number")
    assert [list(piece["frame.number"]) for piece in pieces] == [[4, 8, 30]]


def test_a_batch() -> None:
    batch = batch_of(list(captured()))
    found = batch.where("tcp")
    assert 0 < len(found) < len(batch)
    assert numbers(found) == [p.number for p in batch if "tcp" in p]
    assert len(found.where("udp and not icmp and not icmpv6")) == 0


def test_a_compiled_filter_can_be_given(captures: Path) -> None:
    wanted = rawlab.compile_filter("arp")
    for name in ("arp.pcap", "dns.pcap"):
        found = list(rawlab.read(captures / name).where(wanted))
        assert found
        assert all("arp" in packet for packet in found)


def test_times_begin_anew_with_each_reading(captures: Path) -> None:
    wanted = rawlab.compile_filter("frame.time_relative == 0")
    for name in ("arp.pcap", "dns.pcap", "tcp.pcap"):
        assert 1 in numbers(rawlab.read(captures / name).where(wanted))


def test_a_wrong_filter_says_so_at_once(captures: Path) -> None:
    with pytest.raises(rawlab.FilterError, match=r"column 1: .*tcp\.port"):
        rawlab.read(captures / "dns.pcap").where("tcp.prot == 80")


def test_hostile_packets_never_raise() -> None:
    texts = (Path(__file__).parent.parent / "oracles" / "filters.txt").read_text().splitlines()
    batch = batch_of([*mutated(7, 1), *noise(8, 12)])
    matched = 0
    for text in texts:
        if text and not text.startswith("#"):
            matched += len(batch.where(text))
    assert matched > 10_000
