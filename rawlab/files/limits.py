"""Bounds on what a capture file may ask for; they are those of the usual readers."""

from __future__ import annotations

LARGEST_PACKET = 262_144
"""Octets captured of a packet, unless its link type is listed below."""

_LARGEST_BY_LINKTYPE = {
    189: 1 << 27,  # USB, Linux
    220: 1 << 27,  # USB, Linux, padded
    231: 1 << 27,  # D-Bus
    249: 1 << 27,  # USBPcap
    279: 1 << 23,  # EBHSCR
}

LARGEST_BLOCK = 1 << 24
"""Octets of a pcapng block, or of the largest packet and 64 KiB more where that is more."""

MOST_DESCRIPTIONS = 1 << 18
"""Interfaces and sections that one file may describe."""

MOST_KEPT_OCTETS = 1 << 24
"""Octets of name resolution and secrets blocks that are kept; later ones are passed over."""


def largest_packet(linktype: int) -> int:
    """The most octets that may be captured of one packet of this link type.

    A file's own snap length is no bound, since many files exceed what they claim.
    """
    return _LARGEST_BY_LINKTYPE.get(linktype, LARGEST_PACKET)


def largest_block(packet: int) -> int:
    """The most octets of a pcapng block, when packets may have `packet` octets."""
    return max(LARGEST_BLOCK, packet + 65_536)
