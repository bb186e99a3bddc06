"""The client's half of a TCP connection that plays a recording. No sockets and no clock in here."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from rawlab.inject.recorded_client import Assembly, Recording, Step, difference
from rawlab.inject.segments import Divergence, Outgoing, Segment, Unacknowledged
from rawlab.packet import Packet

_MASK = 0xFFFFFFFF
_MS = 1_000_000
FIRST_RETRY_NS = 300 * _MS
"""What is not acknowledged in this time is sent again; then in twice the time, and so on."""
SHOWN_OCTETS = 32
"""So much of what differs is kept."""


@dataclass
class ClientHalf:
    """Plays a recording: segments in, segments out, time as an argument.

    After each call `outgoing` holds what is to be sent, and `next_ns` says when `tick` is wanted.
    """

    recording: Recording
    isn: int
    timeout_ns: int
    mss: int = 1460
    outgoing: list[Outgoing] = field(default_factory=list)
    divergences: list[Divergence] = field(default_factory=list)
    sent_octets: int = 0
    """Of the client's stream, each counted once."""
    retransmissions: int = 0
    done: bool = False

    def __post_init__(self) -> None:
        self._got = Assembly()
        self._steps: deque[Step] = deque(self.recording.steps)
        self._unacknowledged: deque[Unacknowledged] = deque()
        self._next = -1
        self._server_isn: int | None = None
        self._server_window = 0
        self._shift: int | None = None
        self._stamps = any(option.option_kind == 8 for option in self.recording.syn.tcp.options)
        self._latest_stamp = 0
        self._end: int | None = None
        self._ended = False
        self._compared = 0
        self._forgiven = 0
        """Octets that the server owes and that are no longer waited for."""
        self._retries = 0
        self._retry_ns: int | None = None
        self._progress_ns = 0
        self._start_ns = 0
        self._ack_due = False
        self._fin_sent = False

    @property
    def received(self) -> bytes:
        """The server's stream so far."""
        return bytes(self._got.octets)

    @property
    def complete(self) -> bool:
        """Whether all that was recorded was sent, and acknowledged."""
        return not self._steps and not self._unacknowledged

    @property
    def next_ns(self) -> int | None:
        """When `tick` is wanted."""
        if self.done:
            return None
        over = self._progress_ns + self.timeout_ns
        return over if self._retry_ns is None else min(over, self._retry_ns)

    def start(self, now_ns: int) -> None:
        """Send the SYN."""
        self._start_ns = self._progress_ns = now_ns
        self._post(self.recording.syn, "S", b"", 1, now_ns)

    def receive(self, segment: Segment, now_ns: int) -> None:
        """Take a segment of the server."""
        if self.done:
            return
        if segment.reset:
            self._take_reset(segment)
            return
        if segment.syn:
            self._take_syn(segment, now_ns)
        if self._server_isn is None:
            return
        if segment.tsval is not None:
            self._latest_stamp = segment.tsval
        self._take_ack(segment, now_ns)
        self._take_data(segment, now_ns)
        self._go_on(now_ns)

    def tick(self, now_ns: int) -> None:
        """Time has passed."""
        if self.done:
            return
        if now_ns - self._progress_ns >= self.timeout_ns:
            self._time_out(now_ns)
        elif self._retry_ns is not None and now_ns >= self._retry_ns:
            self._retry(now_ns)
        self._go_on(now_ns)

    def abort(self, now_ns: int) -> None:
        """Reset the connection, so that the server need not wait for more."""
        if not self.done and self._server_isn is not None:
            self._emit(self._like(), "RA", self._next, b"", now_ns)
        self.done = True

    # What the server sent.

    def _take_reset(self, segment: Segment) -> None:
        if self._server_isn is None:  # RFC 9293, 3.10.7.3: it must acknowledge the SYN
            if segment.ack != (self.isn + 1) & _MASK:
                return
        elif difference(segment.seq - self._server_isn - 1 - len(self._got.octets)) < 0:
            return
        if not (self._ended and self._fin_sent):
            self._diverge("reset", len(self._got.octets))
        self.done = True

    def _take_syn(self, segment: Segment, now_ns: int) -> None:
        if segment.ack != (self.isn + 1) & _MASK:
            return
        if self._server_isn is None:
            self._server_isn = segment.seq
            self._shift = None if segment.shift is None else min(segment.shift, 14)
            self._stamps = self._stamps and segment.tsval is not None
            self.mss = min(self.mss, segment.mss or 536)
            self._progress_ns = now_ns
        self._ack_due = True

    def _take_ack(self, segment: Segment, now_ns: int) -> None:
        if segment.ack is None:
            return
        acknowledged = difference(segment.ack - self.isn - 1)
        if acknowledged > self._next:
            return  # of what was not sent
        scaled = segment.window << (self._shift or 0 if not segment.syn else 0)
        self._server_window = acknowledged + scaled
        while self._unacknowledged:
            first = self._unacknowledged[0]
            if first.offset + first.length > acknowledged:
                break
            self._unacknowledged.popleft()
            self._retries = 0
            self._retry_ns = now_ns + FIRST_RETRY_NS if self._unacknowledged else None
            self._progress_ns = now_ns

    def _take_data(self, segment: Segment, now_ns: int) -> None:
        assert self._server_isn is not None
        offset = difference(segment.seq - self._server_isn - 1) + segment.syn
        if segment.data and -len(segment.data) < offset < 1 << 30:
            self._ack_due = True
            before = len(self._got.octets)
            self._got.add(max(offset, 0), segment.data[max(-offset, 0) :])
            if len(self._got.octets) > before:
                self._progress_ns = now_ns
                self._compare()
        if segment.fin:
            self._end = offset + len(segment.data)
            self._ack_due = True
        if self._end is not None and self._end <= len(self._got.octets) and not self._ended:
            self._ended = True
            self._progress_ns = now_ns
            if len(self._got.octets) < len(self.recording.answer):
                self._diverge("shorter", len(self._got.octets))

    def _compare(self) -> None:
        """Hold what is new of the server's stream against the recording."""
        want, got, at = self.recording.answer, self._got.octets, self._compared
        end = min(len(got), len(want))
        if got[at:end] != want[at:end]:
            while got[at] == want[at]:
                at += 1
            self._diverge("different", at)
        if len(got) > len(want):
            self._diverge("longer", len(want))
        self._compared = len(got)

    def _diverge(self, kind: str, offset: int) -> None:
        """Note a divergence, the first of its kind."""
        if all(known.kind != kind for known in self.divergences):
            piece = slice(offset, offset + SHOWN_OCTETS)
            want, got = self.recording.answer[piece], bytes(self._got.octets[piece])
            self.divergences.append(Divergence(kind, offset, want, got))

    # What the client sends.

    def _go_on(self, now_ns: int) -> None:
        """Send what may be sent now."""
        while not self.done and self._server_isn is not None and self._steps:
            step = self._steps[0]
            if not self._has_enough(step.after, step.after_end):
                break
            if step.reset:
                self.abort(now_ns)
                return
            piece, rest = step.data[: self.mss], step.data[self.mss :]
            if self._server_window - self._next < len(piece) and self._unacknowledged:
                break  # what is under way goes first
            self._steps.popleft()
            if rest:
                self._steps.appendleft(replace(step, data=rest))
            self._send(step, piece, not rest, now_ns)
        if self._ack_due:
            self._emit(self._like(), "A", self._next, b"", now_ns)
        if not self._steps and not self._unacknowledged and not self.done:
            self._finish(now_ns)

    def _has_enough(self, octets: int, end: bool) -> bool:
        """Whether the server has sent as much as it had in the recording."""
        if self._ended:
            return True
        return len(self._got.octets) >= octets - self._forgiven and not end

    def _send(self, step: Step, piece: bytes, last: bool, now_ns: int) -> None:
        """Send a piece of what was one segment, and the FIN with the last one."""
        self.sent_octets += len(piece)
        fin = step.fin and last and not self._fin_sent
        flags = "F" * fin + "P" * (last and bool(piece)) + "A"
        if piece or fin:
            self._fin_sent |= fin
            self._post(step.packet, flags, piece, len(piece) + fin, now_ns)

    def _finish(self, now_ns: int) -> None:
        """All is sent and acknowledged: end as soon as the server has sent all."""
        recording = self.recording
        if not self._has_enough(len(recording.answer), recording.ended):
            return
        if self._fin_sent and self._ended:
            self.done = True
        elif not self._fin_sent or not recording.ended:
            self.abort(now_ns)

    def _post(self, packet: Packet, flags: str, data: bytes, length: int, now_ns: int) -> None:
        """Send something that has to be acknowledged."""
        self._unacknowledged.append(Unacknowledged(self._next, length, packet, flags, data))
        if self._retry_ns is None:
            self._retry_ns = now_ns + FIRST_RETRY_NS
        self._emit(packet, flags, self._next, data, now_ns)
        self._next += length
        self._progress_ns = now_ns

    def _emit(self, packet: Packet, flags: str, offset: int, data: bytes, now_ns: int) -> None:
        stamps = None
        if self._stamps:
            stamps = (now_ns - self._start_ns) // _MS + 1 & _MASK, self._latest_stamp
        ack = 0
        if self._server_isn is not None:
            ended = self._ended and self._end == len(self._got.octets)
            ack = (self._server_isn + 1 + len(self._got.octets) + ended) & _MASK
            self._ack_due = False
        seq = (self.isn + 1 + offset) & _MASK
        window = self._window() if "S" not in flags else packet.tcp.window_size_value
        self.outgoing.append(Outgoing(packet, flags, seq, ack, window, data, stamps))

    def _window(self) -> int:
        """The window to offer; without scaling it says itself what it said by scaling."""
        window = self.recording.window
        if self._shift is None:
            offered = [option.wscale__shift for option in self.recording.syn.tcp.options
                       if option.option_kind == 3]
            window <<= min(int(offered[0]), 14) if offered else 0
        return min(window, 0xFFFF)

    def _like(self) -> Packet:
        """The packet after whose form a bare acknowledgement is made."""
        return self.recording.steps[0].packet if self.recording.steps else self.recording.syn

    # Time.

    def _retry(self, now_ns: int) -> None:
        first = self._unacknowledged[0]
        self._retries += 1
        self.retransmissions += 1
        self._retry_ns = now_ns + (FIRST_RETRY_NS << self._retries)
        self._emit(first.packet, first.flags, first.offset, first.data, now_ns)

    def _time_out(self, now_ns: int) -> None:
        """The server does not send what it sent in the recording: go on without it."""
        if self._unacknowledged:
            self._diverge("unanswered", len(self._got.octets))
            self.abort(now_ns)
            return
        recording = self.recording
        step = self._steps[0] if self._steps else None
        after = step.after if step is not None else len(recording.answer)
        self._progress_ns = now_ns
        missing = after - self._forgiven - len(self._got.octets)
        self._diverge("timeout", len(self._got.octets))
        if step is None:
            self.abort(now_ns)
        elif missing > 0:
            self._forgiven += missing
        else:
            self._ended = True  # only its end is missing
