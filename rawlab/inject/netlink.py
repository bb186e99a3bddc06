"""Questions to the kernel about routes and neighbours, by rtnetlink on a socket of any namespace.

By hand, since libraries open the socket themselves, in the namespace of the caller.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping

from rawlab.capture.settings import Opener

NETLINK_ROUTE = 0
RTM_GETROUTE, RTM_GETNEIGH = 26, 30
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence number, port."""
_ATTRIBUTE = struct.Struct("=HH")
_MOST_OCTETS = 1 << 16
_TYPE_MASK = 0x3FFF
"""Without the bits that say nested and network byte order."""
_SEQUENCE = 1


def ask_kernel(
    opener: Opener, kind: int, body: bytes, attributes: Mapping[int, bytes], *, dump: bool = False
) -> list[bytes]:
    """The messages that answer a question, without their netlink header.

    `body` is the family's fixed part. OSError where the kernel refuses.
    """
    asked = body + b"".join(map(_attribute, attributes.items()))
    flags = NLM_F_REQUEST | (NLM_F_DUMP if dump else 0)
    message = _HEADER.pack(_HEADER.size + len(asked), kind, flags, _SEQUENCE, 0) + asked
    with opener(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as opened:
        opened.settimeout(5.0)
        opened.send(message)
        found: list[bytes] = []
        while not _collect(opened.recv(_MOST_OCTETS), found, dump):
            pass
    return found


def attributes_of(message: bytes, fixed: int) -> dict[int, bytes]:
    """The attributes of a message behind its fixed part of so many octets."""
    found: dict[int, bytes] = {}
    at = fixed
    while at + _ATTRIBUTE.size <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & _TYPE_MASK] = message[at + _ATTRIBUTE.size : at + length]
        at += length + 3 & ~3
    return found


def _attribute(attribute: tuple[int, bytes]) -> bytes:
    kind, value = attribute
    size = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(size, kind) + value + bytes(-size % 4)


def _collect(octets: bytes, found: list[bytes], dump: bool) -> bool:
    """Append the messages of one datagram; whether they were the last. OSError kinds."""
    at = 0
    while at + _HEADER.size <= len(octets):
        length, kind, _, _, _ = _HEADER.unpack_from(octets, at)
        if kind == NLMSG_DONE:
            return True
        if kind == NLMSG_ERROR:
            number = -struct.unpack_from("=i", octets, at + _HEADER.size)[0]
            if number:
                raise OSError(number, os.strerror(number))
            return True
        if length < _HEADER.size:
            return True
        found.append(octets[at + _HEADER.size : at + length])
        at += length + 3 & ~3
    return not dump
