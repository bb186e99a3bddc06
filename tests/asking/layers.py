"""Packets for tests of what answers what."""

from __future__ import annotations

from rawlab.packet import Packet
from rawlab.schema import Draft, Header, Registry


def packet(draft: Draft | Header, registry: Registry | None = None) -> Packet:
    """A draft as the packet that it makes."""
    whole = draft if isinstance(draft, Draft) else Draft((draft,))
    return Packet(bytes(whole), linktype=whole.linktype, registry=registry)
