"""A ring block turned into records at once gives the same octets as by way of its index."""

from __future__ import annotations

import importlib.util
import sys
from array import array
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rawlab.engine.block_records as compiled
from capture.frames import frame, tag
from capture.namespaces import Wire
from capture.test_block import NUMBERS, Frame, block, plan
from rawlab.batch import Batch, Interface, new_index
from rawlab.capture.ring import Ring
from rawlab.capture.settings import RingSettings
from rawlab.engine.framing import END, STATE_CELLS
from rawlab.engine.ring import PLAN_TRUNCATED, index_block
from rawlab.files.pcap_writer import PcapForm
from rawlab.files.pcapng_writer import PcapngForm
from rawlab.files.room import Room
from rawlab.leased import LeasedBatch

FormName = Literal["pcapng", "pcap"]
FORMS: tuple[FormName, ...] = ("pcapng", "pcap")


def _uncompiled(name: str) -> ModuleType:
    source = Path(compiled.__file__).parent / f"{name}.py"
    specification = importlib.util.spec_from_file_location(f"uncompiled_{name}", source)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def by_index(octets: bytearray, numbers: memoryview, form: FormName, linktype: int) -> bytes | None:
    """The records of a block, made from its index; None where the form refuses a packet."""
    index = new_index(512)
    view = memoryview(octets)
    count = index_block(view, view.cast("H"), view.cast("I"), index, numbers)
    interfaces = [Interface(f"if{number}", linktype) for number in range(6)]
    return framed(Batch(view.toreadonly(), index, count, interfaces), form, interfaces)


def framed(batch: Batch, form: FormName, interfaces: list[Interface]) -> bytes:
    room = Room()
    one = (
        PcapngForm(interfaces, 0, None, None) if form == "pcapng"
        else PcapForm("x", interfaces, 0)
    )  # fmt: skip
    one.begin(room)
    room.end = 0
    one.frame(batch, room)
    return bytes(room.filled)


def table_of(linktype: int) -> array[int]:
    """Six interfaces of a link type, with nanoseconds."""
    return array("q", [cell for number in range(6) for cell in (number, linktype, 1)])


def at_once(
    octets: bytearray, numbers: memoryview, form: FormName, linktype: int, columns: int = 3
) -> tuple[int, bytes]:
    view = memoryview(octets)
    out, state = bytearray(2 * len(octets) + 40_000), array("q", bytes(8 * STATE_CELLS))
    words = view.cast("I")
    table = table_of(linktype) if form == "pcapng" else array("q")
    done = compiled.frame_block(
        view, view.cast("H"), words, new_index(columns), numbers, words[3], table, linktype, out,
        0, state,
    )  # fmt: skip
    return done, bytes(out[: state[END]])


def same_both_ways(octets: bytearray, numbers: memoryview, linktype: int) -> int:
    """How many packets there are, which both ways write as the same octets in either form."""
    done = 0
    for form in FORMS:
        fresh, fresh_numbers = bytearray(octets), memoryview(bytearray(numbers)).cast("q")
        wanted = by_index(fresh, fresh_numbers, form, linktype)
        once, once_numbers = bytearray(octets), memoryview(bytearray(numbers)).cast("q")
        done, records = at_once(once, once_numbers, form, linktype)
        assert records == wanted
        assert once_numbers[PLAN_TRUNCATED] == fresh_numbers[PLAN_TRUNCATED]
        # What was framed may be framed or indexed again, and is not counted twice.
        assert at_once(once, once_numbers, form, linktype, 64) == (done, wanted)
        assert by_index(once, once_numbers, form, linktype) == wanted
        assert once_numbers.tolist() == fresh_numbers.tolist()
        assert once == fresh
    return done


FRAMES = st.lists(
    st.builds(
        Frame,
        octets=st.binary(max_size=80),
        length=st.integers(0, 100),
        status=st.sampled_from([0, 1, 0x10, 0x50, 0xFF]),
        tci=st.integers(0, 0xFFFF),
        tpid=st.sampled_from([0, 0x8100, 0x88A8]),
        mac=st.sampled_from([60, 72, 91, 92, 96, 200]),
        ifindex=st.integers(-1, 6),
    ),
    max_size=20,
)


@given(FRAMES, st.integers(0, 2), st.sampled_from([113, 276]), st.integers(1, 80))
def test_forged_packets(frames: list[Frame], cooked: int, made_up: int, snaplen: int) -> None:
    linktype = made_up if cooked else 1
    same_both_ways(block(frames), plan(linktype, snaplen, cooked), linktype)


@given(
    words=st.lists(NUMBERS, min_size=12, max_size=128).map(lambda words: words[: len(words) & ~1]),
    cooked=st.integers(0, 2),
    snaplen=st.integers(1, 300),
    linktype=st.sampled_from([1, 101, 113, 276]),
)
def test_any_block_stays_inside_its_bounds(
    words: list[int], cooked: int, snaplen: int, linktype: int
) -> None:
    """Packets that overlap may come out either way, but whole."""
    octets = bytearray(array("I", words).tobytes())
    numbers = plan(linktype, snaplen, cooked)
    for form in FORMS:
        done, records = at_once(bytearray(octets), numbers, form, linktype)
        whole = PcapngForm((), 0, None, None) if form == "pcapng" else PcapForm("x", (), 0)
        assert whole.whole(memoryview(records)) == (done, len(records))


def test_uncompiled_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tagged = Frame(frame(2), 60, 0x50, tci=5, tpid=0x88A8)
    octets = block([Frame(frame(1), 100), tagged, Frame(frame(3), 60)] * 30)
    wanted = [at_once(bytearray(octets), plan(), form, 1) for form in FORMS]
    for name in ("ring", "framing"):
        monkeypatch.setitem(sys.modules, f"rawlab.engine.{name}", _uncompiled(name))
    plain = _uncompiled("block_records")
    monkeypatch.setattr(sys.modules[__name__], "compiled", plain)
    assert [at_once(bytearray(octets), plan(), form, 1) for form in FORMS] == wanted
    assert wanted[0][0] == 90


@pytest.mark.parametrize("form", FORMS)
def test_blocks_of_the_kernel(wire: Wire, form: FormName) -> None:
    """What the ring lends is framed without its index, and then may be looked at."""
    interfaces: list[Interface] = []
    ring = Ring(wire.near, RingSettings(opener=wire.namespace.open, snaplen=100), interfaces)
    with wire.sender() as sender:
        for number in range(200):
            sender.send(frame(number, 60 + number, tag(number) if number % 3 else b""))
    ring.let_nothing_in()
    found = 0
    while not ring.drained(late=found == 200):
        taken = ring.take()
        if taken is None:
            continue
        octets, lent, count = taken
        assert not isinstance(lent, memoryview)
        batch = LeasedBatch(octets, lent, interfaces)
        assert len(batch) == count
        records = framed(batch, form, interfaces)
        assert batch.unindexed is lent
        assert lent.last_ns == batch.time_ns[count - 1]
        assert batch.unindexed is None
        plain = Batch(octets, batch.index, count, interfaces)
        assert framed(plain, form, interfaces) == records
        found += count
    late = LeasedBatch(octets, lent, interfaces)
    ring.close()
    with pytest.raises(ValueError, match="keep"):
        _ = late.index
    assert found == 200
    assert ring.counts.truncated == sum(
        60 + number + 4 * bool(number % 3) > 100 for number in range(200)
    )
