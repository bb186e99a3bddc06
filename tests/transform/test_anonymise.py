"""Anonymised packets: every declared address a pseudonym, checksums as good or bad as before."""

from __future__ import annotations

import ipaddress
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rawlab
from rawlab.batch import Batch
from rawlab.packet import Packet
from rawlab.schema.address import IPv4Address, IPv6Address, MACAddress
from rawlab.schema.reading import FieldValue, field_values
from rawlab.transform.anonymise import Anonymiser
from rawlab.transform.pseudonyms import Pseudonyms
from samples import captured, mutated
from transform.test_cryptopan import KEY, rows

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap"))
CORPUS = sorted((Path(__file__).parents[3] / "shared" / "corpus").rglob("*.pcap*"))


def values(packet: Packet) -> Iterator[FieldValue]:
    """Every field of every layer, those of nested groups too."""
    waiting = [value for layer in packet.layers for value in field_values(layer)]
    while waiting:
        value = waiting.pop()
        if value.items:
            waiting += value.items
        else:
            yield value


def told(packet: Packet, pseudonyms: Pseudonyms | None) -> list[tuple[str, int, Any]]:
    """The fields of a packet but for checksums; with `pseudonyms`, addresses under those."""
    found = []
    for field, name, value, bit, _, _ in values(packet):
        if field.seal is not None:
            continue
        if isinstance(field, IPv4Address | IPv6Address | MACAddress) and pseudonyms:
            octets = (bytes.fromhex(value.replace(":", "")) if isinstance(value, str)
                      else value.packed)
            (pseudonym,) = pseudonyms.of(rows(octets))
            value = (pseudonym.tobytes().hex(":") if isinstance(value, str)
                     else ipaddress.ip_address(pseudonym.tobytes()))
        found.append((name, bit, repr(value)))
    return found


def statuses(packet: Packet) -> list[tuple[str, int]]:
    return [(sum_.name, sum_.status) for sum_ in packet.checksums]


def check(batch: Batch, changed: Batch) -> None:
    """Holds an anonymised batch against the one it was made of, field by field."""
    pseudonyms = Pseudonyms(KEY)
    assert len(batch) == len(changed)
    for before, after in zip(batch, changed, strict=True):
        assert [type(x) for x in before.layers] == [type(x) for x in after.layers]
        assert told(after, None) == told(before, pseudonyms)
        assert statuses(after) == statuses(before)
        assert (after.time_ns, after.caplen, after.length, after.number) == (
            before.time_ns, before.caplen, before.length, before.number)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_addresses_are_replaced_and_nothing_else(path: Path) -> None:
    anonymiser = Anonymiser(KEY)
    with rawlab.read(path) as capture:
        for batch in capture.batches():
            octets = bytes(batch.octets)
            check(batch, anonymiser.change(batch))
            assert bytes(batch.octets) == octets, "the batch itself is as it was"


@pytest.mark.skipif(not CORPUS, reason="the corpus of captures is missing")
def test_damaged_and_odd_captures() -> None:
    anonymiser = Anonymiser(KEY)
    packets = 0
    for path in CORPUS:
        try:
            capture = rawlab.read(path)
        except OSError:
            continue
        with capture:
            for batch in capture.batches():
                changed = anonymiser.change(batch)
                for before, after in zip(batch, changed, strict=True):
                    assert statuses(after) == statuses(before), (path, before)
                    packets += 1
    assert packets > 1000


def test_a_bad_checksum_stays_bad_by_as_much() -> None:
    with rawlab.read(CAPTURES[0].parent / "tcp.pcap") as capture:
        (batch,) = capture.batches()
    spoilt = bytearray(batch.octets)
    offset = batch.offset[0]
    spoilt[offset + 24] ^= 0x55  # the checksum of IPv4
    spoilt[offset + 50] ^= 0x55  # that of TCP
    broken = Batch(bytes(spoilt), batch.index, batch.count, batch.interfaces)
    sound = Anonymiser(KEY).change(batch)[0]
    packet = Anonymiser(KEY).change(broken)[0]
    for before, good, after in zip(broken[0].checksums, sound.checksums, packet.checksums,
                                   strict=True):
        assert before.computed is not None
        assert after.computed == good.computed
        assert (after.stored - good.stored - (before.stored - before.computed)) % 0xFFFF == 0
        assert after.stored != after.computed


@pytest.mark.parametrize("name", ["tcp", "udp", "dns", "icmp", "icmpv6", "tcp-ipv6", "gre",
                                  "vxlan", "sctp", "ip-in-ip", "ipv4-options", "demo"])
def test_tshark_finds_no_checksum_that_went_bad(name: str, tmp_path: Path) -> None:
    path = CAPTURES[0].parent / f"{name}.pcap"
    out = tmp_path / path.name
    with rawlab.read(path) as capture:
        (batch,) = capture.batches()
    octets = memoryview(Anonymiser(KEY).change(batch).octets)
    head = path.read_bytes()[: batch.record_offset(0)]
    out.write_bytes(head + bytes(octets[batch.record_start(0) : batch.origin.end]))
    assert len(out.read_bytes()) == path.stat().st_size
    assert tshark_statuses(out) == tshark_statuses(path)


def tshark_statuses(path: Path) -> list[str]:
    """What tshark says of the checksums of each packet."""
    options = [f"-o{protocol}.check_checksum:TRUE" for protocol in ("ip", "tcp", "udp")]
    names = [f"{p}.checksum.status" for p in ("ip", "tcp", "udp", "icmp", "icmpv6", "sctp", "igmp")]
    fields = [word for name in names for word in ("-e", name)]
    ran = subprocess.run(["tshark", "-r", path, *options, "-Tfields", *fields],
                         capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=120), min_size=1, max_size=4), st.sampled_from([1, 101, 113]))
def test_any_octets(frames: list[bytes], linktype: int) -> None:
    for frame in frames:
        packet = Packet(frame, linktype=linktype)
        batch = packet._owner
        changed = Anonymiser(KEY).change(batch)
        assert changed.caplen[0] == len(frame)


def test_damaged_packets_keep_their_layers_and_the_state_of_their_checksums() -> None:
    anonymiser = Anonymiser(KEY)
    for octets, linktype in [*captured(), *mutated(5, 1)]:
        for caplen in (len(octets), 2 * len(octets) // 3):
            packet = Packet(octets[:caplen], length=len(octets), linktype=linktype)
            changed = anonymiser.change(packet._owner)[0]
            assert [type(x) for x in changed.layers] == [type(x) for x in packet.layers]
            assert statuses(changed) == statuses(packet), octets.hex()
