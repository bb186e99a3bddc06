"""A network interface as a socket's own namespace knows it, asked by ioctl on that socket."""

from __future__ import annotations

import difflib
import errno
import socket
import struct
from dataclasses import dataclass, replace

from rawlab.capture.errors import cannot_open, no_such_interface

SIOCGIFNAME = 0x8910
SIOCGIFFLAGS = 0x8913
SIOCGIFHWADDR = 0x8927
SIOCGIFINDEX = 0x8933

ARPHRD_LOOPBACK = 772
LINKTYPE_ETHERNET = 1
LINKTYPE_RAW = 101
LINKTYPE_LINUX_SLL = 113
LINKTYPE_LINUX_SLL2 = 276
COOKED = (LINKTYPE_LINUX_SLL2, LINKTYPE_LINUX_SLL)
"""Link types whose header rawlab makes up of what the kernel says."""

_PROBED_INDEXES = 1024
_LINKTYPES = {
    1: LINKTYPE_ETHERNET,
    ARPHRD_LOOPBACK: LINKTYPE_ETHERNET,
    519: LINKTYPE_RAW,  # ARPHRD_RAWIP
    768: LINKTYPE_RAW,  # ARPHRD_TUNNEL, IP in IP
    776: LINKTYPE_RAW,  # ARPHRD_SIT, IPv6 in IPv4
    801: 105,  # ARPHRD_IEEE80211
    802: 119,  # ARPHRD_IEEE80211_PRISM
    803: 127,  # ARPHRD_IEEE80211_RADIOTAP
    804: 230,  # ARPHRD_IEEE802154: no frame check sequence
    826: 271,  # ARPHRD_VSOCKMON
    65534: LINKTYPE_RAW,  # ARPHRD_NONE: tun, WireGuard
}


@dataclass(frozen=True)
class Device:
    """One interface of a namespace, or all of them (`index` 0, name "any")."""

    name: str
    index: int
    hardware: int
    """The kernel's ARPHRD_ number of the link layer; 0 for "any"."""
    chosen: int | None = None
    """Which of `linktypes` to capture as; None is the first."""

    @property
    def linktypes(self) -> tuple[int, ...]:
        """The LINKTYPE_ values that packets can be captured as: its own (if it has one), cooked."""
        own = _LINKTYPES.get(self.hardware)
        return COOKED if own is None else (own, *COOKED)

    @property
    def linktype(self) -> int:
        """The LINKTYPE_ of captured packets."""
        return self.linktypes[0] if self.chosen is None else self.chosen

    def choose(self, linktype: int | None) -> Device:
        """The same, captured as `linktype`. Raises ValueError when it is not offered."""
        if linktype is not None and linktype not in self.linktypes:
            offered = ", ".join(map(linktype_name, self.linktypes))
            raise ValueError(
                f"packets of {self.name} cannot be captured as {linktype_name(linktype)};"
                f" link types of {self.name}: {offered}"
            )
        return replace(self, chosen=linktype)

    @property
    def cooked(self) -> bool:
        """Whether packets are taken without link header, and a cooked header is written instead."""
        return self.linktype in COOKED

    @property
    def every(self) -> bool:
        """Whether it stands for all interfaces."""
        return self.index == 0

    @property
    def loopback(self) -> bool:
        """Whether what is sent comes back, so that the kernel shows each packet twice."""
        return self.hardware == ARPHRD_LOOPBACK


LINKTYPE_NAMES = {
    LINKTYPE_ETHERNET: ("EN10MB", "Ethernet"),
    LINKTYPE_RAW: ("RAW", "Raw IP"),
    105: ("IEEE802_11", "802.11"),
    LINKTYPE_LINUX_SLL: ("LINUX_SLL", "Linux cooked v1"),
    119: ("PRISM_HEADER", "802.11 plus Prism header"),
    127: ("IEEE802_11_RADIO", "802.11 plus radiotap header"),
    230: ("IEEE802_15_4_NOFCS", "IEEE 802.15.4 without FCS"),
    271: ("VSOCK", "Linux vsock"),
    LINKTYPE_LINUX_SLL2: ("LINUX_SLL2", "Linux cooked v2"),
}
"""What libpcap and tcpdump call the link types: a name, and a description."""


def linktype_name(linktype: int) -> str:
    """libpcap's name of a LINKTYPE_ value."""
    return LINKTYPE_NAMES[linktype][0] if linktype in LINKTYPE_NAMES else str(linktype)


def linktype_number(name: str) -> int:
    """The LINKTYPE_ value of libpcap's name, in any case. ValueError lists what is known."""
    for number, (known, _) in LINKTYPE_NAMES.items():
        if known.lower() == name.lower():
            return number
    known_names = ", ".join(known for known, _ in LINKTYPE_NAMES.values())
    near = difflib.get_close_matches(name.upper(), known_names.split(", "), 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"no link type is named {name!r}{meant} (known: {known_names})")


ANY = Device("any", 0, 0)
"""All interfaces of the namespace."""


def find_device(asked: socket.socket, name: str) -> Device:
    """The interface called `name` in the namespace of the socket `asked`.

    Raises NoSuchInterface, which names those that exist.
    """
    if name == ANY.name:
        return ANY
    try:
        index = struct.unpack_from("i", _request(asked, SIOCGIFINDEX, name), 16)[0]
        hardware = struct.unpack_from("H", _request(asked, SIOCGIFHWADDR, name), 16)[0]
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise cannot_open(name, "asking for its index", error, "is it a Linux host?") from None
        raise no_such_interface(name, device_names(asked)) from None
    return Device(name, index, hardware)


def device_name(asked: socket.socket | int, index: int) -> str | None:
    """The name of the interface with this kernel index, None when there is none."""
    try:
        answer = _ioctl(asked, SIOCGIFNAME, struct.pack("16si20x", b"", index))
    except OSError:
        return None
    return answer[:16].split(b"\0", 1)[0].decode(errors="replace")


def device_names(asked: socket.socket) -> list[str]:
    """The names of the interfaces in the socket's namespace (of the first 1024 indexes)."""
    names = (device_name(asked, index) for index in range(1, _PROBED_INDEXES))
    return [name for name in names if name]


def device_flags(asked: socket.socket, name: str) -> int:
    """The interface's IFF_ flags."""
    return int(struct.unpack_from("H", _request(asked, SIOCGIFFLAGS, name), 16)[0])


def hardware_address(asked: socket.socket, name: str) -> bytes:
    """The six octets of the interface's link-layer address; zeros where it has none."""
    return _request(asked, SIOCGIFHWADDR, name)[18:24]


def _request(asked: socket.socket, request: int, name: str) -> bytes:
    encoded = name.encode()
    if len(encoded) > 15:
        raise OSError(errno.ENODEV, "name too long")
    return _ioctl(asked, request, struct.pack("16s24x", encoded))


def _ioctl(asked: socket.socket | int, request: int, argument: bytes) -> bytes:
    import fcntl  # not on Windows

    return fcntl.ioctl(asked, request, argument)
