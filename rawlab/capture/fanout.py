"""Several packet sockets that share the packets of an interface (PACKET_FANOUT)."""

from __future__ import annotations

import os
import socket
import struct

from rawlab.capture.device import Device
from rawlab.capture.errors import cannot_open

SOL_PACKET = 263
PACKET_FANOUT = 18
PACKET_FANOUT_HASH = 0
PACKET_FANOUT_FLAG_ROLLOVER, PACKET_FANOUT_FLAG_UNIQUEID = 0x1000, 0x2000

_WAYS = (
    PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_ROLLOVER | PACKET_FANOUT_FLAG_UNIQUEID,
    PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID,
    PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_ROLLOVER,
    PACKET_FANOUT_HASH,
)
"""From the best to what the oldest kernels have. Rollover: who is full lets another have it."""


class Fanout:
    """A group of sockets for each interface: every packet goes to just one socket of the group.

    Which one is a matter of the packet's addresses and ports, the same for both directions of a
    flow, unless its socket has no room left. A fragment of an IP packet may go to another socket
    than the first fragment did.
    """

    def __init__(self) -> None:
        self._groups: dict[int, int] = {}

    def join(self, opened: socket.socket, device: Device) -> None:
        """Make a socket that is bound to the interface one of its group. Raises CaptureError."""
        known = self._groups.get(device.index)
        ways = _WAYS if known is None else (known >> 16,)
        own = os.getpid() & 0xFFFF
        for way in ways:
            number = known & 0xFFFF if known is not None else own
            if way & PACKET_FANOUT_FLAG_UNIQUEID:
                number = 0  # the kernel chooses
            try:
                opened.setsockopt(SOL_PACKET, PACKET_FANOUT, struct.pack("I", number | way << 16))
                break
            except OSError as error:
                refused = error
        else:
            remedy = "is the interface up (ip link set NAME up)? else capture with one worker"
            raise cannot_open(device.name, "sharing its packets", refused, remedy) from None
        if known is None:
            group = struct.unpack("I", opened.getsockopt(SOL_PACKET, PACKET_FANOUT, 4))[0]
            self._groups[device.index] = group & ~(PACKET_FANOUT_FLAG_UNIQUEID << 16)
