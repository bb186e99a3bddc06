"""Writing capture files: pcapng or pcap, plain or compressed, a batch at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike, fspath
from os.path import samefile
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from rawlab.batch import Interface
from rawlab.files.grouping import Packets, batches_of, file_of
from rawlab.files.output import Target, WriteFailed, open_output
from rawlab.files.pcap_writer import PcapForm
from rawlab.files.pcapng_writer import PcapngForm
from rawlab.files.room import Room
from rawlab.files.sinks import PlainSink, Sink

if TYPE_CHECKING:
    from rawlab.batch import Batch

__all__ = [
    "CaptureWriter", "WriteFailed", "compression_by_name", "create_capture", "form_of", "write",
]  # fmt: skip

FormName = Literal["pcapng", "pcap"]
SNAPLEN = 262_144
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".lz4": "lz4", ".xz": "xz", ".bz2": "bzip2"}


class Form(Protocol):
    """How batches become octets: pcap or pcapng. Each method appends to the room."""

    def begin(self, room: Room) -> None: ...
    def end(self, room: Room) -> None: ...
    def frame(self, batch: Batch, room: Room) -> None: ...
    def whole(self, octets: memoryview) -> tuple[int, int]: ...
    def statistics(
        self, room: Room, interface: int, *, received: int, dropped: int, start_ns: int,
        end_ns: int, filter_accepted: int | None,
    ) -> None: ...


class CaptureWriter:
    """A capture file that is being written.

    `write` takes any batch and needs it no longer when it returns. When the system fails to write,
    nothing more is written: every later `write` fails too.
    """

    def __init__(self, name: str, form: FormName, records: Form, sink: Sink) -> None:
        self.name = name
        self.form = form
        """ "pcapng" or "pcap"."""
        self.octets = 0
        """Octets written, before compression."""
        self.packets = 0
        """Packets written."""
        self._records = records
        self._sink = sink
        self._room = Room()
        self._failed: OSError | None = None
        self._closed = False
        records.begin(self._room)
        self._put(0)

    @property
    def compressed(self) -> bool:
        """Whether octets are compressed, in a thread of its own, before they reach the file."""
        return self._sink.compressed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, batch: Batch) -> None:
        """Write the packets of a batch, and what a pcapng file has between them.

        Raises WriteFailed; the file then ends after the last whole packet that reached it. A
        packet that the form cannot hold raises it too, before any of the batch is written.
        """
        if self._closed:
            raise ValueError(f"{self.name} is closed")
        self._check(batch.count)
        self._room.end = 0
        try:
            self._records.frame(batch, self._room)
        except BaseException as refused:
            framed, _ = self._records.whole(self._room.filled)
            self._put(framed)
            if isinstance(refused, WriteFailed):
                refused.packets_lost = batch.count - framed
            raise
        self._put(batch.count)

    def write_statistics(
        self, interface: int, *, received: int, dropped: int, start_ns: int, end_ns: int,
        filter_accepted: int | None = None,
    ) -> None:
        """Write an interface's counts, which a pcapng file has a block for; a pcap file has none.

        `interface` is its place among those that the file was created with.
        """
        self._check(0)
        self._room.end = 0
        self._records.statistics(
            self._room, interface, received=received, dropped=dropped, start_ns=start_ns,
            end_ns=end_ns, filter_accepted=filter_accepted,
        )  # fmt: skip
        self._put(0)

    def flush(self) -> None:
        """Wait until all that was written is in the file, so that it can be read so far."""
        self._check(0)
        self._sink.flush()

    def close(self) -> None:
        """Write what is not yet written, and close the file; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._failed is None:
                self._room.end = 0
                self._records.end(self._room)
                self._put(0)
        finally:
            self._close_sink()

    def _close_sink(self) -> None:
        try:
            self._sink.close()
        except WriteFailed as failed:
            if self._failed is None:
                self._fail(failed, 0)
                raise

    def _check(self, packets: int) -> None:
        if self._failed is not None:
            raise WriteFailed(*_reason(self._failed), packets_lost=packets)

    def _put(self, packets: int) -> None:
        """Hand what is in the room to the sink."""
        if not self._room.end:
            return
        try:
            self._sink.put(self._room.filled, packets)
        except WriteFailed as failed:
            self._fail(failed, packets)
            raise
        except BaseException:  # of a signal, say
            lost = packets - self._sink.reached
            message = f"{self.name}: a write was interrupted"
            self._fail(WriteFailed(message, packets_lost=lost), packets)
            raise
        self.octets += self._room.end
        self.packets += packets

    def _fail(self, failed: WriteFailed, packets: int) -> None:
        self._failed = failed
        self.packets += packets - failed.packets_lost


def create_capture(
    target: Target,
    *,
    form: FormName | None = None,
    interfaces: Sequence[Interface] = (),
    snaplen: int = SNAPLEN,
    comment: str | None = None,
    filter: str | None = None,
) -> CaptureWriter:
    """Create a capture file: a path, "-" for standard output, or a binary file object.

    The name says the form unless `form` does (`.pcap` is pcap, all else pcapng) and whether it is
    compressed (`.gz`, `.zst`, `.lz4`, `.xz`, `.bz2`). A file that was there is emptied.
    `interfaces` are described at once, others when they turn up; `snaplen` and `filter` are told
    of those that were captured on. `comment` is the file's own. Raises OSError kinds, ValueError
    for what a file cannot hold.
    """
    name = fspath(target) if isinstance(target, (str, PathLike)) else ""
    chosen = form or form_of(name)
    if chosen not in ("pcapng", "pcap"):
        raise ValueError(f"form {form!r}: pcapng or pcap is wanted")
    records: Form
    if chosen == "pcap":
        records = PcapForm(name or "the file", interfaces, snaplen)
    else:
        records = PcapngForm(interfaces, snaplen, comment, filter)
    sink = _sink(target, compression_by_name(name), records)
    try:
        return CaptureWriter(name or sink.name, chosen, records, sink)
    except BaseException:
        sink.close()
        raise


def write(
    target: Target,
    packets: Packets,
    *,
    form: FormName | None = None,
    comment: str | None = None,
) -> int:
    """Write packets to a capture file; how many they were.

    `packets`: packets and batches in any mixture, a capture file, a sniffer, or one batch. What
    came from a pcapng file keeps its options; of a whole file nothing is lost. The rest is as for
    `create_capture`. When the packets come to a bad end, those before it are written.
    """
    source = file_of(packets)
    if source is not None and _is_file(target, source.name):
        raise ValueError(f"{source.name} is being read: write to another file")
    batches = batches_of(packets)  # before a file that was there is emptied
    with create_capture(target, form=form, comment=comment) as writer:
        for batch in batches:
            writer.write(batch)
    return writer.packets


def _is_file(target: Target, name: str) -> bool:
    """Whether a target is the file of that name."""
    try:
        return isinstance(target, (str, PathLike)) and samefile(target, name)
    except OSError:
        return False


def _sink(target: Target, compression: str | None, records: Form) -> Sink:
    """Open the target; what it takes to compress is found first."""
    if compression is None:
        return PlainSink(open_output(target), records.whole)
    from rawlab.files.compressing import CompressingSink
    from rawlab.files.encoders import start_encoder

    encoder = start_encoder(compression)
    return CompressingSink(open_output(target), encoder)


def form_of(name: str) -> FormName:
    """The form that a file's name asks for."""
    return "pcap" if re.search(r"\.pcap(\.\w+)?$", name, re.IGNORECASE) else "pcapng"


def compression_by_name(name: str) -> str | None:
    """The compression that a file's name asks for: gzip, zstd, lz4, xz, bzip2 or None."""
    return next((c for ending, c in _COMPRESSIONS.items() if name.lower().endswith(ending)), None)


def _reason(error: OSError) -> tuple[object, ...]:
    return error.args if error.filename is None else (*error.args, error.filename)
