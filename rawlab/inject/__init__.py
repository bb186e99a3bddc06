"""Sending packets: frames on an interface, IPv4 and IPv6 packets by route."""

from __future__ import annotations

from rawlab.inject.errors import InterfaceDown, SendError, SendNotPermitted, WrongLinkType
from rawlab.inject.sender import Sender, open_sender

__all__ = [
    "InterfaceDown",
    "SendError",
    "SendNotPermitted",
    "Sender",
    "WrongLinkType",
    "open_sender",
]
