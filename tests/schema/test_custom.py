"""Fields that only Python can read."""

from __future__ import annotations

from declared import dissect, faults_of, places_of, read
from rawlab.schema import U8, Custom, Group, Header, Items, Malformed, Octets


class Backwards(Custom[str]):
    """Text up to a zero octet, read backwards; an octet 1 is not allowed."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[str, int]:
        at = start
        while at < end and message[at]:
            if message[at] == 1:
                raise Malformed("an octet 1", at, 2, 1)
            at += 1
        if at == end:
            raise Malformed("no end")
        return bytes(message[start:at]).decode()[::-1], at + 1

    def write(self, value: str, written: bytes) -> bytes:
        return value[::-1].encode() + b"\0"


class Greedy(Custom[int]):
    """Says that it ended beyond its end, or before its start."""

    def read(self, message: memoryview, start: int, end: int) -> tuple[int, int]:
        return end, end + 99 if message[start] else -5

    def write(self, value: int, written: bytes) -> bytes:
        return b""


class Entry(Group, name="message.entry"):
    """A custom field within items."""

    name: Backwards = Backwards()
    value: U8 = U8()


class Message(Header, name="message"):
    """A custom field among others."""

    count: U8 = U8()
    title: Backwards = Backwards()
    entries: Items[Entry] = Items(Entry, count=count)
    rest: Octets = Octets()


def test_a_custom_field_reads_its_value() -> None:
    octets = b"\x02" + b"cba\0" + b"ed\0\x07" + b"\0\x08" + b"tail"
    got = read(octets, Message)
    assert (got["title"], got["rest"]) == ("abc", b"tail")
    assert [(e.name, e.value) for e in got["entries"]] == [("de", 7), ("", 8)]
    assert places_of(dissect(octets, Message).message)["message.title"] == (8, 32)
    assert places_of(dissect(octets, Message).message)["message.entry.value"] == (64, 8)


def test_octets_that_it_finds_malformed_are_a_fault() -> None:
    packet = dissect(b"\x02abc\0a\x01\0", Message)
    (fault,) = packet.faults
    assert faults_of(packet) == [("MALFORMED", "message", "entry.name", 6, 2, 1)]
    assert fault.reason == "an octet 1"
    assert str(fault) == "MALFORMED message.entry.name at octet 6: an octet 1"
    assert (packet.message.title, packet.message.rest) == ("cba", None)
    packet = dissect(b"\x00abc", Message)
    assert faults_of(packet) == [("MALFORMED", "message", "title", 1, 0, 0)]


class Grabbing(Header, name="grabbing"):
    """A custom field that lies about its end."""

    value: Greedy = Greedy()
    after: Octets = Octets()


def test_a_custom_field_stays_within_bounds() -> None:
    assert read("01 02 03", Grabbing) == {"value": 3, "after": b""}
    assert read("00 02 03", Grabbing) == {"value": 3, "after": b"\x00\x02\x03"}
