"""A line for each packet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.files import open_capture
from rawlab.packet import Packet
from rawlab.text.hexdump import DumpForm
from rawlab.text.jsonl import as_json
from rawlab.text.line import LineForm, LinePrinter
from rawlab.text.paint import Paint
from rawlab.text.times import Clock, TimeForm
from rawlab.text.tree import TreePrinter
from text.inventing import LINK, WHOLE, packet

MACS = "02:00:00:00:01:01 > 02:00:00:00:01:02"
ENDS = "192.0.2.1:53 > 192.0.2.2:4096"

CASES = [
    ("whole", packet(), f"{ENDS} TEST [hot,cold] five a\\x1b[2J 3, 0, 37 octets"),
    ("captured in part", packet(length=99),
     f"{ENDS} TEST [hot,cold] five a\\x1b[2J 3, 0, 37 of 99 octets"),
    ("cut header", packet(LINK + WHOLE[:8]),
     "192.0.2.1:? > ?:? TEST [hot,cold] five, 22 octets"
     " [TRUNCATED test.dst at octet 14: want 15, got 8]"),
    ("link only", packet(LINK[:12] + b"\x77\x77"), f"{MACS} ETH, 14 octets"),
    ("cut link", packet(LINK[:10]),
     "? > 02:00:00:00:01:02 ETH, 10 octets [TRUNCATED eth.src at octet 0: want 14, got 10]"),
]  # fmt: skip


@pytest.mark.parametrize(("arrived", "want"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_lines(arrived: Packet, want: str) -> None:
    printer = LinePrinter(Clock(TimeForm.NONE), Paint())
    assert printer.line(arrived) == want


def test_link_header_number_interface_and_time() -> None:
    printer = LinePrinter(
        Clock(TimeForm.EPOCH), Paint(), LineForm(link_header=True, number=True)
    )
    line = printer.line(packet(), name_interface=True)
    assert line.startswith(f"3  1277840495.135052 eth7 {MACS} ETH, {ENDS} TEST ")


def test_link_header_with_its_tags(captures: Path) -> None:
    printer = LinePrinter(Clock(TimeForm.NONE), Paint(), LineForm(link_header=True))
    with open_capture(captures / "vlan.pcap") as capture:
        lines = [printer.line(found) for found in capture]
    everyone = "02:00:00:00:01:01 > ff:ff:ff:ff:ff:ff ETH, "
    assert lines[0].startswith(f"{everyone}VLAN 7 priority 0, ARP request for 10.0.7.2 from ")
    assert lines[1].startswith(f"{MACS} ETH, VLAN 7 priority 3, 10.0.1.1:4000 > 10.0.1.2:9 UDP ")


def test_unknown_link_type() -> None:
    arrived = Packet(b"what is this", linktype=65000)
    assert LinePrinter(Clock(TimeForm.NONE), Paint()).line(arrived) == "undecoded, 12 octets"


def test_what_an_error_quotes_is_told_apart(captures: Path) -> None:
    with open_capture(captures / "icmp.pcap") as capture:
        lines = [LinePrinter(Clock(TimeForm.NONE), Paint()).line(found) for found in capture]
    [unreachable] = [line for line in lines if "unreachable" in line]
    assert unreachable.startswith("10.0.1.2 > 10.0.1.1 ICMP ")
    assert " about 10.0.1.1:" in unreachable


TUNNELS = [
    ("gre.pcap", 0, "172.16.0.1:4000 > 172.16.0.2:9 UDP length 24"
     " in 10.0.1.1 > 10.0.1.2 GRE proto IPv4, 82 octets"),
    ("gre.pcap", -2, "ARP request for 172.16.0.2 from 172.16.0.1 at 02:00:00:00:01:01"
     " in 10.0.1.1 > 10.0.1.2 GRE proto Ethernet key 0x0000002a, 102 octets"),
    ("gre.pcap", 3, "ICMP destination unreachable code 2 about 172.16.0.1:4000 > "),
    ("ip-in-ip.pcap", 0, " in 10.0.1.1 > 10.0.1.2 IP proto"),
    ("vxlan.pcap", 4, ":4789 VXLAN vni 77, 92 octets"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "number", "told"), TUNNELS)
def test_what_carries_a_packet_is_told(
    captures: Path, name: str, number: int, told: str
) -> None:
    with open_capture(captures / name) as capture:
        lines = [LinePrinter(Clock(TimeForm.NONE), Paint()).line(found) for found in capture]
    assert told in lines[number]


def test_colours_only_where_wanted() -> None:
    plain, coloured = (
        LinePrinter(Clock(TimeForm.NONE), Paint(on)).line(packet(LINK + WHOLE[:8]))
        for on in (False, True)
    )
    assert "\x1b" not in plain
    assert "\x1b[1mTEST\x1b[0m" in coloured
    assert "\x1b[31m [TRUNCATED" in coloured


@given(st.binary(max_size=200), st.sampled_from([1, 101, 113, 228, 229, 276]))
def test_no_octets_steer_the_terminal_or_raise(octets: bytes, linktype: int) -> None:
    arrived = Packet(octets, linktype=linktype)
    line = LinePrinter(Clock(), Paint()).line(arrived)
    tree = list(TreePrinter(Clock(), Paint(), DumpForm(characters=True)).tree(arrived))
    assert all(text.isprintable() for text in (line, *tree))
    assert json.dumps(as_json(arrived)).isprintable()
