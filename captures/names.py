"""A name server of a few lines: answers made by hand, with compressed names."""

from __future__ import annotations

import socket
import struct

QUERY_NAME = 12  # where the question's name begins, for pointers

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, OPT, CAA = (
    1, 2, 5, 6, 12, 15, 16, 28, 33, 41, 257,
)


def labels(name: str) -> bytes:
    """A name without compression."""
    parts = [part for part in name.split(".") if part]
    return b"".join(bytes([len(part)]) + part.encode() for part in parts) + b"\0"


def pointer(offset: int) -> bytes:
    """A pointer to a name that was written before (RFC 1035 section 4.1.4)."""
    return struct.pack("!H", 0xC000 | offset)


def under(label: str, offset: int = QUERY_NAME) -> bytes:
    """A label, then the name at the offset."""
    return bytes([len(label)]) + label.encode() + pointer(offset)


def record(kind: int, body: bytes, ttl: int = 300, owner: bytes = b"") -> bytes:
    """A resource record of class IN, for the question's name unless another owner is given."""
    return (owner or pointer(QUERY_NAME)) + struct.pack("!HHIH", kind, 1, ttl, len(body)) + body


QUESTIONS: list[tuple[str, int]] = [
    ("example.lab", A), ("example.lab", AAAA), ("www.example.lab", A), ("example.lab", MX),
    ("example.lab", TXT), ("example.lab", NS), ("example.lab", SOA),
    ("_http._tcp.example.lab", SRV), ("example.lab", CAA), ("2.1.0.10.in-addr.arpa", PTR),
    ("nowhere.example.lab", A),
]  # fmt: skip


def authority(zone: int) -> bytes:
    """The content of the SOA record of the zone whose name is at the offset."""
    names = under("ns1", zone) + under("hostmaster", zone)
    return names + struct.pack("!5I", 2026010100, 7200, 3600, 1209600, 300)


def answers(name: str, kind: int) -> list[bytes]:
    """The answer section for a question."""
    end = QUERY_NAME + len(labels(name)) + 4  # where the answers begin
    match name, kind:
        case "example.lab", 1:
            return [record(A, bytes([10, 0, 1, 2])), record(A, bytes([10, 0, 1, 3]), 60)]
        case "example.lab", 28:
            return [record(AAAA, bytes.fromhex("fd000000000000010000000000000002"))]
        case "www.example.lab", 1:
            alias = record(CNAME, pointer(QUERY_NAME + 4))
            return [alias, record(A, bytes([10, 0, 1, 2]), owner=pointer(end + 12))]
        case "example.lab", 15:
            servers = ((10, "mx1"), (20, "mx2"))
            return [record(MX, struct.pack("!H", p) + under(label)) for p, label in servers]
        case "example.lab", 16:
            return [record(TXT, b"\x0ev=spf1 mx -all"), record(TXT, b"\3two\5parts\0")]
        case "example.lab", 2:
            return [record(NS, under("ns1")), record(NS, under("ns2"))]
        case "example.lab", 6:
            return [record(SOA, authority(QUERY_NAME))]
        case "_http._tcp.example.lab", 33:
            place = QUERY_NAME + len(b"\5_http\4_tcp")
            return [record(SRV, struct.pack("!HHH", 0, 5, 80) + under("www", place))]
        case "example.lab", 257:
            return [record(CAA, b"\0\5issueca.example.lab")]
        case "2.1.0.10.in-addr.arpa", 12:
            return [record(PTR, labels("example.lab"), 3600)]
    return []


def question(number: int, name: str, kind: int, extended: bool) -> bytes:
    """A query; an extended one says what it can receive (EDNS, RFC 6891), with a cookie."""
    option = struct.pack("!HH", 10, 8) + b"rawlab!!"
    extra = b"\0" + struct.pack("!HHIH", OPT, 1232, 0x8000, len(option)) + option
    head = struct.pack("!6H", number, 0x0120, 1, 0, 0, int(extended))
    return head + labels(name) + struct.pack("!HH", kind, 1) + (extra if extended else b"")


def response(query: bytes) -> bytes:
    """The answer to a query; NXDOMAIN with the zone's SOA when there is none."""
    end = query.index(b"\0", QUERY_NAME) + 5
    parts, at = [], QUERY_NAME
    while query[at]:
        parts.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = struct.unpack_from("!H", query, at + 1)[0]
    found = answers(".".join(parts), kind)
    zone = QUERY_NAME + len(b"\7nowhere")
    denial = [] if found else [record(SOA, authority(zone), owner=pointer(zone))]
    flags = 0x8580 if found else 0x8583
    head = query[:2] + struct.pack("!5H", flags, 1, len(found), len(denial), 0)
    return head + query[QUERY_NAME:end] + b"".join(found + denial)


def serve(datagrams: socket.socket, streams: socket.socket) -> None:
    """Answers each of the questions once, and the first once more over a stream."""
    for _ in QUESTIONS:
        query, asker = datagrams.recvfrom(2000)
        datagrams.sendto(response(query), asker)
    connection, _ = streams.accept()
    with connection:
        query = connection.recv(2000)[2:]
        reply = response(query)
        connection.sendall(struct.pack("!H", len(reply)) + reply)
        connection.recv(1)
