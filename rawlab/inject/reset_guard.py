"""Keeping the kernel's TCP away from a connection that is made by hand.

For a segment to a port that none of its sockets has, the kernel sends a reset, which ends a crafted
connection. Here a socket of the kernel has the port, and a filter on it that takes nothing: so the
segments find an owner and are dropped without a word, for just this address and port, while raw and
packet sockets see them as ever. It needs no firewall and no privileges, nobody else gets the port
meanwhile, and it ends with the process whatever happens.
"""

from __future__ import annotations

import ctypes
import ipaddress
import socket
import struct
from types import TracebackType
from typing import Self

from rawlab.capture.settings import Opener

SO_ATTACH_FILTER = 26
_TAKE_NOTHING = struct.pack("=HBBI", 0x06, 0, 0, 0)
"""Classic BPF: return 0."""


class ResetGuard:
    """A TCP port of this host that the kernel neither answers nor resets, until `close`."""

    def __init__(
        self, address: str, port: int = 0, *, interface: str | None = None,
        opener: Opener = socket.socket,
    ) -> None:  # fmt: skip
        """`port` 0 is one that is free. Raises OSError, as when the port is in use."""
        family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
        self._socket = opener(family, socket.SOCK_STREAM, 0)
        try:
            program = ctypes.create_string_buffer(_TAKE_NOTHING)
            filter_ = struct.pack("HL", 1, ctypes.addressof(program))
            self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)
            scope = 0
            if family == socket.AF_INET6 and interface is not None:
                from rawlab.capture.device import find_device

                scope = find_device(self._socket, interface).index
            place = (address, port, 0, scope) if family == socket.AF_INET6 else (address, port)
            self._socket.bind(place)
            self._socket.listen(1)
        except BaseException:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        """The port that is guarded."""

    def close(self) -> None:
        """Give the port back; a second call does nothing."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
