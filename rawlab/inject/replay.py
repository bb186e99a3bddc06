"""`rawlab.replay`: captured packets out again, at their own pace or another one."""

from __future__ import annotations

import gc
import os
import socket
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rawlab.inject.lane import Lane
from rawlab.inject.pace import AWAKE_NS, FOREMOST_AWAKE_NS, Waiter, foremost
from rawlab.inject.pieces import Feed, Piece
from rawlab.inject.punctuality import Errors, Punctual
from rawlab.inject.schedule import STALL_NS, Pace, Schedule

if TYPE_CHECKING:
    from rawlab.capture.settings import Opener
    from rawlab.filter import Filter
    from rawlab.inject.pieces import Sides
    from rawlab.inject.selecting import Change, Replayable
    from rawlab.transform.rewriting import Rewrite

_LEAD_NS = 2_000_000
"""The first packet leaves so long after everything is ready."""
_LONGEST_STEP_NS = 20_000
"""From the end of a wait to the system call it takes less, unless somebody comes between."""
_IDLE_NS = 5_000_000
"""A wait that is longer leaves time to look at how far it is."""


@dataclass(frozen=True)
class Replayed:
    """What became of the packets of a replay, and how punctual they were."""

    sent: int
    """Packets that the kernel took."""
    refused: int
    """Packets that it did not take."""
    skipped: int
    """Packets left out because they were late."""
    octets: int
    """Octets of the packets that it took."""
    cut: int
    """Packets that left shorter than they were, since the capture holds only their beginning."""
    seconds: float
    punctual: Punctual
    """How far off the schedule: p50, p99, worst, in nanoseconds."""
    errors_ns: NDArray[np.int64] = field(repr=False)
    """How much later than scheduled each packet was handed to the kernel, or earlier (negative):
    by CLOCK_MONOTONIC, read right before the call. Of the first 16 million; at top speed, of
    none."""
    sent_by: Mapping[str, int] = field(default_factory=dict)
    """Packets by interface."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Refused packets by the kernel's words."""

    @property
    def pps(self) -> float:
        """Packets a second."""
        return self.sent / self.seconds if self.seconds else 0.0


class Replay:
    """Packets on their way out at their moments; any thread or signal handler may `stop` it."""

    def __init__(
        self, lanes: Sequence[Lane], feed: Feed, pace: Pace, awake_ns: int = AWAKE_NS
    ) -> None:
        self.lanes = lanes
        self._feed = feed
        self._timed = not pace.topspeed
        self._late = pace.late if self._timed else "catch-up"
        self._waiter = Waiter(awake_ns)
        self._errors = Errors()
        self._skipped = 0
        self._cut = 0
        self._origin_ns = 0
        self._lead_ns = 0
        """How long it takes from the end of a wait to the system call."""
        self._began_ns = self._ended_ns = time.monotonic_ns()

    def stop(self) -> None:
        """Let `run` return at once, with the report of what was sent until then."""
        self._waiter.stop()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._waiter.stopped

    @property
    def sent(self) -> int:
        """Packets that the kernel has taken so far."""
        return sum(lane.tally.sent for lane in self.lanes)

    def run(self, look: Callable[[Replay], None] | None = None) -> Replayed:
        """Send all packets. `look` is called now and then, when there is time for it.

        Raises WrongLinkType and InterfaceDown.
        """
        try:
            with _without_collections():
                self._feed.fill()
                self._began_ns = self._ended_ns = time.monotonic_ns()
                self._origin_ns = self._began_ns + _LEAD_NS
                while not self.stopped and (piece := self._feed.next()) is not None:
                    self._play(piece, look)
                    if look is not None:
                        look(self)
        finally:
            self._waiter.close()
        return self.result()

    def _play(self, piece: Piece, look: Callable[[Replay], None] | None) -> None:
        """Send the packets of a piece, those that are due together in one system call."""
        for lane in self.lanes:
            lane.check(int(piece.batch.linktype[0]))
        moments, runs, ends, messages = piece.moments, piece.runs, piece.ends, piece.messages
        lanes = [self.lanes[number] for number in piece.lanes]
        calls, clock, until = self._errors.calls, time.monotonic_ns, self._waiter.until
        origin, timed, tolerant = self._origin_ns, self._timed, self._late == "catch-up"
        position, count, lead = 0, len(moments), self._lead_ns
        self._cut += piece.cut
        try:
            while position < count:
                moment = moments[position]
                gap = moment + origin - clock()
                if gap > _IDLE_NS:
                    self._use(gap, look)
                now = until(moment + origin - lead) - origin
                if self._waiter.stopped:
                    break
                if not tolerant and now - moment > STALL_NS:
                    if self._late == "shift":
                        self._origin_ns = origin = origin + now - moment
                        continue
                    late = bisect_right(moments, now - STALL_NS, position, count)
                    self._skipped += late - position
                    position = late
                    continue
                due = bisect_right(moments, now + lead, position, runs[position])
                left = clock() - origin
                if left - moment < _LONGEST_STEP_NS:  # aim so that the next is right on average
                    lead = min(max(lead + (left - moment >> 3), 0), _LONGEST_STEP_NS)
                taken = lanes[position].burst(messages, ends, position, due)
                if taken and timed:
                    calls.append((position, taken, left))
                position += taken or 1
        finally:
            self._ended_ns, self._lead_ns = clock(), lead
            self._errors.settle(moments)

    def _use(self, gap_ns: int, look: Callable[[Replay], None] | None) -> None:
        """Use a gap for what else there is to do."""
        if look is not None:
            look(self)
        self._feed.fill_within(gap_ns)

    def result(self) -> Replayed:
        """What became of the packets so far."""
        tallies = [lane.tally for lane in self.lanes]
        reasons: dict[str, int] = {}
        for tally in tallies:
            for number, times in tally.reasons.items():
                words = os.strerror(number)
                reasons[words] = reasons.get(words, 0) + times
        return Replayed(
            sent=self.sent, refused=sum(t.reasons.total() for t in tallies),
            skipped=self._skipped, octets=sum(t.octets for t in tallies), cut=self._cut,
            seconds=max(self._ended_ns - self._began_ns - _LEAD_NS, 0) / 1e9,
            punctual=self._errors.summary(), errors_ns=self._errors.all(),
            sent_by={lane.interface: lane.tally.sent for lane in self.lanes}, reasons=reasons,
        )  # fmt: skip


@contextmanager
def _without_collections() -> Iterator[None]:
    """Inside the block Python's garbage collector, which takes its time, does not start."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def opened(
    batches: Callable[[Schedule], Iterator[Any]], interfaces: Sequence[str], pace: Pace,
    sides: Sides | None = None, opener: Opener = socket.socket, bypass: bool = True,
    realtime: bool = False,
) -> Iterator[Replay]:
    """A replay that is ready to `run`, of what `batches` gives; its sockets close at the end."""
    with ExitStack() as stack:
        lanes = []
        for interface in interfaces:
            lanes.append(Lane(interface, opener, bypass))
            stack.callback(lanes[-1].close)
        stack.enter_context(foremost(realtime))
        schedule = Schedule(pace)
        awake_ns = FOREMOST_AWAKE_NS if realtime else AWAKE_NS
        yield Replay(lanes, Feed(batches(schedule), schedule, sides), pace, awake_ns)


def replay(
    packets: Replayable,
    interface: str,
    *,
    server_interface: str | None = None,
    clients: Sequence[str] = (),
    speed: float = 1.0,
    rate_pps: float | None = None,
    rate_bps: float | None = None,
    topspeed: bool = False,
    late: str = "catch-up",
    max_gap_s: float | None = None,
    loop: int = 1,
    filter: str | None = None,
    where: str | Filter | None = None,
    rewrite: Rewrite | None = None,
    change: Change | None = None,
    bypass: bool = True,
    realtime: bool = False,
    opener: Opener = socket.socket,
) -> Replayed:
    """Send captured packets again on an interface; returns what became of them, and when.

        rawlab.replay("x.pcap", interface="veth0", speed=2.0)

    `packets`: a file's name, a capture file, a batch, or batches and packets in any mixture. They
    leave at the recorded pace, `speed` times faster, evenly at `rate_pps` or `rate_bps`, or at
    `topspeed`, on absolute deadlines: what is late after a stall is caught up with at once, or is
    left out (`late="skip"`), or the rest moves with it ("shift"). `max_gap_s` shortens long gaps.
    They go `loop` times (0: without end). `filter` is a capture filter, `where` a display filter.
    With `server_interface` clients' packets leave by `interface` and servers' by the other one;
    `clients` tells by addresses, networks or MAC addresses who is a client, otherwise the packets
    do (see `rawlab.transform.sides`). Addresses and ports are rewritten by `rewrite`, anything by
    `change`, which is called with each packet and returns it, another one, or None. On a machine
    with much else to do `realtime` keeps the pace: nothing ordinary runs before this thread then.

    Raises ValueError for what does not go together, OSError where a file cannot be read or nothing
    can be sent.
    """
    from rawlab.inject.selecting import Selecting, sides_of

    pace = Pace(speed, rate_pps, rate_bps, topspeed, max_gap_s, late)  # type: ignore[arg-type]
    interfaces = [interface] if server_interface is None else [interface, server_interface]
    if clients and server_interface is None:
        raise ValueError("clients tells who leaves by interface and who by server_interface,"
                         " which is missing")
    selecting = Selecting(packets, loop, filter, where, rewrite, change)
    sides = None if server_interface is None else sides_of(clients)
    with opened(selecting.batches, interfaces, pace, sides, opener, bypass, realtime) as playing:
        return playing.run()
