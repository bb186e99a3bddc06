"""Headers as numpy records, and Internet checksums (RFC 1071) over many packets at once.

Nothing here uses rawlab: the captures it is measured on are made without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Octets = NDArray[np.uint8]
Places = NDArray[np.int64]
"""An offset into the octets for each packet."""
Records = NDArray[np.void]


def _record(layout: str) -> np.dtype[np.void]:
    """A record from words of "name format", or "name format*times"; no gaps."""
    fields: list[Any] = []
    for name, _, form in (field.strip().partition(" ") for field in layout.split(",")):
        scalar, _, times = form.partition("*")
        fields.append((name, scalar, int(times)) if times else (name, scalar))
    return np.dtype(fields)


FILE = _record("magic <u4, major <u2, minor <u2, zone <i4, accuracy <u4, snaplen <u4, linktype <u4")
RECORD = _record("s <u4, us <u4, caplen <u4, len <u4")
ETHERNET = _record("dst u1*6, src u1*6, type >u2")
VLAN = _record("tag >u2, type >u2")
ARP = _record(
    "hardware >u2, protocol >u2, sizes >u2, operation >u2, sha u1*6, spa >u4, tha u1*6, tpa >u4"
)
IPV4 = _record(
    "version_ihl u1, tos u1, length >u2, id >u2, fragment >u2, ttl u1, proto u1, checksum >u2,"
    "src >u4, dst >u4"
)
IPV6 = _record("version >u4, length >u2, next u1, hops u1, src >u8*2, dst >u8*2")
TCP = _record(
    "srcport >u2, dstport >u2, seq >u4, ack >u4, offset_flags >u2, window >u2, checksum >u2,"
    "urgent >u2"
)
TIMESTAMPS = _record("kinds >u4, value >u4, echo >u4")
UDP = _record("srcport >u2, dstport >u2, length >u2, checksum >u2")
ICMP = _record("type u1, code u1, checksum >u2, id >u2, seq >u2")
TELEMETRY = _record("version_kind u1, flags u1, station >u2, sequence >u4, reading >i4, uptime >u4")


def stack(**headers: np.dtype[Any]) -> np.dtype[np.void]:
    """One record that holds `headers` in order, without gaps."""
    return np.dtype(list(headers.items()))


def put(octets: Octets, at: Places, records: Records) -> None:
    """Write each record at its place."""
    size = records.dtype.itemsize
    octets[at[:, None] + np.arange(size)] = records.view(np.uint8).reshape(len(records), size)


def put_u16(octets: Octets, at: Places, values: NDArray[Any]) -> None:
    """Write each value at its place, most significant octet first."""
    octets[at] = values >> 8
    octets[at + 1] = values & 0xFF


class WordSums:
    """Sums of 16-bit words between any two places of a buffer, by prefix sums.

    The prefix sums are of 32 bits and may wrap: the differences that are taken of them, of at
    most 65,535 octets, do not.
    """

    def __init__(self, octets: Octets) -> None:
        self._even = _prefix(octets[0::2])
        self._odd = _prefix(octets[1::2])

    def between(self, start: Places, end: Places) -> Places:
        """The sum of the big-endian words in [start, end); an odd end counts as zero padded."""
        even = (self._even[(end + 1) // 2] - self._even[(start + 1) // 2]).astype(np.int64)
        odd = (self._odd[end // 2] - self._odd[start // 2]).astype(np.int64)
        starts_odd = (start & 1).astype(bool)
        return np.where(starts_odd, odd * 256 + even, even * 256 + odd)


def _prefix(octets: Octets) -> NDArray[np.uint32]:
    sums = np.zeros(len(octets) + 1, np.uint32)
    np.cumsum(octets, dtype=np.uint32, out=sums[1:])
    return sums


def complement(sums: Places) -> Places:
    """The Internet checksum of words whose sum is given."""
    for _ in range(3):
        sums = (sums & 0xFFFF) + (sums >> 16)
    return ~sums & 0xFFFF
