"""A network of the test's own: sockets that this process opens meanwhile are opened there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from unittest.mock import patch

_INSIDE = frozenset(
    getattr(socket, name) for name in ("AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK")
    if hasattr(socket, name)
)
"""Families of sockets that belong to a network; local (Unix) sockets stay where they are."""


class Opens(Protocol):
    """A virtual host."""

    def socket(self, family: int = ..., kind: int = ..., protocol: int = ...) -> socket.socket: ...


@contextmanager
def sockets_opened_by(host: Opens) -> Iterator[None]:
    """Meanwhile every new Python socket of this process, of any thread, is opened by `host`.

    It stays there for as long as it lives; sockets that exist already stay where they are. Code
    that makes sockets without Python's `socket` module, in C, and other processes do not notice.
    """
    original: Callable[..., None] = socket.socket.__init__

    def __init__(
        self: socket.socket, family: int = -1, type: int = -1, proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        family = socket.AF_INET if family == -1 and fileno is None else family
        if fileno is None and family in _INSIDE:
            kind = socket.SOCK_STREAM if type == -1 else type
            protocol = 0 if proto == -1 else proto
            fileno = host.socket(family, kind, protocol).detach()
        original(self, family, type, proto, fileno)

    changed: Any = __init__
    with patch.object(socket.socket, "__init__", changed):
        yield
