"""Protocols that exist here only, as a user would declare them."""

from __future__ import annotations

from benchmarks.captures import TELEMETRY_PORT, TWIN_ETHERTYPE
from rawlab.schema import (
    I32,
    U4,
    U8,
    U13,
    U16,
    U32,
    Flags,
    Header,
    IPv4Address,
    Octets,
    header,
    internet_checksum,
    length_of,
    number_of_next,
    on,
    payload,
    table,
)


class Telemetry(Header, name="telemetry", follows=on("udp.port", TELEMETRY_PORT)):
    """What a weather station reports, once a second."""

    version: U4 = U4(default=1)
    kind: U4 = U4()
    flags: Flags = Flags("low_battery", "calibrating", "indoors", "_:5", default=0)
    station: U16 = U16()
    sequence: U32 = U32()
    reading: I32 = I32(unit="thousandths of a degree")
    uptime: U32 = U32(unit="s")


class Twin(
    Header, name="twin", follows=on("ethertype", TWIN_ETHERTYPE), summary="{src} > {dst} {proto}"
):
    """A network header that has the shape of IPv4's."""

    version: U4 = U4(default=4, require=lambda h: h.version == 4)
    hdr_len: U4 = U4(scale=4, compute=length_of(header), minimum=20, unit="octets")
    dsfield: Flags = Flags("dscp:6", "ecn:2", bits=8, default=0)
    len: U16 = U16(compute=length_of(header, payload), minimum=20, unit="octets")
    id: U16 = U16(default=0)
    flags: Flags = Flags("rb", "df", "mf", bits=3, default=0)
    frag_offset: U13 = U13(default=0)
    ttl: U8 = U8(default=64)
    proto: U8 = U8(opens=table("twin.proto", when=frag_offset == 0), compute=number_of_next())
    checksum: U16 = U16(seal=internet_checksum(), base=16)
    src: IPv4Address = IPv4Address(pseudo=True)
    dst: IPv4Address = IPv4Address(pseudo=True)
    options: Octets = Octets(length=hdr_len - 20)


class TwinPorts(Header, name="twinports", follows=on("twin.proto", 17)):
    """A transport header that has the shape of UDP's."""

    srcport: U16 = U16(opens="twinports.port")
    dstport: U16 = U16(opens="twinports.port")
    length: U16 = U16(compute=length_of(header, payload), minimum=8, unit="octets")
    checksum: U16 = U16(seal=internet_checksum(pseudo_header=True), base=16)


HEADERS = (Telemetry, Twin, TwinPorts)
