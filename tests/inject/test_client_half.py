"""The client's half of a connection, step by step, with time as an argument."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors import TCP, IPv4
from dissectors.tcp_options import MaximumSegmentSize, Timestamps
from rawlab.inject.batching import batch_of_octets
from rawlab.inject.client_half import FIRST_RETRY_NS, ClientHalf
from rawlab.inject.recorded_client import Assembly, recording_of
from rawlab.inject.segments import Outgoing, Segment

S = 1_000_000_000
OUT = IPv4(src="10.0.0.1", dst="10.0.0.2")
BACK = IPv4(src="10.0.0.2", dst="10.0.0.1")


def conversation() -> ClientHalf:
    """A question of 6 octets, an answer of 4, another question, and the client's end."""
    options = [MaximumSegmentSize(mss_val=1460), Timestamps(tsval=7)]
    packets = [
        OUT / TCP(srcport=1000, dstport=80, flags="S", seq=100, options=options),
        BACK / TCP(srcport=80, dstport=1000, flags="SA", seq=500, ack=101),
        OUT / TCP(srcport=1000, dstport=80, flags="A", seq=101, ack=501),
        OUT / TCP(srcport=1000, dstport=80, flags="PA", seq=101, ack=501) / b"first?",
        BACK / TCP(srcport=80, dstport=1000, flags="PA", seq=501, ack=107) / b"yes.",
        OUT / TCP(srcport=1000, dstport=80, flags="PA", seq=101, ack=501) / b"first?",
        OUT / TCP(srcport=1000, dstport=80, flags="PA", seq=107, ack=505) / b"next?",
        OUT / TCP(srcport=1000, dstport=80, flags="FA", seq=112, ack=505),
    ]
    recording = recording_of(batch_of_octets([bytes(p) for p in packets], 101))
    assert [(s.data, s.after, s.fin) for s in recording.steps] == [
        (b"first?", 0, False), (b"next?", 4, False), (b"", 4, True)]
    assert (recording.answer, recording.ended) == (b"yes.", False)
    half = ClientHalf(recording, isn=0xFFFFFFFE, timeout_ns=5 * S)
    half.start(0)
    return half


def taken(half: ClientHalf) -> list[tuple[str, int, int, bytes]]:
    found = [(o.flags, o.seq, o.ack, o.data) for o in half.outgoing]
    half.outgoing.clear()
    return found


def connected(half: ClientHalf, window: int = 1000) -> None:
    assert taken(half) == [("S", 0xFFFFFFFE, 0, b"")]
    half.receive(Segment(9000, 0xFFFFFFFF, syn=True, window=window), 1)


def test_it_answers_what_the_server_really_sends() -> None:
    half = conversation()
    connected(half)
    assert taken(half) == [("PA", 0xFFFFFFFF, 9001, b"first?")]
    half.receive(Segment(9001, 5, data=b"ye", window=1000), 2)
    assert taken(half) == [("A", 5, 9003, b"")]
    half.receive(Segment(9003, 5, data=b"s.", window=1000), 3)
    assert taken(half) == [("PA", 5, 9005, b"next?"), ("FA", 10, 9005, b"")]
    half.receive(Segment(9005, 11, window=1000), 4)
    assert taken(half) == [("RA", 11, 9005, b"")]  # the recording ends before the server did
    assert half.done
    assert half.complete
    assert half.divergences == []


def test_what_is_lost_is_sent_again_ever_more_slowly() -> None:
    half = conversation()
    assert taken(half)
    assert half.next_ns == FIRST_RETRY_NS
    half.tick(FIRST_RETRY_NS)
    assert taken(half) == [("S", 0xFFFFFFFE, 0, b"")]
    assert half.next_ns == 3 * FIRST_RETRY_NS
    half.receive(Segment(9000, 0xFFFFFFFF, syn=True, window=1000), S)
    taken(half)
    half.tick(S + FIRST_RETRY_NS)
    assert taken(half) == [("PA", 0xFFFFFFFF, 9001, b"first?")]
    assert half.retransmissions == 2
    half.tick(7 * S)
    assert half.done
    assert [one.kind for one in half.divergences] == ["unanswered"]
    assert taken(half)[-1][0] == "RA"


def test_the_window_and_the_segment_size_of_the_server_hold() -> None:
    half = conversation()
    half.mss = 4
    connected(half, window=4)
    assert taken(half) == [("A", 0xFFFFFFFF, 9001, b"firs")]
    half.receive(Segment(9001, 3, window=4), 2)
    assert taken(half) == [("PA", 3, 9001, b"t?")]


def test_answers_in_disorder_and_twice_count_once() -> None:
    half = conversation()
    connected(half)
    for seq, data in ((9003, b"s."), (9003, b"s."), (9001, b"yes"), (9001, b"yes")):
        half.receive(Segment(seq, 5, data=data, window=1000), 2)
    assert half.received == b"yes."
    assert half.divergences == []
    assert [o.data for o in half.outgoing if o.data] == [b"first?", b"next?"]


@pytest.mark.parametrize(("answer", "told"), [
    (b"yEs.", ("different", 1, b"es.", b"Es.")), (b"yes.more", ("longer", 4, b"", b"more")),
])
def test_divergences(answer: bytes, told: tuple[str, int, bytes, bytes]) -> None:
    half = conversation()
    connected(half)
    half.receive(Segment(9001, 5, data=answer, window=1000), 2)
    assert half.divergences == [told]


def test_what_does_not_come_is_waited_for_no_longer_than_asked() -> None:
    half = conversation()
    connected(half)
    half.receive(Segment(9001, 5, data=b"ye", window=1000), S)
    taken(half)
    assert half.next_ns == 6 * S
    half.tick(6 * S)
    assert half.divergences == [("timeout", 2, b"s.", b"")]
    assert [one[3] for one in taken(half)] == [b"next?", b""]


def test_timestamps_are_used_if_the_server_takes_them() -> None:
    half = conversation()
    first: Outgoing = half.outgoing.pop()
    assert first.stamps == (1, 0)
    half.receive(Segment(9000, 0xFFFFFFFF, syn=True, window=1000, tsval=77), 5_000_000)
    assert half.outgoing[0].stamps == (6, 77)
    half = conversation()
    half.outgoing.clear()
    half.receive(Segment(9000, 0xFFFFFFFF, syn=True, window=1000), 5_000_000)
    assert half.outgoing[0].stamps is None


@given(st.lists(st.builds(
    Segment, seq=st.integers(8990, 9020), ack=st.none() | st.sampled_from(
        [0xFFFFFFFE, 0xFFFFFFFF, 0, 5, 10, 11, 12, 1 << 31]),
    syn=st.booleans(), fin=st.booleans(), reset=st.booleans(), window=st.integers(0, 65535),
    data=st.binary(max_size=9), mss=st.none() | st.integers(0, 65535),
    shift=st.none() | st.integers(0, 255), tsval=st.none() | st.integers(0, 0xFFFFFFFF))))
def test_whatever_a_server_sends_ends(segments: list[Segment]) -> None:
    half = conversation()
    now = 0
    for segment in segments:
        now += 1_000_000
        half.receive(segment, now)
    for _ in range(200):
        if half.next_ns is None:
            break
        now = max(now, half.next_ns)
        half.tick(now)
    assert half.done


@given(st.binary(min_size=1, max_size=60), st.data())
def test_pieces_in_any_order_make_the_stream(octets: bytes, data: st.DataObject) -> None:
    cuts = sorted({0, len(octets), *data.draw(st.lists(st.integers(0, len(octets))))})
    pieces = [(a, octets[a:b]) for a, b in pairwise(cuts)]
    extra = data.draw(st.lists(st.sampled_from(pieces)))
    assembly = Assembly()
    for offset, piece in data.draw(st.permutations(pieces + extra)):
        assembly.add(offset, piece)
    assert assembly.octets == octets
    assert not assembly.has_gap


@given(st.data())
def test_damaged_recordings_are_recordings_or_errors(data: st.DataObject) -> None:
    octets = [bytearray(bytes(OUT / TCP(srcport=1, dstport=2, flags=flags, seq=9) / b"abc"))
              for flags in ("S", "A", "PA", "FA", "A")]
    octets.append(bytearray(bytes(BACK / TCP(srcport=2, dstport=1, flags="SA", seq=5, ack=10))))
    for packet in octets:
        for place in data.draw(st.lists(st.integers(20, len(packet) - 1), max_size=3)):
            packet[place] = data.draw(st.integers(0, 255))
    try:
        recording = recording_of(batch_of_octets([bytes(one) for one in octets], 101))
    except ValueError:
        return
    half = ClientHalf(recording, isn=1, timeout_ns=S)
    half.start(0)
    for now in range(0, 40 * S, S // 4):
        half.tick(now)
    assert half.done
