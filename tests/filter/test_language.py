"""What display filters say: a table of filters over three packets, and of mistakes."""

from __future__ import annotations

import pytest

from dissectors import UDP
from rawlab.filter import Filter, FilterError, compile_filter
from rawlab.filter import tree as t
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import U8, U16, Header, Octets, Text, on

DNS = Packet(bytes.fromhex(
    "021a4b000001021a4b0000020800"
    "4500003900010000401100000a0000010a000035"
    "c0010035002500001234010000010000000000000377777707"
    "6578616d706c65036f72670000010001"),
    number=3, time_ns=1_500_000_000_250_000_000)
"""A query for www.example.org."""
TCP = Packet(bytes.fromhex(
    "ffffffffffff021a4b0000020800"
    "450000300001000005060000c0a8010101010101"
    "c35000500000000100000000501800000000000047455420"
    "2f414141"), number=4)
"""A segment that carries "GET /AAA"."""
ARP = Packet(bytes.fromhex(
    "ffffffffffff021a4b0000020806"
    "0001080006040001021a4b0000020a0000010000000000000a000035"), number=5)
PACKETS = {"D": DNS, "T": TCP, "A": ARP}

TABLE = """
DTA  |
DTA  | eth
D    | udp
DT   | ip
D    | dns and not tcp
TA   | !udp
TA   | !(udp)
DT   | tcp or udp
DT   | tcp || udp
DTA  | udp xor not udp
TA   | tcp xor arp
TA   | tcp ^^ arp
     | udp and tcp or arp and ip
A    | udp and tcp or arp
D    | udp.dstport == 53
D    | udp.port eq 53
D    | 53 == udp.port
D    | 50 < udp.dstport <= 53
D    | 0x35 == udp.dstport
D    | udp.dstport == 065
D    | udp.dstport == 0b110101
D    | udp.dstport == '5'
T    | tcp.port > 50 and tcp.port < 100
DT   | ip.ttl in {1..5, 64}
T    | ip.ttl in {1 .. 5}
TA   | udp.port not in {53}
D    | udp.srcport in {udp.dstport, 49153}
D    | ip.src == 10.0.0.1
D    | ip.src == "10.0.0.1"
D    | ip.addr == 10.0.0.0/24
T    | ip.addr != 10.0.0.0/8
T    | ip.src > 10.0.0.0/8
D    | ip.src <= 10.0.0.0/8
D    | ip.src in {10.0.0.0/8}
D    | eth.dst == 02:1a:4b:00:00:01
D    | eth.dst == 02-1a-4b-00-00-01
D    | eth.dst == 021a.4b00.0001
TA   | eth.dst == ff:ff:ff:ff:ff:ff
DTA  | eth.src[0:3] == 02:1a:4b
DTA  | eth.src[-1] == 02
D    | udp[8:2] == 12:34
T    | tcp[13] & 10
T    | tcp[20:3] == "GET"
T    | tcp[20-22] == "GET"
T    | tcp contains "GET"
T    | tcp contains 47:45:54
T    | tcp.payload contains "/AAA"
T    | tcp.payload_len == 8
T    | tcp matches "get /a+$"
     | tcp matches "(?-i)get"
T    | frame contains 0x2f
D    | dns.qry.name == "www.example.org"
D    | dns.qry.name == www.example.org
D    | dns.qry.name contains "example"
D    | dns.qry.name matches r"^www\\.(example|test)\\.org$"
D    | dns.qry.name ~ "EXAMPLE"
D    | upper(dns.qry.name) == "WWW.EXAMPLE.ORG"
D    | lower(dns.qry.name)[0:3] == "www"
D    | len(dns.qry.name) == 15
D    | dns.qry.name[4] == 'e'
D    | dns.qry.name == "www\\x2eexample\\u002eorg"
D    | count(udp.port) == 2
DT   | count(ip.addr) == 2
D    | max(udp.srcport, udp.dstport) == 49153
D    | min(udp.port) == 53
D    | abs(udp.dstport - udp.srcport) == 49100
D    | string(ip.src) matches "^10\\\\."
DTA  | string(frame.len) matches "..?"
D    | udp.srcport - 1 == 49152
D    | udp.srcport -1 == 49152
D    | (udp.dstport + 1) * 2 == 108
D    | {udp.dstport + 1} * 2 == 108
D    | udp.dstport / 2 == 26 and udp.dstport % 10 == 3
     | udp.dstport / 0 == 0
D    | -udp.dstport < -52
D    | udp.dstport == 50 + 3
T    | tcp.flags & 0x18 == 0x18
T    | tcp.flags.push == True
T    | tcp.flags.push and tcp.flags.syn == 0
T    | tcp.flags.syn == FALSE
DT   | ip.proto in {TCP, "UDP"}
T    | ip.proto == tcp
A    | arp.opcode == request
A    | eth.type == ARP
T    | any tcp.port > 1024
     | all tcp.port > 1024
T    | all tcp.port in {80, 50000}
T    | tcp.port !== 80
     | tcp.port != 80
     | tcp.port === 80
T    | tcp.port any_ne 80
D    | ip.src#1 == 10.0.0.1
     | ip#2
D    | frame.number == 3
D    | frame.time_epoch == 1500000000.25
D    | frame.time == "2017-07-14T02:40:00.25Z"
D    | frame.time > "Jul 14, 2017 02:40:00 UTC"
D    | frame.len in {70 .. 90} and udp
D    | frame.protocols contains "udp:dns"
D    | .udp.port == 53
"""
CASES = [tuple(part.strip() for part in line.split("|", 1))
         for line in TABLE.strip("\n").splitlines()]


@pytest.mark.parametrize(("matching", "text"), CASES)
def test_what_a_filter_matches(matching: str, text: str) -> None:
    wanted = compile_filter(text)
    found = "".join(name for name, packet in PACKETS.items() if wanted.matches(packet))
    assert found == matching


MISTAKES = [
    # filter, first character of what is wrong, words of the message
    ("tcp.prot == 80", 0, "tcp.port"),
    ("udp.srcport == tcp.dsport", 15, "tcp.dstport"),
    ("tcp.len > 0", 0, "tcp.payload_len"),
    ("htpp", 0, "no field or protocol"),
    ("TCP", 0, "did you mean 'tcp'?"),
    ("ip.Src == 10.0.0.1", 0, "did you mean 'ip.src'?"),
    ("tcp.srcport == http", 15, "no number"),
    ("ip.src == 10.0.0.256", 10, "192.0.2.1"),
    ("ip.src == example.org", 10, "names are not looked up"),
    ("ip.ttl == 256", 10, "at most 255"),
    ("ip.ttl == ten", 10, "not a number"),
    ("ip.proto == TPC", 12, "tcp"),
    ("eth.src == 1:2:3", 11, "six octets"),
    ("tcp.payload == 0x1234", 15, "longer than an octet"),
    ("tcp.payload == xyz", 15, "not octets"),
    ("frame.time > yesterday", 13, "not a time"),
    ("ip.ttl contains 4", 0, "string(...)"),
    ("ip.ttl matches \"4\"", 0, "string(ip.ttl)"),
    ("tcp matches GET", 12, "double quotes"),
    ("tcp matches \"(\"", 12, "without its )"),
    ("tcp matches \"\\d\"", 12, "raw string"),
    ("tcp contains \"\\q\"", 13, "no escape"),
    ("ip.ttl[0] == 1", 0, "not sliced"),
    ("eth.src[a] == 1", 0, "no slice"),
    ("eth.src[3-1] == 1", 0, "ends before"),
    ("ip.src == tcp.port", 10, "cannot be compared"),
    ("ip.src + 1 == 10.0.0.1", 0, "+ is not for"),
    ("foo(ip.src) == 1", 0, "no function"),
    ("len() == 1", 0, "takes a field"),
    ("len(3) == 1", 0, "not only constants"),
    ("upper(ip.ttl) == 1", 6, "takes text"),
    ("1 == 2", 0, "a field has to stand"),
    ("\"abc\"", 0, "constant"),
    ("5", 0, "neither a field nor a protocol"),
    ("tcp.port in {90..80}", 13, "begins after its end"),
    ("tcp.port in {}", 13, "cannot stand here"),
    ("(ip and tcp) == 1", 1, "has no value to compare"),
    ("tcp.port == ${tcp.srcport}", 12, "selected"),
    ("ip#0", 0, "counted from 1"),
    ("frame#2", 0, "some layers"),
    ("tcp.port = 80", 9, "=="),
    ("tcp AND ip", 4, "did you mean 'and'"),
    ("ip contians 4", 3, "did you mean 'contains'"),
    ("tcp.port == ", 12, "more must follow"),
    ("tcp.port == 80)", 14, "cannot stand here"),
    ("tcp.port == \"80", 12, "no closing quote"),
    ("tcp.port == '80'", 12, "single quotes"),
    ("udp.dstport-53 == 0", 0, "udp.dstport - 53"),
    ("udp port 53", 4, "capture filter"),
    ("host 10.0.0.1", 5, "capture filter"),
    ("tcp and port 80", 13, "capture filter"),
    ("not " * 200 + "ip", 400, "nested deeper"),
    ("abs(" * 200 + "ip.ttl" + ")" * 200 + " == 1", 0, "nested deeper"),
    ("ip\x1b[31m", 2, "cannot stand here"),
]


@pytest.mark.parametrize(("text", "position", "words"), MISTAKES)
def test_a_mistake_is_pointed_at(text: str, position: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    error = caught.value
    assert words in str(error)
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert error.text == text
    if len(text) < 100:
        assert error.position == position
        reason, shown, carets = error.pointed.split("\n")
        assert len(shown) == len(text)
        assert carets.index("^") == position
        assert reason in str(error)


class Gadget(Header, name="gadget", follows=on("udp.port", 4242)):
    """A protocol that only this test knows."""

    kind: U8 = U8(names={1: "hello", 2: "good bye"})
    length: U16 = U16()
    name: Text = Text(length=length)
    body: Octets = Octets()


def test_fields_of_ones_own() -> None:
    registry = default_registry().extended(Gadget)
    octets = bytearray(DNS.octets)
    octets[36:38] = (4242).to_bytes(2)
    octets[42:] = b"\x02\x00\x03bob" + bytes(range(23))
    packet = Packet(bytes(octets), registry=registry)
    assert packet.get(UDP) is not None
    for text in ("gadget", "gadget.kind == 2", 'gadget.kind == "good bye"', "gadget.kind == 2",
                 "gadget.kind == goodbye", 'gadget.name == "bob"', "gadget.body[1:2] == 01:02",
                 "gadget.length < udp.length"):
        assert compile_filter(text, registry).matches(packet), text
        assert not compile_filter(text, registry).matches(TCP), text
    with pytest.raises(FilterError, match="gadget"):
        compile_filter("gadgit", registry)


def test_brackets_within_brackets() -> None:
    assert compile_filter("(" * 2000 + "udp" + ")" * 2000).matches(DNS)


def test_long_filters() -> None:
    long = " or ".join(f"udp.port == {number}" for number in range(1000, 4000))
    assert not compile_filter(long).matches(DNS)
    assert compile_filter(f"udp.port in {{{', '.join(map(str, range(5000)))}}}").matches(DNS)
    with pytest.raises(FilterError, match="at most 65536 characters"):
        compile_filter(" or ".join([long] * 3))


def test_the_tree_is_typed() -> None:
    wanted = compile_filter("ip.src == 10.0.0.0/8 && tcp.port != 80")
    assert isinstance(wanted, Filter)
    assert isinstance(wanted.tree, t.And)
    network, ports = wanted.tree.tests
    assert isinstance(network, t.Compare)
    assert network.right == t.Constant(t.Sort.IPV4, 0x0A000000, 0x0AFFFFFF)
    assert isinstance(ports, t.Compare)
    assert ports.every
    assert isinstance(ports.left, t.FieldValues)
    assert [source.field.name for source in ports.left.sources] == ["tcp.srcport", "tcp.dstport"]


def test_times_between_packets_need_all_packets() -> None:
    packets = [Packet(DNS.octets, time_ns=time_ns * 10**9) for time_ns in (10, 11, 13, 16, 20)]
    relative = compile_filter("frame.time_relative > 2")
    assert relative.in_order
    assert [relative.matches(packet) for packet in packets] == [False, False, True, True, True]
    delta = compile_filter("frame.time_delta == 2")
    assert [delta.matches(packet) for packet in packets] == [False, False, True, False, False]
    shown = compile_filter("frame.time_delta_displayed >= 3")
    assert [shown.matches(packet) for packet in packets] == [False, False, True, True, True]
    assert [shown.again().matches(packet) for packet in packets[2:]] == [False] * 3
    assert not compile_filter("frame.time_epoch > 2").in_order
