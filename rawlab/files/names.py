"""Name resolution and decryption secrets blocks of pcapng files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from ipaddress import ip_address

from rawlab.files.blocks import Octets

_ADDRESS_OCTETS = {1: 4, 2: 16}


def read_names(block: Octets, big: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The addresses of a whole name resolution block, each with its names.

    Ends without complaint at the first record that is not whole.
    """
    head = struct.Struct(">HH" if big else "<HH")
    at, end = 8, len(block) - 4
    while end - at >= 4:
        kind, length = head.unpack_from(block, at)
        at += 4
        if kind == 0 or length > end - at:
            return
        octets = _ADDRESS_OCTETS.get(kind)
        if octets is not None and length > octets:
            names = bytes(block[at + octets : at + length]).rstrip(b"\0").split(b"\0")
            address = ip_address(bytes(block[at : at + octets]))
            yield str(address), tuple(name.decode("utf-8", "replace") for name in names)
        at += length + (-length & 3)


def read_secrets(block: Octets, big: bool) -> tuple[int, bytes] | None:
    """The type and the octets of a whole decryption secrets block; None when it is not whole."""
    if len(block) < 20:
        return None
    kind, length = struct.unpack_from(">II" if big else "<II", block, 8)
    if length > len(block) - 20:
        return None
    return int(kind), bytes(block[16 : 16 + length])
