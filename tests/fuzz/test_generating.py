"""Cases that are generated: what they try, and that a seed and a number make them again."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from itertools import islice

import pytest

from dissectors import DNS, TCP, UDP, Ethernet, IPv4
from dissectors.tcp_options import MaximumSegmentSize, NoOperation
from rawlab import fuzz
from rawlab.fuzz import Fuzzer, damage
from rawlab.fuzz.chance import Chance
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import (
    I8,
    U8,
    U16,
    Enum,
    Group,
    Header,
    Items,
    Named,
    Octets,
    Text,
    header,
    internet_checksum,
    length_of,
    payload,
)


class Kind(Named):
    """What a message is."""

    ASK = 1
    TELL = 5


class Part(Group, name="sample.part"):
    """A part."""

    kind: U8 = U8()
    size: U8 = U8(compute=length_of(header))
    body: Octets = Octets(default=b"")


class Sample(Header, name="sample"):
    """A protocol that somebody invented this morning."""

    kind: Enum[Kind] = Enum(Kind, bits=8, default=Kind.ASK)
    level: I8 = I8(default=0)
    port: U16 = U16(default=7, minimum=5, maximum=1000, names={7: "echo"})
    length: U16 = U16(compute=length_of(header, payload))
    checksum: U16 = U16(seal=internet_checksum())
    name: Text = Text(until=b"\0", default="x")
    count: U8 = U8()
    parts: Items[Part] = Items(Part, count=count)


SAMPLE = Sample(name="abc", parts=[Part(kind=1, body=b"12"), Part(kind=2)]) / b"rest"


def first(count: int, **more: object) -> list[fuzz.Case]:
    return list(fuzz.packets(SAMPLE, count=count, **more))  # type: ignore[arg-type]


def test_values_at_and_around_bounds() -> None:
    tried: dict[str, set[int]] = {}
    for _, field, value in Fuzzer(SAMPLE).sweep:
        tried.setdefault(field.attribute, set()).add(value)
    assert {0, 1, 4, 5, 6, 7, 8, 999, 1000, 1001, 65534, 65535} <= tried["port"]
    assert {-128, -127, -1, 0, 1, 126, 127} - {-1} <= tried["level"]
    assert {0, 1, 5, 6, 254, 255} <= tried["kind"]
    assert {0, 1, 255, 256, 65535} <= tried["length"]
    assert {1 << power for power in range(16)} <= tried["checksum"]


def test_what_was_done_is_told_and_true() -> None:
    for number, what, packet in first(60):
        _, field, value = Fuzzer(SAMPLE).sweep[number - 1]
        assert what.startswith(f"{field.name} = ")
        assert bytes(packet) != bytes(SAMPLE) or "(" in what or value == 0 or value == 7


def test_the_same_seed_makes_the_same_packets() -> None:
    def made(seed: int) -> list[tuple[int, str, bytes]]:
        cases = Fuzzer(Sample, seed=seed).cases(200, first=300)
        return [(case.number, case.what, case.octets) for case in cases]

    assert made(1) == made(1)
    assert made(1) != made(2)
    number, what, octets = made(3)[77]
    again = fuzz.case(Sample, seed=3, number=number)
    assert (again.number, again.what, again.octets) == (number, what, octets)


DIGEST = "d18bdc50cd438df2"


def digest() -> str:
    """Of what two subjects give for a seed."""
    told = hashlib.sha256()
    for subject in (SAMPLE, Sample):
        for case in islice(Fuzzer(subject, seed=42).cases(first=1), 0, 600):
            told.update(f"{case.number} {case.what} {case.octets.hex()}\n".encode())
    return told.hexdigest()[:16]


def test_packets_are_the_same_everywhere() -> None:
    """The same under every version of Python and on every machine; changed only on purpose."""
    assert digest() == DIGEST


def test_hash_seeds_do_not_matter() -> None:
    told = [subprocess.run(
        [sys.executable, "-c", "from dissectors import DNS; from rawlab.fuzz import Fuzzer; "
         "print([(c.what, c.octets) for c in Fuzzer(DNS).cases(40, 2000)])"],
        env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}, capture_output=True, check=True,
    ).stdout for seed in ("1", "2")]
    assert told[0] == told[1] != b""


def test_chance_is_what_it_was() -> None:
    chance = Chance(1, 2)
    assert [chance.integer(0, 9) for _ in range(8)] == [0, 2, 8, 6, 4, 6, 8, 0]
    assert max(chance.integer(0, 1 << 100) for _ in range(99)) > 1 << 99
    assert {len(chance.octets(1, 3)) for _ in range(50)} == {1, 2, 3}


@pytest.mark.parametrize(("way", "words"), [
    (damage.lie, "not "),
    (damage.items, "sample.parts: "),
    (damage.undelimited, "without its delimiter"),
    (damage.overlong, "octets"),
    (damage.cut, "cut after"),
    (damage.noise, "random octets"),
    (damage.flips, "flipped"),
    (damage.layers, "sample"),
])
def test_ways_of_damage(way: object, words: str) -> None:
    done = 0
    for number in range(60):
        damaged = way(SAMPLE, Chance(1, number), lambda table: frozenset())  # type: ignore[operator]
        if damaged is None:
            continue
        try:
            octets = bytes(damaged.packet)
        except (ValueError, TypeError):
            continue
        assert words in damaged.what
        done += octets != bytes(SAMPLE)
    assert done > 20


def test_lies_keep_everything_else_right() -> None:
    stack = Ethernet() / IPv4(dst="10.0.0.1", src="10.0.0.2") / UDP(dstport=9) / b"hello"
    seen = set()
    for number in range(200):
        done = damage.lie(stack, Chance(1, number), lambda table: frozenset())
        assert done is not None
        seen.add(done.what.split(" = ")[0])
        assert len(bytes(done.packet)) == len(bytes(stack))
    assert seen == {"layer 2: ip.hdr_len", "layer 2: ip.len", "layer 2: ip.checksum",
                    "layer 3: udp.length", "layer 3: udp.checksum", "layer 1: eth.len"} or (
        seen >= {"layer 2: ip.len", "layer 2: ip.checksum", "layer 3: udp.length"})


def test_wrong_numbers_of_what_follows() -> None:
    claimed = Fuzzer(UDP, registry=default_registry())._stacker.claimed  # type: ignore[union-attr]
    stack = IPv4(dst="10.0.0.1") / UDP(dstport=9)
    protocols = set()
    for number in range(200):
        done = damage.reroute(stack, Chance(1, number), claimed)
        assert done is not None
        protocols.add(done.what.split(" = ")[-1])
    assert {"6 (TCP)", "50 (ESP)"} <= protocols


def test_options_are_dropped_doubled_and_reordered() -> None:
    stack = IPv4(dst="10.0.0.1") / TCP(dstport=9, options=[
        MaximumSegmentSize(mss_val=1), NoOperation()])
    ways = set()
    for number in range(200):
        done = damage.items(stack, Chance(1, number), lambda table: frozenset())
        assert done is not None
        ways.add(done.what.removeprefix("tcp.options: ").split(" ")[-1 if "item" in done.what
                                                                   else 0])
    assert {"dropped", "doubled", "times", "reversed", "moved", "none"} <= ways


def test_captured_packets_are_changed() -> None:
    packet = Packet(bytes(Ethernet() / IPv4(dst="10.0.0.1") / UDP(dstport=53) / DNS(id=7)))
    cases = list(fuzz.packets(packet, count=40)) + list(Fuzzer(packet).cases(200, 3000))
    assert len({case.octets for case in cases}) > 100
    for case in cases:
        Packet(case.octets).faults  # noqa: B018  # whatever it is, it is read
    with pytest.raises(ValueError, match="numbered from 1"):
        fuzz.case(packet, seed=1, number=0)
