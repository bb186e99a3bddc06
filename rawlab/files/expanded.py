"""A compressed file, read as the file that was compressed."""

from __future__ import annotations

from rawlab.files.decoders import Compression, Decoder
from rawlab.files.ending import Damaged
from rawlab.files.source import Source

_FEED_OCTETS = 1 << 15


class ExpandedSource:
    """Octets of a compressed source, member after member, never more than were asked for.

    Memory is bounded by one piece of input, one piece of output and the compression's dictionary,
    however far the file expands.
    """

    def __init__(self, source: Source, head: bytes, compression: Compression) -> None:
        self.name = source.name
        self._source = source
        self._waiting = head
        self._compression = compression
        self._module = compression.load()
        self._errors: tuple[type[Exception], ...] = (
            EOFError,
            *compression.errors(self._module),
        )
        self._decoder: Decoder | None = compression.start(self._module)
        self._feed = bytearray(_FEED_OCTETS)

    def octets_left(self) -> int:
        return 0

    def close(self) -> None:
        self._source.close()

    def read_into(self, room: memoryview) -> int:
        """Raises Damaged where the compressed octets end early or are no such octets."""
        while self._decoder is not None:
            if self._decoder.eof:
                self._next_member()
                continue
            octets = self._next_octets() if self._decoder.needs_input else b""
            try:
                out = self._decoder.decompress(octets, len(room))
            except self._errors as error:
                raise Damaged(f"the {self._compression.name} data is damaged ({error})") from None
            if out:
                room[: len(out)] = out
                return len(out)
        return 0

    def _next_octets(self) -> bytes:
        octets, self._waiting = self._waiting, b""
        if not octets:
            octets = self._read()
        if not octets:
            raise Damaged(f"the {self._compression.name} data ends early")
        return octets

    def _read(self) -> bytes:
        return bytes(self._feed[: self._source.read_into(memoryview(self._feed))])

    def _next_member(self) -> None:
        """Another stream of the same kind may follow, after padding with zeros."""
        assert self._decoder is not None
        rest = self._decoder.unused_data or b""
        magic = self._compression.magic
        self._decoder = None
        while True:
            rest = rest.lstrip(b"\0")
            if len(rest) >= len(magic):
                break
            more = self._read()
            if not more:
                break
            rest += more
        if rest.startswith(magic):
            self._waiting = rest
            self._decoder = self._compression.start(self._module)
        elif rest:
            raise Damaged(f"octets that are not {self._compression.name} data follow after it")
