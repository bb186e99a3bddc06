"""Opening a capture file: what it is, its first octets tell, never its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rawlab.files.capture_file import BATCH_PACKETS, CaptureFile
from rawlab.files.decoders import compression_of
from rawlab.files.ending import Damaged, NotACapture
from rawlab.files.expanded import ExpandedSource
from rawlab.files.kinds import Records
from rawlab.files.pcap import PcapRecords, is_pcap
from rawlab.files.pcapng import PcapngRecords, is_pcapng
from rawlab.files.snoop import SnoopRecords, is_snoop
from rawlab.files.source import Openable, Source, open_source
from rawlab.files.window import Window

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry

_HEAD_OCTETS = 8
_EXPECTED = "a pcap, pcapng or snoop capture is expected"


def open_capture(source: Openable, *, registry: Registry | None = None) -> CaptureFile:
    """Open a capture file: a path, "-" for standard input, or a binary file object.

    It may be compressed by gzip, zstd, xz, lz4 or bzip2. Raises NotACapture for a file that is
    empty or of another kind, other OSErrors when it cannot be opened or read, or when a package is
    missing that reading it takes.
    """
    octets = open_source(source)
    try:
        return _open(octets, registry)
    except Damaged as damaged:
        octets.close()
        raise NotACapture(f"{octets.name}: {damaged}") from None
    except BaseException:
        octets.close()
        raise


def _open(source: Source, registry: Registry | None) -> CaptureFile:
    window = Window(source)
    head = bytes(window.peek(_HEAD_OCTETS))
    compression = compression_of(head)
    if compression is not None:
        try:
            expanded = ExpandedSource(source, bytes(window.view[: window.end]), compression)
        except OSError as missing:
            raise OSError(f"{source.name}: {missing}") from None
        window = Window(expanded)
        head = bytes(window.peek(_HEAD_OCTETS))
    return CaptureFile(window, _records(window, head), registry)


def _records(window: Window, head: bytes) -> Records:
    if is_pcap(head):
        return PcapRecords(window)
    if is_pcapng(head):
        return PcapngRecords(window, BATCH_PACKETS)
    if is_snoop(head):
        return SnoopRecords(window)
    raise Damaged(_what_it_is(head))


def _what_it_is(head: bytes) -> str:
    if not head:
        return f"the file is empty; {_EXPECTED}"
    compression = compression_of(head)
    if compression is not None:
        return f"{compression.name} data inside compressed data; {_EXPECTED}"
    shown = head[:4].hex(" ")
    text = head.decode("ascii", "replace")
    if text.isprintable():
        shown += f" ({text!r})"
    return f"not a capture file, it begins with {shown}; {_EXPECTED}"
