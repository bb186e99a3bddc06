"""Link types as the kinds of capture files store them, and as LINKTYPE_ values."""

from __future__ import annotations

RAW_IP = 101
LARGEST = 0xFFFF

_STORED_RAW_IP = (12, 14)
"""What systems wrote for raw IP before LINKTYPE_RAW was agreed on."""

_SNOOP = {
    0: 1,  # IEEE 802.3
    2: 6,  # IEEE 802.5 Token Ring
    4: 1,  # Ethernet
    8: 10,  # FDDI
    9: 0,  # other: an address family first, as on a BSD loopback
    14: 0,  # loopback
    16: 122,  # IP over Fibre Channel
    18: 123,  # Classical IP over ATM: SunATM
    24: 1,  # ISO 8802/3 and Ethernet
    25: 1,  # Ethernet at 100 Mbit/s
    0x8000_0005: 226,  # Solaris ipnet
}


def linktype_of(stored: int) -> int:
    """The LINKTYPE_ value of a pcap or pcapng file's link type."""
    return RAW_IP if stored in _STORED_RAW_IP else stored


def linktype_of_snoop(stored: int) -> int | None:
    """The LINKTYPE_ value of a snoop file's datalink type (RFC 1761, DLPI); None: there is none."""
    return _SNOOP.get(stored)


def checked(linktype: int) -> int:
    """A link type that a capture file can hold; ValueError for others."""
    if not 0 <= linktype <= LARGEST:
        raise ValueError(f"link type {linktype}: capture files hold 0 to {LARGEST}")
    return linktype
