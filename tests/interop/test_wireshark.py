"""A Lua dissector shows what rawlab reads, field by field: tshark is run on both."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest

from dissectors import UDP, Ethernet, IPv4
from interop.generated import headers, packets
from interop.protocols import ALL, Counted, Integers, Little, Options, Pair, Parts, Varying
from interop.wireshark import differences, dissected, need_tshark
from rawlab.files import read
from rawlab.interop.wireshark import lua_of
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import Header, Registry, on
from rawlab.schema.draft import Draft
from samples import CAPTURES, changed

OWN = Registry(ALL)
LINKTYPES: dict[type[Header], int] = {
    Integers: 147, Little: 148, Parts: 149, Varying: 150, Options: 151}
BUILT_IN = ("arp", "dns", "geneve", "gtp", "icmp", "igmp", "ip", "ipv6", "mpls", "sctp", "tcp",
            "udp", "vlan", "vxlan")


@pytest.mark.parametrize("kind", LINKTYPES, ids=lambda kind: kind.__name__)
def test_generated_packets(kind: type[Header], tmp_path: Path) -> None:
    made = packets(kind, OWN, LINKTYPES[kind], 60)
    assert any(packet.layers for packet in made)
    assert differences(made, ALL, tmp_path) == []


@pytest.mark.parametrize("kind", LINKTYPES, ids=lambda kind: kind.__name__)
def test_packets_cut_off(kind: type[Header], tmp_path: Path) -> None:
    whole = packets(kind, OWN, LINKTYPES[kind], 30, seed=2)
    made = [Packet(p.octets[: p.caplen * i // 30], linktype=p.linktype, registry=OWN, number=i + 1)
            for i, p in enumerate(whole)]
    found = dissected(made, ALL, tmp_path)
    for packet, shown in zip(made, found, strict=True):
        if packet.faults:
            assert any(name == "fault" for name, _ in shown), packet


def test_what_follows_by_a_number_and_by_its_looks(tmp_path: Path) -> None:
    made = []
    chance = Random(1)
    for i in range(20):
        header = Counted(pairs=[Pair(left=chance.randrange(256), right=chance.randrange(65536))
                                for _ in range(chance.randrange(4))])
        payload = chance.randbytes(chance.randrange(5))
        if i % 2:
            draft = Options(next=7) / header / payload
            made.append(Packet(bytes(draft), linktype=151, registry=OWN, number=i + 1))
        else:
            draft = Ethernet() / IPv4(dst="10.0.0.2") / UDP(srcport=40005, dstport=40006) / header
            registry = default_registry().extended(*ALL)
            made.append(Packet(bytes(draft / payload), registry=registry, number=i + 1))
    for packet in made:
        assert "rl_list" in packet
    found = dissected(made, ALL, tmp_path)
    for packet, shown in zip(made, found, strict=True):
        lists = [text for name, text in shown if name == "rl_list.count"]
        assert lists == [str(packet["rl_list"].count)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_generated_packets_of_built_in_protocols(name: str, tmp_path: Path) -> None:
    kind = default_registry()[name][0]
    registry = Registry([kind])
    registry.decode_as(f"linktype==147,{name}")
    made = packets(kind, registry, 147, 40)
    script = lua_of([kind]) + (
        f'follow({{table = "linktype", values = {{147}}}}, P["{name}"])\n')
    assert differences(made, [kind], tmp_path, script) == []


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_captures(capture: Path, tmp_path: Path) -> None:
    every = [*default_registry()]
    assert differences([p for p in read(capture) if not partial(p)], every, tmp_path) == []


def partial(packet: Packet) -> bool:
    """A fragment: rawlab knows that what it carries is not all here."""
    return "ipv6.fraghdr" in packet or any(
        layer.flags.mf for layer in packet.layers if isinstance(layer, IPv4))


def test_hostile_octets_do_no_harm(tmp_path: Path) -> None:
    chance = Random(3)
    made = []
    for capture in CAPTURES[:8]:
        made += [Packet(changed(p.octets, chance), linktype=p.linktype, number=len(made) + i + 1)
                 for i, p in enumerate(read(capture))]
    assert len(dissected(made, [*default_registry()], tmp_path)) == len(made)


def test_names_that_wireshark_has_are_prefixed(tmp_path: Path) -> None:
    need_tshark()
    script = tmp_path / "udp.lua"
    script.write_text(lua_of([UDP]))
    capture = next(path for path in CAPTURES if path.stem == "udp")
    done = subprocess.run(
        ["tshark", "-r", capture, "-X", f"lua_script:{script}", "-T", "fields",
         "-e", "rawlab_udp.srcport"], capture_output=True, text=True, timeout=120, check=True)
    ours = [str(p["udp"].srcport) if "udp" in p else "" for p in read(capture)]
    assert done.stdout.split("\n")[: len(ours)] == ours


def test_own_names_are_kept(tmp_path: Path) -> None:
    need_tshark()
    script = tmp_path / "own.lua"
    script.write_text(lua_of([Integers]))
    packet = packets(Integers, OWN, 147, 1)[0]
    import rawlab

    rawlab.write(tmp_path / "one.pcap", [packet])
    done = subprocess.run(
        ["tshark", "-r", tmp_path / "one.pcap", "-X", f"lua_script:{script}", "-Y",
         f"rl_integers.word == {packet['rl_integers'].word}", "-T", "fields",
         "-e", "rl_integers.times"], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == str(packet["rl_integers"].times)


def test_an_unknown_table_is_passed_over(tmp_path: Path) -> None:
    class Lonely(Header, name="rl_lonely", follows=on("nobody.opens.it", 3)):
        """It follows on nothing."""

        one = Integers.byte.__class__()

    made = packets(Integers, OWN, 147, 1)
    assert len(dissected(made, [Lonely], tmp_path)) == 1


def test_draft_is_what_is_generated() -> None:
    header, payload = headers(Parts, 1)[0]
    assert bytes(Draft((header,), payload)) == bytes(header) + payload
