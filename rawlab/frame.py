"""What is known of a packet besides the fields of its headers: `frame.protocols` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rawlab.schema import fields_of, header_name

if TYPE_CHECKING:
    from rawlab.packet import Packet

_LINKS = frozenset({"eth", "ieee8021ad", "sll", "vlan"})
"""Headers whose Ethernet type Wireshark counts as a protocol of its own."""


def is_described(packet: Packet) -> bool:
    """Whether the capture tells anything of its interfaces; a pcap file does not."""
    interface = packet.interface
    return bool(interface.name or interface.options)


def interface_name(packet: Packet) -> str:
    """The name of the interface that the packet was captured on, as the capture tells it."""
    interface = packet.interface
    return interface.name or interface.description or "unknown"


def protocols(packet: Packet) -> str:
    """`eth:ethertype:ip:udp:dns`: the layers; `ethertype` where a link's field tells the next one.

    Ends in `data` where the last layer might have announced a protocol for its payload.
    """
    names: list[str] = []
    opens: set[str] = set()
    for layer in packet.layers:
        kind = type(layer)
        opens = {
            table.name
            for field in fields_of(kind)
            for table in field.opens
            if getattr(layer, field.attribute) is not None
        }
        name = header_name(kind)
        if names and names[-1].startswith(name + "."):
            names.pop()  # what frames a message on a stream goes by the message's name
        names.append(name)
        if name in _LINKS and "ethertype" in opens:
            names.append("ethertype")
    if packet.payload and opens:
        names.append("data")
    return ":".join(names)
