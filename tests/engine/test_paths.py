"""What was decoded before a packet changes nothing of it: every look of the walk is noted."""

from __future__ import annotations

import struct

from rawlab.checksums import Status
from rawlab.engine import numbers as n
from rawlab.engine.checksum import internet_sum
from rawlab.engine.view import flags_of
from rawlab.plugins import default_registry
from rawlab.schema import U8, Header, Registry, header_name, on
from samples import batch_of, captured, mutated

IPV4 = 228


def packet(more: bool) -> bytes:
    """IPv4 with a TCP header and 40 octets; `more` makes it the first fragment of a longer one."""
    segment = struct.pack(">HHIIBBHHH", 5, 6, 1, 2, 0x50, 0x10, 100, 0, 0) + b"x" * 40
    fields = (0x45, 0, 20 + len(segment), 7, 0x2000 if more else 0, 64, 6)
    addresses = bytes((10, 0, 0, 1, 10, 0, 0, 2))
    header = struct.pack(">BBHHHBB", *fields) + b"\0\0" + addresses
    sealed = 0xFFFF - internet_sum(header, 0, 20)
    header = header[:10] + sealed.to_bytes(2) + header[12:]
    pseudo = addresses + struct.pack(">HH", 6, len(segment)) + segment
    checksum = (0xFFFF - internet_sum(pseudo, 0, len(pseudo))) ^ (0x1234 if more else 0)
    return header + segment[:16] + checksum.to_bytes(2) + segment[18:]


def test_a_first_fragment_stays_a_part_after_whole_packets() -> None:
    for octets in ([packet(True)], [packet(False), packet(True)], [packet(True), packet(False)]):
        batch = batch_of([(one, IPV4) for one in octets])
        for one, found in zip(octets, batch, strict=True):
            first = one == packet(True)
            assert bool(flags_of(found.tcp) & n.PART) == first
            status = found.checksums[1].status
            assert status is (Status.UNVERIFIED if first else Status.GOOD)


class Low(Header, name="low", follows=on("udp.port", 1000, 3000)):
    """Two ports, one on either side of the other's."""

    value: U8 = U8()


class Middle(Header, name="middle", follows=on("udp.port", 2000)):
    """A port between the two."""

    value: U8 = U8()


def test_of_two_known_ports_the_lower_wins_each_time() -> None:
    registry = default_registry().extended(Low, Middle)
    octets = [struct.pack(">HHHHB", port, 2000, 9, 0, 7) for port in (1000, 3000, 1000)]
    headed = [struct.pack(">BBHHHBBHII", 0x45, 0, 29, 1, 0, 64, 17, 0, 1, 2) + one
              for one in octets]
    batch = batch_of([(one, IPV4) for one in headed], registry)
    names = [header_name(type(found.layers[-1])) for found in batch]
    assert names == ["low", "middle", "low"]


def rows(octets: bytes, linktype: int, registry: Registry) -> list[tuple[int, ...]]:
    """The layers of a packet as the walk or a known path gives them, flags included."""
    found = batch_of([(octets, linktype)], registry)._layers().layers
    return [found.row(0, layer) for layer in range(found.count(0))]


def test_known_paths_give_what_the_walk_gives() -> None:
    packets = [*captured(), *mutated(11, 2)]
    warm = Registry(default_registry())
    for octets, linktype in reversed(packets):
        rows(octets, linktype, warm)
    for octets, linktype in packets[:: max(1, len(packets) // 150)]:
        fresh = Registry(default_registry())
        assert rows(octets, linktype, warm) == rows(octets, linktype, fresh)
