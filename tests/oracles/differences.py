"""Where rawlab prints another cell than tshark 4.0, and why: the whole list.

A cell that differs and that no entry covers is a defect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tshark import Cell

from rawlab.engine.numbers import INCOMPLETE
from rawlab.engine.view import flags_of
from rawlab.packet import Packet

CUT = {"TRUNCATED", "OVERRUN"}


class Difference(NamedTuple):
    """A kind of difference: why it is, and whether a cell of a packet is one."""

    reason: str
    covers: Callable[[Packet, Cell], bool]


def value(packet: Packet, layer: str, attribute: str) -> object:
    """A field of the first layer of a name, None where either is missing."""
    found = packet.get(layer)
    return None if found is None else getattr(found, attribute)


def damaged(packet: Packet, layer: str) -> set[str]:
    """The kinds of faults that a layer has."""
    return {fault.kind.name for fault in packet.faults if fault.layer == layer}


def is_cut(packet: Packet, cell: Cell) -> bool:
    name = cell.name.partition(".")[0]
    layer = packet.get(name)
    partial = layer is not None and flags_of(layer) & INCOMPLETE  # of a fragment
    return cell.tshark == "" and bool(partial or damaged(packet, name) & CUT)


def lost_behind(packet: Packet, cell: Cell) -> bool:
    """A layer behind a header whose options are damaged; its own length tells where it ends."""
    before = [fault.layer for fault in packet.faults if fault.kind.name in CUT]
    return cell.tshark == "" and any(name.startswith("ipv6.") for name in before)


def has_source_route(packet: Packet) -> bool:
    ip = packet.get("ip")
    return ip is not None and any(o.type in (0x83, 0x89) for o in ip.options or ())


def version_six(packet: Packet, cell: Cell) -> bool:
    layer = cell.name.partition(".")[0]
    faulty = value(packet, "ip", "version") == 6 and "VALUE" in damaged(packet, "ip")
    return cell.rawlab == "" and faulty and layer in ("ipv6", "udp", "tcp", "icmp", "icmpv6")


DIFFERENCES = [
    Difference(
        "rawlab gives every field of a cut header that is whole; tshark reads several at a time"
        " and prints none of those if one is cut off",
        is_cut,
    ),
    Difference(
        "a header whose options are damaged still tells its length; tshark gives up",
        lost_behind,
    ),
    Difference(
        "the octet of a bogus version also holds the header length",
        lambda p, c: c.name == "ip.hdr_len" and value(p, "ip", "version") != 4,
    ),
    Difference(
        "rawlab does not take IPv4 for IPv6 because of a version",
        version_six,
    ),
    Difference(
        "tshark prints a total length of 0 as what there is; rawlab prints what the header says",
        lambda p, c: c.name == "ip.len" and c.rawlab == "0",
    ),
    Difference(
        "tshark takes the last address of a source route for the destination",
        lambda p, c: c.name == "ip.dst" and has_source_route(p),
    ),
    Difference(
        "0 is no Ethernet type and no length that tshark knows; it prints it as a type",
        lambda p, c: c.name == "eth.type" and c.tshark == "0x0000",
    ),
    Difference(
        "tshark omits the acknowledgment, which comes before the length that is too small",
        lambda p, c: c.name == "tcp.ack_raw" and "LENGTH" in damaged(p, "tcp"),
    ),
    Difference(
        "tshark reads an error status from ARP packets of operation 7",
        lambda p, c: c.name.startswith("arp.") and value(p, "arp", "opcode") == 7,
    ),
    Difference(
        "a damaged list of the header in front hides what follows; tshark skips the damage",
        lambda p, c: c.rawlab == "" and bool(damaged(p, "nflog")),
    ),
    Difference(
        "a header length beyond the total length: tshark stops at the latter",
        lambda p, c: bool(damaged(p, "ip") & CUT) and c.tshark == "",
    ),
]


def reason(packet: Packet, cell: Cell) -> str:
    """Why a cell differs; empty where nobody knows."""
    return next((d.reason for d in DIFFERENCES if d.covers(packet, cell)), "")
