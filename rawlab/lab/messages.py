"""Python values and file descriptors over a Unix stream socket between a lab's own processes."""

from __future__ import annotations

import os
import pickle
import socket
import struct
from collections.abc import Sequence
from typing import Any

MOST_DESCRIPTORS = 16
"""No message carries more; what comes beyond that is closed by the kernel."""

_SIZE = struct.Struct("<Q")
_INT = struct.Struct("i")


class Closed(EOFError):
    """The other side closed the connection, or has ended."""


def send(connection: socket.socket, value: object, descriptors: Sequence[int] = ()) -> None:
    """Sends a value that pickle can carry, and copies of file descriptors with it.

    Raises Closed when the other side is gone; pickle's errors come before anything is sent.
    """
    body = pickle.dumps(value)
    try:
        if descriptors:
            socket.send_fds(connection, [_SIZE.pack(len(body))], list(descriptors))
        else:
            connection.sendall(_SIZE.pack(len(body)))
        connection.sendall(body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed(str(error)) from error


def receive(connection: socket.socket) -> tuple[Any, list[int]]:
    """The next value and its descriptors, which the caller now owns. Raises Closed at the end."""
    try:
        start, ancillary, _, _ = connection.recvmsg(
            _SIZE.size, socket.CMSG_SPACE(MOST_DESCRIPTORS * _INT.size), socket.MSG_CMSG_CLOEXEC
        )
        descriptors = [number for _, _, data in ancillary for (number,) in _INT.iter_unpack(data)]
        size = start + _exactly(connection, _SIZE.size - len(start)) if start else b""
        if not size:
            raise Closed("the connection is closed")
        return pickle.loads(_exactly(connection, _SIZE.unpack(size)[0])), descriptors
    except ConnectionResetError as error:
        raise Closed(str(error)) from error


def close_all(descriptors: Sequence[int]) -> None:
    """Closes each of the descriptors."""
    for descriptor in descriptors:
        os.close(descriptor)


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise Closed("the connection was closed within a message")
        parts += part
    return bytes(parts)
