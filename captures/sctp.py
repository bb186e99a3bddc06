"""An SCTP association, frame by frame (RFC 9260), since few kernels carry SCTP."""

from __future__ import annotations

import struct

from crafted import A, B, ethernet, ipv4

PORTS = (4444, 4444)
TAGS = (0x0A0B0C0D, 0x01020304)


def crc32c(octets: bytes) -> int:
    """The Castagnoli CRC (RFC 9260 appendix A)."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def chunk(kind: int, flags: int, body: bytes) -> bytes:
    """A chunk, padded to four octets, which its length does not count."""
    return struct.pack("!BBH", kind, flags, 4 + len(body)) + body + bytes(-len(body) % 4)


def parameter(kind: int, body: bytes) -> bytes:
    """A parameter of INIT, in the same form."""
    return struct.pack("!HH", kind, 4 + len(body)) + body + bytes(-len(body) % 4)


def frame(outward: bool, verification: int, *chunks: bytes) -> bytes:
    """A frame from A to B, or back."""
    head = struct.pack("!HHI", *PORTS, verification)
    body = b"".join(chunks)
    total = struct.pack("<I", crc32c(head + bytes(4) + body))
    ends = ("10.0.1.1", "10.0.1.2") if outward else ("10.0.1.2", "10.0.1.1")
    cards = (B, A) if outward else (A, B)
    return ethernet(*cards, 0x0800, ipv4(*ends, 132, head + total + body))


def data(number: int, flags: int, stream: tuple[int, int], payload: bytes) -> bytes:
    """A DATA chunk with payload protocol 0; stream: identifier and sequence number."""
    return chunk(0, flags, struct.pack("!IHHI", number, *stream, 0) + payload)


def sctp_frames() -> list[bytes]:
    """Set-up, data in whole and in parts, acknowledgements with a gap, heartbeat, shutdown."""
    near, far = TAGS
    init = struct.pack("!IIHHI", near, 65536, 10, 10, 1000)
    init += parameter(12, struct.pack("!HH", 5, 6)) + parameter(5, bytes([10, 0, 1, 1]))
    answer = struct.pack("!IIHHI", far, 65536, 10, 10, 2000)
    answer += parameter(7, b"a cookie of the server") + parameter(0xC000, b"")
    acknowledged = struct.pack("!IIHHHHI", 1000, 65000, 1, 1, 2, 2, 1000)
    return [
        frame(True, 0, chunk(1, 0, init)),
        frame(False, near, chunk(2, 0, answer)),
        frame(True, far, chunk(10, 0, b"a cookie of the server")),
        frame(False, near, chunk(11, 0, b"")),
        frame(True, far, data(1000, 3, (1, 0), b"a whole message")),
        frame(True, far, data(1002, 2, (2, 0), b"the begin"), data(1003, 1, (2, 0), b"ning")),
        frame(False, near, chunk(3, 0, acknowledged)),
        frame(True, far, chunk(4, 0, parameter(1, bytes(8)))),
        frame(False, near, chunk(5, 0, parameter(1, bytes(8)))),
        frame(True, far, chunk(7, 0, struct.pack("!I", 2000))),
        frame(False, near, chunk(8, 0, b"")),
        frame(True, far, chunk(14, 0, b"")),
        frame(False, near, chunk(6, 1, struct.pack("!HH", 12, 8) + b"late")),
    ]
