"""Prints, as JSON, all that rawlab tells of some packets: run by itself, on any build.

    python telling.py FILE    FILE holds lines "linktype wire-length octets"
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any, Literal

from rawlab.batch import Batch, Interface, new_index
from rawlab.columns import columns
from rawlab.plugins import default_registry
from rawlab.ragged import Ragged
from rawlab.schema import FieldValue, field_values, header_name
from rawlab.text.line import LineForm, LinePrinter
from rawlab.text.paint import Paint
from rawlab.text.times import Clock, TimeForm

COLUMNS = (
    "eth.type ip.src ip.ttl ip.flags.df ipv6.src tcp.srcport|udp.srcport tcp.flags tcp.hdr_len"
    " udp.payload_len ip.src#2 vlan.id frame.len ip.fault dns.qry.name eth.len"
).split()


def batch_of(file: Path) -> Batch:
    """The packets of a file of lines, all in one batch."""
    lines = [line.split(" ") for line in file.read_text().splitlines()]
    index = new_index(len(lines))
    buffer = bytearray()
    for i, (linktype, length, text) in enumerate(lines):
        octets = bytes.fromhex(text)
        row = (len(buffer), len(octets), int(length), i, 0, int(linktype))
        for which, value in enumerate(row):
            index[which, i] = value
        buffer += octets
    return Batch(bytes(buffer), index, len(lines), (Interface(),))


def tell_values(values: tuple[FieldValue, ...]) -> list[Any]:
    return [
        [v.name, v.bit_offset, v.bit_length, v.field.show(v.value), tell_values(v.items)]
        for v in values
    ]


def tell(batch: Batch) -> dict[str, Any]:
    """Everything."""
    told: list[Any] = []
    for packet in batch:
        layers = [[header_name(type(x)), tell_values(field_values(x))] for x in packet.layers]
        faults = [str(fault) for fault in packet.faults]
        told.append([layers, faults, packet.payload_offset, packet.payload.hex()])
    found = columns(iter([batch]), tuple(COLUMNS), default_registry())
    cells: dict[str, Any] = {}
    for name, column in found.items():
        if isinstance(column, Ragged):
            cells[name] = [[str(value) for value in row] for row in column]
        else:
            cells[name] = [str(value) for value in column.tolist()]
    printer = LinePrinter(Clock(TimeForm.EPOCH), Paint(), LineForm(link_header=True, number=True))
    lines = "".join(printer.texts(batch, len(batch))).split("\n")
    files = [hashlib.sha256(framed(batch, form)).hexdigest() for form in ("pcapng", "pcap")]
    return {"packets": told, "columns": cells, "lines": lines, "files": files}


def framed(batch: Batch, form: Literal["pcapng", "pcap"]) -> bytes:
    """The packets of the first one's link type as a file, copied once more when that is pcapng."""
    from rawlab.files import open_capture
    from rawlab.files.writing import create_capture

    out = io.BytesIO()
    with create_capture(out, form=form) as writer:
        same = [i for i in range(batch.count) if batch.linktype[i] == batch.linktype[0]]
        writer.write(batch.pick(same))
    again = io.BytesIO()
    with create_capture(again, form=form) as writer:
        for part in open_capture(io.BytesIO(out.getvalue())).batches(blocks=True):
            writer.write(part)
    return out.getvalue() + again.getvalue()


if __name__ == "__main__":
    import rawlab.engine.framing
    import rawlab.engine.lines
    import rawlab.engine.program
    import rawlab.engine.scan

    modules = (rawlab.engine.program, rawlab.engine.scan, rawlab.engine.lines,
               rawlab.engine.framing)
    engine = [module.__file__ for module in modules]
    json.dump({"engine": engine, **tell(batch_of(Path(sys.argv[1])))}, sys.stdout)
