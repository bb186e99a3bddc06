"""A capture in the background of a test: its packets so far, and the wait for one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from os import PathLike
from time import monotonic, time_ns  # a test may replace those of `time`
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rawlab.capture.settings import RingSettings
from rawlab.capture.sniffer import Sniffer
from rawlab.files.writing import write
from rawlab.packet import Packet
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft
from rawlab.testing.assertions import last_lines
from rawlab.testing.comparing import matches
from rawlab.testing.wording import show_pattern

if TYPE_CHECKING:
    from rawlab.capture.counts import Counts
    from rawlab.capture.settings import Opener
    from rawlab.schema.registry import Registry

Wanted = str | Header | Draft | type[Header] | Callable[[Packet], object]
"""A display filter, a pattern as for `assert_packet`, or a function that is asked."""

MOST_OCTETS = 256 << 20
"""Octets of packets that are kept; then a recording ends."""
_LATENCY_MS = 1
_IDLE_S = 0.012
"""So long after its arrival a packet is in our hands, if nothing else arrives."""
_SETTLE_S = 1.0
_BUFFER_OCTETS = 8 << 20


class Recording:
    """Captures from its making until `close`, in a thread of its own.

    `filter` is a capture filter; `opener` opens the socket, in whichever network namespace it
    likes. Raises CaptureError kinds, and ValueError for a wrong filter.
    """

    def __init__(
        self,
        interface: str = "lo",
        *,
        filter: str | None = None,
        opener: Opener | None = None,
        registry: Registry | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or interface
        """What reports call it."""
        given: dict[str, Any] = {} if opener is None else {"opener": opener}
        settings = RingSettings(
            filter=filter, latency_ms=_LATENCY_MS, buffer_octets=_BUFFER_OCTETS, **given)
        self._sniffer = Sniffer(interface, settings=settings, registry=registry)
        self._packets: list[Packet] = []
        self._octets = 0
        self._error: OSError | None = None
        self._ended = False
        self._idle_since = 0.0
        self._news = threading.Condition()
        self._thread = threading.Thread(
            target=self._record, name=f"rawlab recording {self.name}", daemon=True)
        self._thread.start()

    @property
    def packets(self) -> list[Packet]:
        """All packets until now, those included that were sent before this was asked for."""
        self._settle()
        with self._news:
            return list(self._packets)

    def __iter__(self) -> Iterator[Packet]:
        return iter(self.packets)

    def __len__(self) -> int:
        return len(self.packets)

    @property
    def counts(self) -> Counts:
        """What became of the packets: captured, dropped ..."""
        return self._sniffer.counts

    def wait_for(
        self, wanted: Wanted, timeout_s: float = 1.0, *, after: Packet | None = None
    ) -> Packet:
        """The first packet like `wanted`, which may be here already; else it is waited for.

        With `after`, the first behind that packet. Raises AssertionError when there is none in
        time, FilterError for a wrong filter, and what ended the capture if something did.
        """
        __tracebackhide__ = True
        matches_wanted, words = self._matcher(wanted)
        place = 0
        deadline = monotonic() + timeout_s
        while True:
            with self._news:
                fresh, ended = self._packets[place:], self._ended
            for packet in fresh:
                late = after is None or packet.number > after.number
                if late and matches_wanted(packet):
                    return packet
            place += len(fresh)
            left_s = deadline - monotonic()
            with self._news:
                if len(self._packets) > place:
                    continue
                if ended or left_s <= 0:
                    break
                self._news.wait(left_s)
        if self._error is not None:
            raise self._error
        raise AssertionError(self._nothing(words, timeout_s, after))

    def save(self, path: str | PathLike[str]) -> int:
        """Write the packets until now to a capture file; how many they are."""
        return write(path, self.packets)

    def report(self) -> list[str]:
        """The last packets, a line each, and what was lost."""
        packets = self.packets
        counts = self._sniffer.counts
        told = f"{len(packets)} packet{'' if len(packets) == 1 else 's'} captured on {self.name}"
        if counts.dropped:
            told += f", {counts.dropped} dropped by the kernel"
        if self._octets >= MOST_OCTETS:
            told += f"; the recording ended after {self._octets} octets"
        if self._error is not None:
            told += f"; {self._error}"
        return [told, *last_lines(packets)]

    def close(self) -> None:
        """End the capture; what was captured stays."""
        if not self._ended:
            self._settle()
        self._sniffer.stop()
        self._thread.join()
        self._sniffer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _record(self) -> None:
        """In the thread: keep what arrives, and tell who waits."""
        try:
            for batch in self._sniffer.batches(_IDLE_S):
                packets = list(batch.keep()) if batch.count else []
                with self._news:
                    self._packets += packets
                    self._octets += sum(packet.caplen for packet in packets)
                    if not packets:
                        self._idle_since = monotonic() - _IDLE_S
                    self._news.notify_all()
                if self._octets >= MOST_OCTETS:
                    break
        except OSError as error:
            self._error = error
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _settle(self) -> None:
        """Wait until what has arrived is here."""
        asked, asked_ns = monotonic(), time_ns()
        with self._news:
            self._news.wait_for(
                lambda: self._ended or self._idle_since >= asked or bool(
                    self._packets and self._packets[-1].time_ns > asked_ns),
                _SETTLE_S)

    def _matcher(self, wanted: Wanted) -> tuple[Callable[[Packet], object], str]:
        if isinstance(wanted, str):
            from rawlab.filter import compile_filter

            return compile_filter(wanted, self._sniffer.registry).matches, f"{wanted!r}"
        if isinstance(wanted, (Header, Draft)) or (
                isinstance(wanted, type) and issubclass(wanted, Header)):
            pattern = wanted
            return lambda packet: matches(packet, pattern), show_pattern(pattern)
        if callable(wanted):
            return wanted, getattr(wanted, "__name__", repr(wanted))
        raise TypeError(f"a display filter, headers or a function is wanted, not {wanted!r}")

    def _nothing(self, words: str, timeout_s: float, after: Packet | None) -> str:
        behind = f" after packet {after.number}" if after is not None else ""
        packets = self.packets
        told = f"no packet{behind} on {self.name} is {words} (waited {timeout_s:g} s)"
        if dropped := self._sniffer.counts.dropped:
            told += f"; {dropped} were dropped by the kernel"
        if not packets:
            return f"{told}: there were no packets at all"
        count = f"{len(packets)} packet{'' if len(packets) == 1 else 's'}"
        return "\n".join([f"{told}, but {count} came:", *last_lines(packets)])
