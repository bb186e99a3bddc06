"""A capture through the code under test: packet by packet, or what they carried onto a socket."""

from __future__ import annotations

import socket
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, overload

from rawlab.files import read
from rawlab.packet import Packet
from rawlab.testing.clock import SECOND_NS, RecordedClock
from rawlab.testing.segments import payloads
from rawlab.text.showing import line

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

R = TypeVar("R")
Name = str | PathLike[str]
AT_ONCE = float("inf")
"""A speed: without waiting."""


class CutShort(UserWarning):
    """A capture file that is replayed ends in the midst of a packet."""


class Replayer:
    """Replays capture files; relative names are looked for in `folders`, one after the other."""

    def __init__(self, folders: Sequence[Path] = (), registry: Registry | None = None) -> None:
        self.clock = RecordedClock()
        """It stands at the time of the packet that is being replayed."""
        self._folders = tuple(folders) or (Path(),)
        self._registry = registry

    @overload
    def __call__(
        self, capture: Name, handler: None = None, *, where: str | None = None
    ) -> Iterator[Packet]: ...
    @overload
    def __call__(
        self, capture: Name, handler: Callable[[Packet], R], *, where: str | None = None,
        patch_time: bool = False,
    ) -> list[R]: ...
    def __call__(
        self, capture: Name, handler: Callable[[Packet], R] | None = None, *,
        where: str | None = None, patch_time: bool = False,
    ) -> list[R] | Iterator[Packet]:
        """Call `handler` with every packet of a capture file; what it returned, in order.

        Without a handler it gives the packets, for a loop. `where` is a display filter. The clock
        advances by the recorded times, and nobody waits; with `patch_time` it takes the place of
        `time.time`, `time.monotonic` and so on while the handler runs. What the handler raises is
        raised here, with a note that says at which packet. Raises OSError, FilterError.
        """
        __tracebackhide__ = True
        packets = self._packets(capture, where)
        if handler is None:
            if patch_time:
                raise ValueError("patch_time needs a handler: a loop may end anywhere")
            return packets
        if not patch_time:
            return [_call(handler, packet, capture) for packet in packets]
        results = []
        for packet in packets:
            with self.clock.in_place_of_time():
                results.append(_call(handler, packet, capture))
        return results

    def to_socket(
        self, capture: Name, sock: socket.socket, *, where: str, speed: float = AT_ONCE
    ) -> int:
        """Send what packets carried over UDP, TCP or SCTP to a connected socket; octets sent.

        `where`, a display filter, chooses one side: "udp.dstport == 53". A datagram becomes one
        datagram. Of TCP it is the stream: each octet once and in order, however it was segmented,
        repeated and swapped; what the capture lacks ends it with ValueError. `speed` 1 is the
        recorded pace, 10 ten times as fast; by default nobody waits. Raises OSError.
        """
        pace = _Pace(speed)
        sent = 0
        for time_ns, octets in payloads(self._packets(capture, where)):
            pace.wait_for(time_ns)
            sock.sendall(octets) if sock.type == socket.SOCK_STREAM else sock.send(octets)
            sent += len(octets)
        return sent

    def to_interface(
        self, capture: Name, interface: str, *, where: str | None = None, speed: float = AT_ONCE,
        opener: Callable[[int, int, int], socket.socket] = socket.socket,
    ) -> int:
        """Send the frames of a capture on an interface as they are; how many the kernel took.

        `opener` opens the socket, as a virtual host's `socket` does. The rest is as for
        `to_socket`; `rawlab.replay` does more. Raises SendError kinds, which say what to do.
        """
        from rawlab.inject.replay import replay

        _Pace(speed)  # which refuses a wrong speed
        with read(self.find(capture), registry=self._registry) as file:
            topspeed = speed == AT_ONCE
            return replay(
                file, interface, where=where, speed=1.0 if topspeed else speed, topspeed=topspeed,
                bypass=False, opener=opener,
            ).sent

    def find(self, capture: Name) -> Path:
        """The file of that name; FileNotFoundError, with the places looked at."""
        tried = [folder / capture for folder in self._folders]
        for path in tried:
            if path.exists():
                return path
        places = ", ".join(str(path.parent) for path in dict.fromkeys(tried))
        raise FileNotFoundError(f"there is no capture {capture} in {places}")

    def _packets(self, capture: Name, where: str | None) -> Iterator[Packet]:
        path = self.find(capture)
        self.clock.restart()
        with read(path, registry=self._registry) as file:
            for packet in file if where is None else file.where(where):
                self.clock.advance_to(packet.time_ns)
                yield packet
            if file.cut is not None:
                warnings.warn(CutShort(f"{path}: {file.cut}"), stacklevel=3)


class _Pace:
    """Waits until a packet's time has come, counted from the first."""

    def __init__(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be more than 0, not {speed}")
        self._speed = speed
        self._first: tuple[int, float] | None = None

    def wait_for(self, time_ns: int) -> None:
        if self._speed == AT_ONCE:
            return
        if self._first is None:
            self._first = time_ns, time.monotonic()
        first_ns, began = self._first
        left_s = began + (time_ns - first_ns) / SECOND_NS / self._speed - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)


def _call(handler: Callable[[Packet], R], packet: Packet, capture: Name) -> R:
    __tracebackhide__ = True
    try:
        return handler(packet)
    except BaseException as error:
        error.add_note(f"while packet {packet.number} of {capture} was replayed: {line(packet)}")
        raise
