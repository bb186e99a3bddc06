"""Requests on their way, without a wire: what is sent when, and whose a reply is."""

from __future__ import annotations

import pytest

from asking.layers import packet
from dissectors import ICMP, IPv4
from rawlab.asking import exchange_all
from rawlab.asking.outcome import Reply
from rawlab.asking.pending import MOST_DUPLICATES, NS, Pending, Request, Terms
from rawlab.packet import Packet
from rawlab.template import Template

DAY_NS = 1_700_000_000 * NS
"""The day's clock when the other one is at 0."""


def echo(seq: int, *, reply: bool = False, at_s: float = 0) -> Packet:
    ends = ("10.0.0.2", "10.0.0.1") if reply else ("10.0.0.1", "10.0.0.2")
    draft = IPv4(src=ends[0], dst=ends[1]) / ICMP(type=0 if reply else 8, ident=1, seq=seq)
    return Packet(packet(draft).octets, linktype=228, time_ns=DAY_NS + int(at_s * NS))


class Clocked:
    """Pending requests, and time as the test says."""

    def __init__(self, count: int, terms: Terms) -> None:
        self.pending = Pending([echo(seq) for seq in range(count)], terms)

    def send(self, at_s: float, seen_s: float | None = None) -> list[int]:
        """Send what is due; the numbers of it."""
        now = int(at_s * NS)
        due = self.pending.due(now, None if seen_s is None else int(seen_s * NS))
        for request in due:
            self.pending.was_sent(request, DAY_NS + now, now)
        return [self.number(request) for request in due]

    def number(self, request: Request) -> int:
        return int(request.packet.icmp.seq)

    def receive(self, seq: int, at_s: float) -> Reply | None:
        return self.pending.received(echo(seq, reply=True, at_s=at_s))

    def over(self, at_s: float) -> bool:
        return self.pending.over(int(at_s * NS))


def test_a_window_lets_others_wait() -> None:
    asked = Clocked(5, Terms(window=2))
    assert asked.send(0) == [0, 1]
    assert asked.send(0.1) == []
    assert asked.receive(1, 0.2) is not None
    assert asked.send(0.2) == [2]
    assert asked.send(1.0) == [3]  # 0 is given up, 2 waits
    assert not asked.over(1.0)


def test_a_rate_is_held_over_time() -> None:
    asked = Clocked(100, Terms(rate_pps=10))
    sent = [len(asked.send(tick / 100)) for tick in range(101)]
    assert sum(sent) == 11
    assert max(sent) == 1


def test_a_request_is_sent_again_until_it_is_given_up() -> None:
    asked = Clocked(1, Terms(timeout_s=1, retries=2))
    assert [asked.send(at) for at in (0, 0.9, 1.0, 1.9, 2.0, 2.9)] == [[0], [], [0], [], [0], []]
    assert not asked.over(2.9)
    asked.send(3.0)
    assert asked.over(3.0)
    assert len(asked.pending.result().unanswered) == 1


def test_a_reply_tells_which_sending_it_followed() -> None:
    asked = Clocked(1, Terms(timeout_s=1, retries=1))
    asked.send(0)
    asked.send(1)
    reply = asked.receive(0, 1.25)
    assert reply is not None
    assert (reply.tries, reply.rtt_ns) == (2, NS // 4)


def test_a_packet_older_than_the_request_is_no_reply() -> None:
    asked = Clocked(1, Terms())
    asked.send(5)
    assert asked.receive(0, 4.9) is None
    assert asked.receive(0, 5.1) is not None


def test_nothing_is_overdue_while_its_reply_may_lie_unread() -> None:
    asked = Clocked(1, Terms(timeout_s=1, retries=0))
    asked.send(0)
    asked.send(5, seen_s=0.5)
    assert not asked.over(5)
    assert asked.receive(0, 0.9) is not None
    assert asked.over(5)
    assert len(asked.pending.result().pairs) == 1


def test_duplicates_and_strays_are_told_apart() -> None:
    asked = Clocked(2, Terms(linger_s=1))
    asked.send(0)
    assert asked.receive(0, 0.1) is not None
    assert asked.receive(0, 0.2) is None
    assert asked.receive(7, 0.2) is None
    assert asked.receive(1, 0.3) is not None
    assert not asked.over(0.3)
    assert asked.receive(0, 0.4) is None
    assert asked.over(1.3)
    result = asked.pending.result()
    assert [len(reply.duplicates) for reply in result.replies] == [2, 0]
    assert (result.strays, result.unanswered) == (1, ())


def test_a_late_reply_is_still_a_reply() -> None:
    asked = Clocked(2, Terms(timeout_s=1))
    asked.send(0)
    asked.receive(1, 0.5)
    asked.send(1)
    assert asked.over(1)
    assert asked.receive(0, 1.1) is not None
    assert len(asked.pending.result().pairs) == 2


def test_the_same_request_twice_has_a_reply_each() -> None:
    pending = Pending([echo(0), echo(0)], Terms())
    for request in pending.due(0):
        pending.was_sent(request, DAY_NS, 0)
    first, second = (pending.received(echo(0, reply=True, at_s=at)) for at in (0.1, 0.2))
    assert first is not None
    assert second is not None
    assert first.duplicates == ()
    assert pending.over(0)


def test_a_flood_of_duplicates_fills_no_memory() -> None:
    asked = Clocked(2, Terms())
    asked.send(0)
    first = asked.receive(0, 0.1)
    for _ in range(200):
        asked.receive(0, 0.1)
    assert first is not None
    assert len(first.duplicates) == MOST_DUPLICATES


def test_a_template_has_no_end() -> None:
    with pytest.raises(TypeError, match=r"give a batch of it, template\.batch\(count\)"):
        exchange_all(Template(IPv4(dst="127.0.0.1") / ICMP(), {}))  # type: ignore[arg-type]
