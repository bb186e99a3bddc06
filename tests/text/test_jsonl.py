"""Packets as JSON, in the form of docs/json.md."""

from __future__ import annotations

from rawlab.text.jsonl import JSONPrinter, as_json
from text.inventing import LINK, TIME_NS, WHOLE, packet


def test_whole_packet() -> None:
    told = as_json(packet())
    layers = told.pop("layers")
    assert told == {
        "number": 3, "time_ns": TIME_NS, "length": 37, "caplen": 37,
        "interface": "eth7", "linktype": 1,
    }  # fmt: skip
    assert isinstance(layers, list)
    assert layers[1] == {
        "name": "test",
        "offset": 14,
        "length": 23,
        "fields": {
            "test.level": 5, "test.scale": 40,
            "test.flags": 0x81, "test.flags.hot": True, "test.flags.cold": True,
            "test.src": "192.0.2.1", "test.dst": "192.0.2.2",
            "test.srcport": 53, "test.dstport": 4096,
            "test.word_len": 5, "test.word": "a\x1b[2J",
            "test.marks": [
                {
                    "fields": {"test.mark.kind": 3, "test.mark.value": 7},
                    "bits": {"test.mark.kind": [272, 8], "test.mark.value": [280, 8]},
                },
                {"fields": {"test.mark.kind": 0}, "bits": {"test.mark.kind": [288, 8]}},
            ],
        },
        "bits": {
            "test.level": [112, 4], "test.scale": [116, 4],
            "test.flags": [120, 8], "test.flags.hot": [120, 1], "test.flags.cold": [127, 1],
            "test.src": [128, 32], "test.dst": [160, 32],
            "test.srcport": [192, 16], "test.dstport": [208, 16],
            "test.word_len": [224, 8], "test.word": [232, 40], "test.marks": [272, 24],
        },
    }  # fmt: skip


def test_faults_payload_and_trailer() -> None:
    told = as_json(packet(LINK + WHOLE[:8], length=37))
    assert told["faults"] == [
        {"kind": "TRUNCATED", "layer": "test", "field": "dst", "offset": 14, "want": 15, "got": 8}
    ]
    unknown = as_json(packet(LINK[:12] + b"\x77\x77what"))
    assert unknown["payload"] == {"offset": 14, "octets": b"what".hex()}


def test_lines_are_printable_ascii() -> None:
    [line] = JSONPrinter().texts(packet()._owner, 1)
    assert line.endswith("}\n")
    assert line[:-1].isascii()
    assert line[:-1].isprintable()
