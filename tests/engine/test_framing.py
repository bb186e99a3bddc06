"""Records are made of packets, and nothing outside the buffers is read or written."""

from __future__ import annotations

import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.batch import new_index
from rawlab.engine import framing as engine

WILD = st.integers(-(2**63), 2**63 - 1)
NEAR = st.integers(-2, 40)
COLUMN = st.tuples(NEAR | WILD, NEAR | WILD, NEAR | WILD, WILD, st.integers(-1, 2) | WILD,
                   st.integers(0, 2) | WILD)  # fmt: skip
COLUMNS = st.lists(COLUMN, min_size=1, max_size=4)
FORMS = ("pcap", "pcapng")
TABLE = array("q", (7, 1, 1, -1, 1, 1, 9, 2, 1000))
"""Interfaces 0 and 2 have the numbers 7 and 9, and link types 1 and 2."""


def index_of(columns: list[tuple[int, ...]]) -> memoryview:
    index = new_index(len(columns))
    for column, values in enumerate(columns):
        for row, value in enumerate(values):
            index[row, column] = value
    return index


def pcap_want(octets: bytes, column: tuple[int, ...]) -> bytes | int:
    """The record of one packet, or why there is none."""
    start, caplen, length, time_ns, _, linktype = column
    if not (start >= 0 and caplen >= 0 and start + caplen <= len(octets)):
        return engine.OUTSIDE
    if linktype != 1:
        return engine.OTHER_LINKTYPE
    seconds, part = divmod(min(max(time_ns, 0), 2**32 * 10**9 - 1), 10**9)
    head = struct.pack("<IIII", seconds, part, caplen, min(max(length, 0), 0xFFFFFFFF))
    return head + octets[start : start + caplen]


def pcapng_want(octets: bytes, column: tuple[int, ...]) -> bytes | int:
    """The same for pcapng."""
    start, caplen, length, time_ns, interface, linktype = column
    if not (start >= 0 and caplen >= 0 and start + caplen <= len(octets)):
        return engine.OUTSIDE
    if interface not in (0, 2):
        return engine.UNKNOWN_INTERFACE
    number, of_type, tick_ns = TABLE[3 * interface : 3 * interface + 3]
    if linktype != of_type:
        return engine.OTHER_LINKTYPE
    ticks = max(time_ns, 0) // tick_ns
    packet = octets[start : start + caplen] + bytes(-caplen % 4)
    total = 32 + len(packet)
    head = struct.pack("<IIIIIII", 6, total, number, ticks >> 32, ticks & 0xFFFFFFFF, caplen,
                       min(max(length, 0), 0xFFFFFFFF))  # fmt: skip
    return head + packet + struct.pack("<I", total)


@pytest.mark.parametrize("form", FORMS)
@given(octets=st.binary(max_size=40), columns=COLUMNS, room=st.integers(0, 200))
def test_any_index(
    form: str, octets: bytes, columns: list[tuple[int, ...]], room: int
) -> None:
    index = index_of(columns)
    out = bytearray(b"." * room)
    state = array("q", bytes(8 * engine.STATE_CELLS))
    want, done, why = b"", 0, engine.DONE
    for column in columns:
        found = pcap_want(octets, column) if form == "pcap" else pcapng_want(octets, column)
        if isinstance(found, int):
            why = found
            break
        if len(want) + len(found) > room:
            why = engine.FULL
            break
        want += found
        done += 1
    if form == "pcap":
        got = engine.frame_pcap(octets, index, 0, len(columns), 1, out, 0, state)
    else:
        got = engine.frame_pcapng(octets, index, 0, len(columns), TABLE, out, 0, state)
    assert (got, state[engine.WHY], state[engine.END]) == (done, why, len(want))
    assert out == want + b"." * (room - len(want))


def block(code: int, total: int, octets: int) -> bytes:
    body = struct.pack("<III", code, total, 0xFFFF_FFFF)
    return body + bytes(range(octets - len(body)))


@given(
    blocks=st.lists(
        st.tuples(st.sampled_from([2, 3, 6, 5]), st.integers(0, 48) | st.just(2**32 - 1),
                  st.integers(12, 48)),
        min_size=1, max_size=3,
    ),
    places=st.lists(NEAR | WILD, max_size=3), number=st.integers(-1, 70_000),
    room=st.integers(0, 100),
)  # fmt: skip
def test_any_blocks(
    blocks: list[tuple[int, int, int]], places: list[int], number: int, room: int
) -> None:
    """Only packet blocks that lie inside are copied; only the interface's number changes."""
    octets = b"".join(block(*each) for each in blocks)
    index = index_of([(0, 0, 0, 0, 0, 1)] * max(len(places), 1))
    out = bytearray(b"." * room)
    state = array("q", bytes(8 * engine.STATE_CELLS))
    table = array("q", (number, 1, 1))
    done = engine.copy_blocks(octets, index, array("q", places), 0, len(places) + 1, table, False,
                              out, 0, state)  # fmt: skip
    end = 0
    for place in places[:done]:
        code, total, _ = struct.unpack_from("<III", octets, place)
        want = bytearray(octets[place : place + total])
        assert len(want) == total
        if code == 6:
            struct.pack_into("<I", want, 8, number)
        elif code == 2:
            struct.pack_into("<H", want, 8, number)
        else:
            assert (code, number) == (3, 0)
        assert out[end : end + total] == want
        end += total
    assert state[engine.END] == end
    assert out[end:] == b"." * (room - end)
    assert (done == len(places)) == (state[engine.WHY] == engine.DONE)


@pytest.mark.parametrize("big", [False, True])
def test_numbers_of_interfaces_in_both_byte_orders(big: bool) -> None:
    order = ">" if big else "<"
    octets = b"".join(
        struct.pack(order + "III", code, 32, 0) + bytes(16) + struct.pack(order + "I", 32)
        for code in (6, 2)
    )
    out, state = bytearray(64), array("q", bytes(8 * engine.STATE_CELLS))
    done = engine.copy_blocks(
        octets, index_of([(0, 0, 0, 0, 0, 1)] * 2), array("q", (0, 32)), 0, 2,
        array("q", (0x1234, 1, 1)), big, out, 0, state,
    )  # fmt: skip
    assert done == 2
    assert struct.unpack_from(order + "I", out, 8)[0] == 0x1234
    assert struct.unpack_from(order + "HH", out, 40) == (0x1234, 0)
