"""Address Resolution Protocol and its reverse, RARP."""

from __future__ import annotations

from rawlab.schema import (
    U8,
    U16,
    Enum,
    Header,
    IPv4Address,
    MACAddress,
    Named,
    Octets,
    becomes,
    either,
    mirrored,
    on,
    same,
)


class ARPOperation(Named):
    """What the sender asks or answers (RFC 826, RFC 903, RFC 2390)."""

    REQUEST = 1
    REPLY = 2
    RARP_REQUEST = 3
    RARP_REPLY = 4
    INVERSE_REQUEST = 8
    INVERSE_REPLY = 9


class ARP(
    Header,
    name="arp",
    follows=on("ethertype", 0x0806, 0x8035),
    summary="{opcode} for {dst__proto_ipv4} from {src__proto_ipv4} at {src__hw_mac}",
    answers=lambda h: (
        same(h.hw__type, h.proto__type),
        either(
            (
                becomes(h.opcode, {1: 2, 8: 9}),
                mirrored(h.src__proto_ipv4, h.dst__proto_ipv4),
                mirrored(h.src__hw_mac, h.dst__hw_mac),
            ),
            (becomes(h.opcode, {3: 4}), same(h.dst__hw_mac)),
        ),
    ),
):
    """Address Resolution Protocol (RFC 826)."""

    hw__type: U16 = U16(
        default=1, names={1: "Ethernet", 6: "IEEE 802", 32: "InfiniBand"}, aliases=("hwtype",)
    )
    proto__type: U16 = U16(default=0x0800, base=16, aliases=("ptype",))
    hw__size: U8 = U8(default=6, unit="octets", aliases=("hwlen",))
    proto__size: U8 = U8(default=4, unit="octets", aliases=("plen",))
    opcode: Enum[ARPOperation] = Enum(
        ARPOperation, bits=16, default=ARPOperation.REQUEST, aliases=("op",)
    )

    _mac = hw__type.among(1, 6) & (hw__size == 6)
    _ipv4 = (proto__type == 0x0800) & (proto__size == 4)
    src__hw_mac: MACAddress = MACAddress(when=_mac, aliases=("hwsrc",))
    src__hw: Octets = Octets(length=hw__size, when=~_mac)
    src__proto_ipv4: IPv4Address = IPv4Address(default="0.0.0.0", when=_ipv4, aliases=("psrc",))
    src__proto: Octets = Octets(length=proto__size, when=~_ipv4)
    dst__hw_mac: MACAddress = MACAddress(when=_mac, default="00:00:00:00:00:00", aliases=("hwdst",))
    dst__hw: Octets = Octets(length=hw__size, when=~_mac)
    dst__proto_ipv4: IPv4Address = IPv4Address(when=_ipv4, aliases=("pdst",))
    dst__proto: Octets = Octets(length=proto__size, when=~_ipv4)
