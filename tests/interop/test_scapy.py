"""scapy's packets from ours and back, its classes from our headers, its layers as our headers."""

from __future__ import annotations

import ipaddress
import logging
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import rawlab
from cli.running import rawlab as command
from dissectors import UDP, IPv4
from interop.generated import headers
from interop.protocols import Integers, Little, Options, Parts, Varying
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import Header, Registry, field_values
from rawlab.schema.address import IPv6Address
from rawlab.schema.draft import Draft
from rawlab.schema.integer import Number
from rawlab.schema.items import Custom, Nested
from samples import CAPTURES


class Done(NamedTuple):
    """What a command printed."""

    code: int
    out: str
    err: str


def run(*words: str) -> Done:
    """Runs a command to its end."""
    done = command(*words)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


logging.getLogger("scapy").setLevel(logging.ERROR)
pytest.importorskip("scapy.layers.all", reason="needs scapy")

from scapy.contrib import mqtt  # noqa: E402
from scapy.layers.inet import IP, TCP  # noqa: E402
from scapy.layers.inet import UDP as ScapyUDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402
from scapy.packet import Raw  # noqa: E402

from rawlab.interop.scapy_class import scapy_class  # noqa: E402
from rawlab.interop.scapy_grammar import scapy_name  # noqa: E402
from rawlab.interop.scapy_layers import scapy_headers  # noqa: E402

KINDS = (Integers, Little, Parts, Varying, Options, UDP, *(
    default_registry()[name][0] for name in ("arp", "gre", "icmp", "igmp", "mpls", "tcp", "vlan",
                                             "vxlan", "ipv6", "ip")))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_packets_and_back(capture: Path) -> None:
    packets = list(rawlab.read(capture))
    packets = [p for p in packets if bytes(Ether(p.octets)) == p.octets]  # scapy keeps its octets
    assert len(packets) > 3
    theirs = rawlab.to_scapy(packets)
    assert [bytes(one) for one in theirs] == [bytes(one) for one in packets]
    back = rawlab.from_scapy(theirs, linktype=packets[0].linktype)
    assert back == packets
    assert [int(one.time * 10**9) for one in theirs] == [one.time_ns for one in packets]


def test_a_draft_and_one_packet() -> None:
    draft = IPv4(dst="10.0.0.2") / UDP(dstport=53) / b"x"
    assert bytes(rawlab.to_scapy(draft)) == bytes(draft)
    packet = rawlab.from_scapy(Ether() / IP(dst="10.0.0.2") / ScapyUDP(dport=53))
    assert packet.udp.dstport == 53


def test_a_packet_of_no_link_type() -> None:
    with pytest.raises(ValueError, match="linktype="):
        rawlab.from_scapy(ScapyUDP())
    with pytest.raises(TypeError, match="scapy's packets"):
        rawlab.from_scapy([b"octets"])


def number(value: Any) -> int | None:
    return None if value is None else int(value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_class_reads_as_rawlab_does(kind: type[Header]) -> None:
    made = scapy_class(kind)
    name = kind._declaration.name
    registry = Registry([kind])
    registry.decode_as(f"linktype==147,{name}")
    for header, payload in headers(kind, 40):
        octets = bytes(Draft((header,), payload))
        ours = Packet(octets, linktype=147, registry=registry)
        if ours.faults:
            continue
        theirs = made(octets)
        for value in field_values(ours[kind]):
            field = value.field
            if field.over is not None or isinstance(field, Nested | Custom):
                continue
            got = theirs.getfieldval(scapy_name(field))
            if isinstance(value.value, int) or (
                    isinstance(field, Number) and not isinstance(got, str)):
                assert number(got) == int(value.value) // field.scale, (field, octets.hex())
            elif isinstance(got, bytes) and isinstance(value.value, str):
                assert got.decode("utf-8", "backslashreplace") == value.value, field
            elif isinstance(field, IPv6Address):
                assert ipaddress.IPv6Address(got) == value.value
            else:
                assert got == value.value or str(got) == str(value.value), (field, octets.hex())
        assert bytes(theirs) == octets


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_class_builds_as_rawlab_does(kind: type[Header]) -> None:
    made = scapy_class(kind)
    for header, payload in headers(kind, 40, seed=3):
        octets = bytes(Draft((header,), payload))
        packet = made(octets)
        if bytes(packet.payload) and len(packet.layers()) > 2:
            continue
        fields = {name: value for name, value in packet.fields.items()
                  if not isinstance(value, list)}
        if len(fields) != len(packet.fields) and any(
                isinstance(value, list) and value for value in packet.fields.values()):
            continue
        again = made(**fields) / Raw(bytes(packet.payload)) if bytes(packet.payload) else (
            made(**fields))
        assert bytes(again) == octets


def test_lengths_and_checksums_are_computed() -> None:
    made = scapy_class(UDP)
    ours = IP(src="10.0.0.1", dst="10.0.0.2") / made(srcport=7, dstport=53) / b"hello"
    theirs = IP(src="10.0.0.1", dst="10.0.0.2") / ScapyUDP(sport=7, dport=53) / b"hello"
    assert bytes(ours) == bytes(theirs)
    six = default_registry()["tcp"][0]
    tcp = IP(src="10.0.0.1", dst="10.0.0.2") / scapy_class(six)(dstport=80, flags="syn") / b"x"
    assert bytes(tcp) == bytes(IP(src="10.0.0.1", dst="10.0.0.2") / TCP(
        sport=0, dport=80, flags="S", window=65535) / b"x")


def test_a_class_is_found_where_its_header_follows() -> None:
    made = scapy_class(Integers)
    inner = bytes(headers(Integers, 1)[0][0])
    octets = bytes(Ether() / IP() / ScapyUDP(sport=1, dport=40001) / inner)
    assert made in Ether(octets)
    assert (IP() / ScapyUDP() / made(
        **{f.name: 1 for f in made.fields_desc}))[ScapyUDP].dport == 40001


def test_items_are_packets() -> None:
    from dissectors.tcp_options import MaximumSegmentSize

    tcp = default_registry()["tcp"][0]
    octets = bytes(tcp(dstport=5, options=[MaximumSegmentSize(mss_val=1460)]))
    packet = scapy_class(tcp)(octets)
    assert packet.options[0].mss_val == 1460
    again = scapy_class(tcp)(dstport=5, options=[type(packet.options[0])(
        option_kind=2, mss_val=1460)])
    assert bytes(again)[20:] == octets[20:]


def mqtt_capture(folder: Path) -> Path:
    """A client that connects, publishes and subscribes."""
    below = Ether() / IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=40000, dport=1883)
    made = [
        below / mqtt.MQTT() / mqtt.MQTTConnect(clientId=b"abc", klive=60, cleansess=1),
        below / mqtt.MQTT(QOS=1) / mqtt.MQTTPublish(topic=b"t/x", msgid=7, value=b"hello"),
        below / mqtt.MQTT() / mqtt.MQTTDisconnect(),
    ]
    path = folder / "mqtt.pcap"
    rawlab.write(path, rawlab.from_scapy([Ether(bytes(one)) for one in made]))
    return path


def test_a_layer_of_scapys_reads(tmp_path: Path) -> None:
    capture = mqtt_capture(tmp_path)
    done = run("read", "-r", str(capture), "--protocol", "scapy:contrib.mqtt", "-v")
    assert done.code == 0
    for line in ("mqtt.type: 1 (CONNECT)", "mqttconnect.klive: 60", "mqttconnect.clientId: 616263",
                 "topic=b't/x'", "mqtt.type: 14 (DISCONNECT)"):
        assert line in done.out
    assert "fault" not in done.out


def test_filters_over_fields_of_scapys(tmp_path: Path) -> None:
    capture = mqtt_capture(tmp_path)
    done = run("read", "-r", str(capture), "--protocol", "scapy:contrib.mqtt", "-T", "fields",
               "-e", "mqtt.type", "-Y", "mqtt.type >= 3 or mqttconnect.klive == 60")
    assert done.out.split() == ["1", "3", "14"]


@pytest.mark.parametrize(("name", "told"), [
    ("scapy:contrib.nothing", "scapy has no module scapy.contrib.nothing"),
    ("scapy:error", "declares no layers"),
])
def test_a_module_that_is_none(name: str, told: str) -> None:
    done = run("protocols", "--protocol", name)
    assert done.code == 1
    assert told in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("module", ["layers.ntp", "layers.inet", "layers.dhcp", "layers.l2",
                                    "contrib.coap", "layers.vxlan", "layers.rip", "layers.tftp"])
def test_hostile_octets_are_faults(module: str) -> None:
    from random import Random

    chance = Random(5)
    found = scapy_headers(module)
    assert found
    for kind in dict.fromkeys(found):
        registry = Registry([kind])
        registry.decode_as(f"linktype==147,{kind._declaration.name}")
        for size in (0, 1, 3, 8, 20, 60, 200):
            packet = Packet(chance.randbytes(size), linktype=147, registry=registry)
            assert all(str(fault) for fault in packet.faults)
            for layer in packet.layers:
                field_values(layer)


def test_fields_of_scapys_read_as_scapy_reads() -> None:
    ntp = next(h for h in scapy_headers("layers.dhcp") if h.__name__ == "BOOTP")
    from scapy.layers.dhcp import BOOTP

    octets = bytes(BOOTP(ciaddr="1.2.3.4", xid=77, chaddr=b"abcdef"))
    registry = Registry([ntp])
    registry.decode_as("linktype==147,bootp")
    layer = Packet(octets, linktype=147, registry=registry)["bootp"]
    assert (layer.xid, str(layer.ciaddr), layer.chaddr[:6]) == (77, "1.2.3.4", b"abcdef")
