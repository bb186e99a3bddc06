"""A sender: batches in at the top, packets out on an interface or by route, all counted."""

from __future__ import annotations

import socket
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

import numpy as np

from rawlab.capture.settings import Opener
from rawlab.inject.errors import wrong_linktype

if TYPE_CHECKING:
    from rawlab.batch import Batch

Level = Literal["link", "ip"]
Method = Literal["auto", "sendmmsg", "xdp"]


class Path(Protocol):
    """One way out of the process. Both calls count in the sender's tally."""

    def send(self, batch: Batch, first: int, last: int) -> int: ...
    def send_one(self, octets: bytes) -> bool: ...
    def prepare(self) -> None: ...
    def close(self) -> None: ...


class Tally:
    """What became of packets that were to be sent."""

    __slots__ = ("octets", "reasons", "sent")

    def __init__(self) -> None:
        self.sent = 0
        self.octets = 0
        self.reasons: Counter[int] = Counter()

    def refuse(self, number: int, packets: int = 1) -> None:
        """Count packets that the kernel did not take, for the reason `number` (errno)."""
        self.reasons[number] += packets


class Sender:
    """Sends packets; made by `open_sender`. To be closed, or used in a `with` statement."""

    def __init__(
        self, path: Path, tally: Tally, linktypes: tuple[int, ...], interface: str | None
    ) -> None:
        self._path = path
        self._interface = interface
        self._tally = tally
        self.linktypes = linktypes
        """The LINKTYPE_ values of packets that can be sent; the first is the usual one."""

    def send(self, batch: Batch, first: int = 0, last: int | None = None) -> int:
        """Send the packets of a batch (or those at first..last-1), in order; how many were taken.

        It waits where a queue is full. What the kernel refuses is counted, and the rest goes on.
        Raises WrongLinkType when the packets begin with another header, InterfaceDown when
        nothing can leave any more.
        """
        last = batch.count if last is None else last
        if last <= first:
            return 0
        kinds = np.frombuffer(batch.linktype, dtype=np.int64)[first:last]
        if (kinds != kinds[0]).any() or kinds[0] not in self.linktypes:
            for kind in kinds.tolist():
                if kind not in self.linktypes:
                    raise wrong_linktype(kind, self.linktypes[0], self._interface)
        return self._path.send(batch, first, last)

    def send_one(self, octets: bytes) -> bool:
        """Send one packet at once; whether the kernel took it. It does not wait for a queue."""
        return self._path.send_one(octets)

    @property
    def sent(self) -> int:
        """Packets that the kernel took."""
        return self._tally.sent

    @property
    def octets(self) -> int:
        """Octets of the packets that the kernel took."""
        return self._tally.octets

    @property
    def refused(self) -> int:
        """Packets that the kernel did not take."""
        return self._tally.reasons.total()

    @property
    def reasons(self) -> dict[int, int]:
        """Refused packets by the kernel's reason (errno)."""
        return dict(self._tally.reasons)

    def prepare(self) -> None:
        """Open at once all that may be needed, as before giving up privileges."""
        self._path.prepare()

    def close(self) -> None:
        """Close the sockets; a second call does nothing. The counts stay."""
        self._path.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_sender(
    interface: str | None = None,
    *,
    level: Level | None = None,
    opener: Opener = socket.socket,
    method: Method = "auto",
    bypass: bool = True,
) -> Sender:
    """Open what sends packets on an interface, or by route where none is named.

    `level` "link" takes whole frames and needs an interface; "ip" takes IPv4 and IPv6 packets,
    for which the kernel finds the way and writes the frame. None is "link" where an interface is
    named, else "ip". `opener` opens the sockets, in whichever network namespace it likes. With
    `bypass` frames go around the queueing discipline: faster, and not seen by who captures on the
    sending interface. `method` "auto" is the fastest that works: AF_XDP ("xdp", which bypasses)
    for large batches of frames where `bypass` is wanted and the kernel lets us, else "sendmmsg".

    Raises SendError kinds, NoSuchInterface, and ValueError for what does not go together.
    """
    if level not in (None, "link", "ip"):
        raise ValueError(f"level must be link or ip, not {level!r}")
    if method not in ("auto", "sendmmsg", "xdp"):
        raise ValueError(f"method must be auto, sendmmsg or xdp, not {method!r}")
    tally = Tally()
    if level == "ip" or level is None and interface is None:
        from rawlab.inject.raw_path import RAW_LINKTYPES, RawPath

        return Sender(RawPath(interface, opener, tally), tally, RAW_LINKTYPES, None)
    if interface is None:
        raise ValueError("a frame needs an interface: name the one that it leaves by")
    from rawlab.inject.link_path import LinkPath

    path = LinkPath(interface, opener, bypass, method, tally)
    return Sender(path, tally, (path.device.linktype,), interface)
