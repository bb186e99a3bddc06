"""Columns hold what the packets' fields do, for every field of every protocol."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Any

import numpy as np
import pytest

from declared import USER0
from rawlab.batch import Batch
from rawlab.columns import Columns, columns
from rawlab.engine.view import bounds_of
from rawlab.files import read
from rawlab.packet import Packet
from rawlab.plan import Source, parse
from rawlab.plugins import default_registry
from rawlab.ragged import Ragged
from rawlab.schema import (
    I16,
    I64,
    U3,
    U4,
    U5,
    U8,
    U16,
    U64,
    FieldValue,
    Flags,
    Header,
    IPv6Address,
    Kind,
    MACAddress,
    Registry,
    field_values,
    on,
)
from rawlab.schema.items import Nested
from samples import CAPTURES, batch_of, captured, mutated, noise

REGISTRY = default_registry()


@cache
def packets(kind: str) -> Batch:
    made = {
        "captured": lambda: list(captured()),
        "mutated": lambda: list(mutated(7, 1)),
        "noise": lambda: list(noise(8, 10)),
    }[kind]()
    return batch_of(made)


def names() -> list[str]:
    """Every field of the registry, then what columns have besides."""
    found = sorted(REGISTRY.field_names())
    for header in sorted(REGISTRY, key=lambda cls: cls.__name__):
        name = header.__dict__["_declaration"].name
        derived = [f"{name}.payload_len", f"{name}.payload", f"{name}.fault"]
        found += [x for x in derived if x not in found]
    found += [f"{x}#2" for x in ("ip.src", "ip.proto", "ip.flags.df", "eth.dst", "ip.fault")]
    found += ["tcp.srcport|udp.srcport", "udp.dstport|tcp.dstport", "ip.ttl|ipv6.hlim", "ip.src#3"]
    found += ["ipv6.src#2", "frame.len", "frame.cap_len", "frame.time_epoch"]
    return list(dict.fromkeys(found))


def scalar(packet: Packet, name: str) -> list[Any]:
    """The values of a packet that column `name` should hold."""
    for source in parse(name, REGISTRY).sources:
        if source.header is None:
            frame = {"frame.len": packet.length, "frame.cap_len": packet.caplen,
                     "frame.time_epoch": packet.time_ns}  # fmt: skip
            return [frame[source.what]]
        same = [layer for layer in packet.layers if type(layer) is source.header]
        if len(same) >= source.occurrence:
            found = of_layer(packet, same[source.occurrence - 1], source)
            if found:
                return found
    return []


def of_layer(packet: Packet, layer: Any, source: Source) -> list[Any]:
    _, _, end, limit, _ = bounds_of(layer)
    origin = bounds_of(layer)[0]
    if source.what == "payload_len":
        return [limit - end]
    if source.what == "payload":
        return [packet.octets[end - origin : limit - origin]]
    if source.what == "fault":
        return [int(fault.kind) for fault in packet.faults_of(layer)][:1]
    assert source.field is not None
    field = source.field
    if field.owner is type(layer) and not isinstance(field, Nested):
        value = getattr(layer, field.attribute)
        values = [] if value is None else [value]
    else:
        values = inside(field_values(layer), field, packet.octets)
    return [getattr(value, source.what) if source.what else value for value in values]


def inside(values: tuple[FieldValue, ...], field: Any, octets: bytes) -> list[Any]:
    """The values of a group's field among the items of a header; of a list, its octets."""
    found: list[Any] = []
    for value in values:
        if value.field is field and isinstance(field, Nested):
            first, last = value.octet_range
            found += [octets[first:last]] if first < last else []
        elif value.field is field:
            found.append(value.value)
        for item in value.items:
            found += inside(item.items, field, octets)
    return found


def natural(value: Any, cell: Any) -> Any:
    """A scalar as a column stores it."""
    if isinstance(value, ipaddress.IPv6Address):
        return value.packed if isinstance(cell, bytes | np.void) else value
    if isinstance(value, ipaddress.IPv4Address) and not isinstance(cell, ipaddress.IPv4Address):
        return int(value)
    if isinstance(value, str) and not isinstance(cell, str):
        return int(value.replace(":", ""), 16)  # a link-layer address
    return value


def check_row(name: str, column: Any, row: int, want: list[Any]) -> None:
    if isinstance(column, Ragged):
        got = list(column[row])
        assert bool(column.missing[row]) == (not want), (name, row)
        assert got == [natural(v, c) for v, c in zip(want, got, strict=True)], (name, row)
        return
    assert bool(np.ma.getmaskarray(column)[row]) == (not want), (name, row, want)
    cell = column.data[row]
    if want:
        cell = cell.tobytes() if isinstance(cell, np.void) else cell
        assert cell == natural(want[0], cell), (name, row)
    elif not isinstance(cell, np.void):
        assert cell == 0, (name, row)


@pytest.mark.parametrize("kind", ["captured", "mutated", "noise"])
def test_columns_equal_scalars(kind: str) -> None:
    batch = packets(kind)
    asked = names()
    found = columns(iter([batch]), tuple(asked), REGISTRY)
    assert (found.rows, list(found)) == (len(batch), asked)
    for row, packet in enumerate(batch):
        for name in asked:
            check_row(name, found[name], row, scalar(packet, name))


def same(a: Columns, b: Columns) -> None:
    for name in a:
        x, y = a[name], b[name]
        if isinstance(x, Ragged):
            assert isinstance(y, Ragged)
            assert list(map(list, x)) == list(map(list, y))
        else:
            np.testing.assert_array_equal(np.ma.getmaskarray(x), np.ma.getmaskarray(y))
            np.testing.assert_array_equal(np.ma.getdata(x), np.ma.getdata(y))


FEW = ("ip.src", "tcp.flags.syn", "ipv6.dst", "eth.type", "dns.qry.name", "frame.len", "ip.fault")


def test_one_batch_or_many() -> None:
    made = list(captured())
    parts = [batch_of(made[i : i + 30]) for i in range(0, len(made) + 30, 30)]
    whole = columns(iter([batch_of(made)]), FEW[:5], REGISTRY)
    same(whole, columns(iter(parts), FEW[:5], REGISTRY))
    assert columns(iter([]), FEW, REGISTRY).rows == 0


def test_threads_find_the_same() -> None:
    parts = [packets("captured")] * 4
    one = columns(iter(parts), FEW, REGISTRY, threads=1)
    same(one, columns(iter(parts), FEW, REGISTRY, threads=4))


def test_a_name_that_means_nothing() -> None:
    for name in ("ip.scr", "ip.src#0", "ip.src#x", "ip.src#99", "nothing", "ip.src|", "ip.srcx|a"):
        with pytest.raises(KeyError):
            columns(iter([packets("captured")]), (name,), REGISTRY)


def test_a_fault_belongs_to_its_layer() -> None:
    inner = bytes.fromhex("4500001400000000400000000a0000010a000002")
    outer = bytes.fromhex("4500002800000000400400000a0000010a000002")
    broken = b"\x43" + inner[1:]
    batch = batch_of([(outer + broken, 228), (outer + inner, 228)])
    found = columns(iter([batch]), ("ip.fault", "ip.fault#2"), REGISTRY)
    assert [list(row) for row in found["ip.fault"]] == [[], []]
    assert [list(row) for row in found["ip.fault#2"]] == [[Kind.LENGTH], []]
    (packet, whole) = batch
    assert packet.faults == packet.faults_of(packet.layers[1])
    assert packet.faults_of(packet.layers[0]) == ()
    with pytest.raises(ValueError, match="no layer of packet 1"):
        packet.faults_of(whole.layers[0])


class Kinds(Header, name="kinds", follows=on("linktype", USER0)):
    """Columns of every type."""

    a: I16 = I16()
    b: I64 = I64(order="little")
    c: U64 = U64()
    d: U3 = U3(scale=100)
    e: U5 = U5()
    f: Flags = Flags("x", "_:2", "y:5", bits=8)
    low: U4 = U4(order="little")
    high: U4 = U4(order="little")
    mac: MACAddress = MACAddress()
    six: IPv6Address = IPv6Address()
    _word: U16 = U16()
    big: U16 = U16(over=_word, when=_word >= 1000)
    top: U8 = U8(over=_word, bit=0)


def test_types_of_columns() -> None:
    octets = bytes.fromhex(
        "fffe" "feffffffffffffff" "ffffffffffffffff" "bf" "85" "21" "020000000001"
    ) + bytes(range(16)) + bytes.fromhex("03e7")  # fmt: skip
    registry = Registry([Kinds])
    batch = batch_of([(octets, USER0), (octets[:-2] + b"\x03\xe8", USER0), (octets[:19], USER0)])
    batch.registry = registry
    wanted = "a b c d e f f.x f.y low high mac six big top".split()
    found = columns(iter([batch]), tuple(f"kinds.{name}" for name in wanted), registry)
    got = {name: found[f"kinds.{name}"] for name in wanted}
    assert {name: str(column.dtype) for name, column in got.items()} == {
        "a": "int16", "b": "int64", "c": "uint64", "d": "uint16", "e": "uint8", "f": "uint8",
        "f.x": "uint8", "f.y": "uint8", "low": "uint8", "high": "uint8", "mac": "uint64",
        "six": "|V16", "big": "uint16", "top": "uint8",
    }  # fmt: skip
    values = {name: column.tolist() for name, column in got.items() if name != "six"}
    assert values == {
        "a": [-2] * 3, "b": [-2] * 3, "c": [2**64 - 1] * 3, "d": [500] * 3, "e": [31] * 3,
        "f": [0x85, 0x85, None], "f.x": [1, 1, None], "f.y": [5, 5, None],
        "low": [1, 1, None], "high": [2, 2, None], "mac": [0x020000000001] * 2 + [None],
        "big": [None, 1000, None], "top": [3, 3, None],
    }  # fmt: skip
    assert got["six"].data[0].tobytes() == bytes(range(16))


def test_pieces_are_the_whole() -> None:
    names = ("frame.number", "ip.src", "udp.dstport", "tcp.options")
    path = CAPTURES[0].parent / "tcp.pcap"
    whole = read(path).columns(*names)
    pieces = list(read(path).column_batches(*names, rows=1))
    assert sum(piece.rows for piece in pieces) == whole.rows
    numbers = [n for piece in pieces for n in piece["frame.number"].tolist()]
    assert numbers == list(range(1, whole.rows + 1)) == whole["frame.number"].tolist()
    found = [row.tolist() for piece in pieces for row in piece["tcp.options"]]
    assert found == [row.tolist() for row in whole["tcp.options"]]
    sources = np.ma.concatenate([piece["ip.src"] for piece in pieces])
    assert sources.tolist() == whole["ip.src"].tolist()


def test_threads_give_the_same_rows() -> None:
    path = CAPTURES[0].parent / "udp.pcap"
    names = ("frame.number", "frame.time_epoch", "eth.src", "udp.length")
    one, several = read(path).columns(*names), read(path).columns(*names, threads=3)
    for name in names:
        assert one[name].tolist() == several[name].tolist()
