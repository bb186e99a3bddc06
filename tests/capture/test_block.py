"""The engine's index of a ring block: compiled and not, and of blocks that make no sense."""

from __future__ import annotations

import importlib.util
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rawlab.engine.ring as compiled
from capture.frames import frame, tag
from capture.namespaces import Wire
from rawlab.batch import Index, Interface, new_index
from rawlab.capture.ring import Ring
from rawlab.capture.settings import RingSettings


def _uncompiled() -> ModuleType:
    source = Path(compiled.__file__).parent / "ring.py"
    specification = importlib.util.spec_from_file_location("uncompiled_ring", source)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


uncompiled = _uncompiled()


@dataclass(frozen=True)
class Frame:
    """One packet as the kernel puts it into a block."""

    octets: bytes
    length: int
    status: int = 0
    tci: int = 0
    tpid: int = 0
    mac: int = 92
    ifindex: int = 3


def block(frames: Sequence[Frame], size: int = 1 << 14) -> bytearray:
    """A block of the ring (struct tpacket_block_desc), in this machine's byte order."""
    made = bytearray(size)
    struct.pack_into("=5I", made, 0, 2, 0, 1, len(frames), 48)
    at = 48
    for one in frames:
        step = (one.mac + len(one.octets) + 7) & ~7
        header = struct.pack(
            "=6I2H2I2H8x", step, 5, 6, len(one.octets), one.length, one.status,
            one.mac, one.mac + 14, 0, one.tci, one.tpid, 0,
        )  # fmt: skip
        protocol = socket.htons(0x0800)
        address = struct.pack("=HHiHBB", 17, protocol, one.ifindex, 1, 0, 6) + b"sender\0\0"
        made[at : at + 68] = header + address
        made[at + one.mac : at + one.mac + len(one.octets)] = one.octets
        at += step
    return made


def plan(linktype: int = 1, snaplen: int = 262_144, cooked: int = 0, room: int = 4) -> memoryview:
    """The numbers that tell the engine what to do."""
    made = memoryview(bytearray(8 * (compiled.PLAN_INDEXES + room))).cast("q")
    made[compiled.PLAN_LINKTYPE] = linktype
    made[compiled.PLAN_SNAPLEN] = snaplen
    made[compiled.PLAN_COOKED] = cooked
    made[compiled.PLAN_KNOWN] = 1
    return made


def indexed(
    module: ModuleType, octets: bytearray, numbers: memoryview, hold_gil: bool = False
) -> tuple[int, Index]:
    """What one of the two engines makes of a block, in place."""
    view = memoryview(octets)
    index = new_index(64)
    count = module.index_block(view, view.cast("H"), view.cast("I"), index, numbers, hold_gil)
    return count, index


def same_by_both(octets: bytearray, numbers: memoryview) -> tuple[int, Index, bytearray]:
    """Index a block by both engines, and hold that they agree."""
    other_octets, other_numbers = bytearray(octets), memoryview(bytearray(numbers)).cast("q")
    held_octets, held_numbers = bytearray(octets), memoryview(bytearray(numbers)).cast("q")
    held_count, held_index = indexed(compiled, held_octets, held_numbers, hold_gil=True)
    count, index = indexed(compiled, octets, numbers)
    assert (held_count, held_index.tolist()) == (count, index.tolist())
    assert (held_octets, held_numbers.tolist()) == (octets, numbers.tolist())
    other_count, other_index = indexed(uncompiled, other_octets, other_numbers)
    assert count == other_count
    assert index.tolist() == other_index.tolist()
    assert octets == other_octets
    assert numbers.tolist() == other_numbers.tolist()
    return count, index, octets


def test_the_engines_are_two() -> None:
    assert uncompiled.__file__ is not None
    assert uncompiled.__file__.endswith(".py")
    if compiled.__file__.endswith(".py"):
        pytest.skip("the engine is not compiled: rawlab/engine/ring has no extension module")


def test_rows_of_a_block() -> None:
    tagged = Frame(frame(2), 60, 0x50, tci=5, tpid=0x88A8)
    count, index, octets = same_by_both(block([Frame(frame(1), 100), tagged]), plan())
    assert count == 2
    offset, caplen, length, time_ns, interface, linktype = index.tolist()
    assert octets[offset[0] : offset[0] + caplen[0]] == frame(1)
    assert octets[offset[1] : offset[1] + caplen[1]] == frame(2, tags=tag(5, 0, 0x88A8))
    assert (caplen[:2], length[:2]) == ([60, 64], [100, 64])
    assert time_ns[:2] == [5_000_000_006] * 2
    assert (interface[:2], linktype[:2]) == ([0, 0], [1, 1])


def test_interfaces_are_numbered_as_they_are_met() -> None:
    """A full table gives number 0, which stands for any."""
    frames = [Frame(b"abc", 3, mac=96, ifindex=index) for index in (9, 4, 9, 7, 8, 4)]
    numbers = plan(276, cooked=2, room=4)
    count, index, _ = same_by_both(block(frames), numbers)
    assert count == 6
    assert index.tolist()[4][:6] == [1, 2, 1, 3, 0, 2]
    assert numbers.tolist()[compiled.PLAN_INDEXES :] == [0, 9, 4, 7]


def test_a_block_of_the_kernel(wire: Wire) -> None:
    """Both engines make the same of what the kernel really wrote."""
    settings = RingSettings(opener=wire.namespace.open)
    interfaces: list[Interface] = []
    ring = Ring(wire.near, settings, interfaces)
    with wire.sender() as sender:
        for number in range(40):
            sender.send(frame(number, tags=tag(number) if number % 3 else b""))
    ring.let_nothing_in()
    while not ring.ready:
        pass
    saved = bytearray(ring._octets[: settings.block_octets])
    ring.close()
    count, index, octets = same_by_both(saved, plan())
    rows = index.tolist()
    assert count == 40
    for number in range(40):
        start = rows[0][number]
        wanted = frame(number, tags=tag(number) if number % 3 else b"")
        assert octets[start : start + rows[1][number]] == wanted


NUMBERS = st.integers(0, 400) | st.integers(0, 2**32 - 1) | st.sampled_from([0, 48, 96, 104])


@given(
    words=st.lists(NUMBERS, min_size=12, max_size=128).map(lambda words: words[: len(words) & ~1]),
    cooked=st.integers(0, 2),
    snaplen=st.integers(1, 300),
    linktype=st.sampled_from([1, 101, 113, 276]),
)
def test_any_block_stays_inside_its_bounds(
    words: list[int], cooked: int, snaplen: int, linktype: int
) -> None:
    octets = bytearray(struct.pack(f"={len(words)}I", *words))
    count, index, _ = same_by_both(octets, plan(linktype, snaplen, cooked))
    offset, caplen, length, *_ = index.tolist()
    for i in range(count):
        assert caplen[i] >= 0
        assert offset[i] >= 0
        assert offset[i] + caplen[i] <= len(octets)
        assert length[i] >= caplen[i]


@given(
    st.lists(
        st.builds(
            Frame,
            octets=st.binary(max_size=40),
            length=st.integers(0, 100),
            status=st.sampled_from([0, 1, 0x10, 0x50, 0xFF]),
            tci=st.integers(0, 0xFFFF),
            tpid=st.sampled_from([0, 0x8100, 0x88A8]),
            mac=st.sampled_from([60, 68, 72, 91, 92, 96, 200]),
            ifindex=st.integers(-1, 6),
        ),
        max_size=20,
    ),
    st.integers(0, 2),
    st.sampled_from([113, 276]),
    st.integers(1, 80),
)
def test_engines_agree(frames: list[Frame], cooked: int, made_up: int, snaplen: int) -> None:
    linktype = made_up if cooked else 1
    count, index, octets = same_by_both(block(frames), plan(linktype, snaplen, cooked))
    short = [one for one in frames if one.mac < (92 if cooked else 72)]
    assert count == (frames.index(short[0]) if short else len(frames))
    for i in range(count):
        kept = octets[index[0, i] : index[0, i] + index[1, i]]
        if not cooked and not frames[i].status & 0x10 and not frames[i].tci:
            assert kept == frames[i].octets[:snaplen]


@pytest.mark.parametrize("size", [0, 40, 47])
def test_views_that_are_no_block_are_refused(size: int) -> None:
    for module in (compiled, uncompiled):
        with pytest.raises(ValueError):
            indexed(module, bytearray(size & ~3), plan())
