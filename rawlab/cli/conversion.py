"""Running a conversion: files are opened, read with progress, and written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

import click

from rawlab.cli.failure import Failure
from rawlab.cli.progress import Progress
from rawlab.cli.stopping import STOP_SIGNALS, Stop, Stopped, on_signals
from rawlab.files import CaptureFile, open_capture
from rawlab.files.writing import create_capture, form_of

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.files.splitting import Sink, Writer
    from rawlab.schema.registry import Registry
    from rawlab.transform.conversations import Conversation


Change = Callable[["Iterable[Batch]"], "Iterator[Batch]"]
"""What becomes of the packets on their way."""


class Split(NamedTuple):
    """Into which files the packets go: "packets", "size", "seconds" or "flow", and how many."""

    rule: str
    number: int


@dataclass(frozen=True)
class Conversion:
    """A conversion as the command line tells it."""

    inputs: Sequence[str]
    output: str
    form: Literal["pcapng", "pcap"] | None
    concatenate: bool
    registry: Registry | None
    change: Change | None
    split: Split | None
    file_comment: str | None
    commenting: bool
    """Comments are to be written."""

    def run(self) -> int:
        """Read, choose, change and write; returns the exit status.

        Raises Failure where an input is cut, after all its whole packets were written.
        """
        stop = Stop()
        with ExitStack() as stack:
            try:
                sources = [stack.enter_context(Source(name, self.registry)) for name in self.inputs]
            except KeyboardInterrupt:  # a pipe may let wait for its first octets
                raise Failure("interrupted; nothing is written") from None
            outputs = Outputs(self, sources)
            total = sum(source.octets for source in sources)
            progress = stack.enter_context(Progress("converting", total))
            sink = outputs.sink()
            try:
                with on_signals(stop.request, *STOP_SIGNALS):
                    batches = iter(self._batches(sources))
                    if self.change is not None:
                        batches = self.change(batches)
                    while (batch := _next(batches, stop)) is not None:
                        sink.write(batch)
                        if progress.due:
                            progress.show(sum(source.done for source in sources))
            finally:
                sink.close()
        if stop.requested:
            raise Failure("interrupted; what was read until then is written")
        cuts = [f"{source.capture.name}: {source.capture.cut}" for source in sources
                if source.capture.cut is not None]
        if cuts:
            raise Failure("\nrawlab: ".join(cuts))
        return 0

    def _batches(self, sources: Sequence[Source]) -> Iterable[Batch]:
        """The packets of all inputs in one stream."""
        if len(sources) == 1:
            return sources[0].capture.batches(reuse=True, blocks=True)
        if self.concatenate:
            return chain.from_iterable(s.capture.batches(reuse=True, blocks=True) for s in sources)
        from rawlab.files.merging import Merge

        blocks = self.to_pcapng and any(s.capture.kind == "pcapng" for s in sources)
        streams = [source.capture.batches(reuse=True, blocks=blocks) for source in sources]
        return Merge(streams, self.registry, blocks)

    @property
    def to_pcapng(self) -> bool:
        """Whether pcapng is written."""
        return (self.form or form_of(self.output)) == "pcapng"


def _next(batches: Iterator[Batch], stop: Stop) -> Batch | None:
    try:
        with stop.waiting():
            return next(batches, None)
    except Stopped:
        return None


class Source:
    """An input file, and how far it has been read."""

    def __init__(self, name: str, registry: Registry | None) -> None:
        self.name = name
        self._file: IO[bytes] | None = None
        if name == "-":
            self.capture: CaptureFile = open_capture(name, registry=registry)
            return
        self._file = open(name, "rb", buffering=0)  # noqa: SIM115  (closed by __exit__)
        try:
            self.capture = open_capture(self._file, registry=registry)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *error: object) -> None:
        self.capture.close()
        if self._file is not None:
            self._file.close()

    @property
    def octets(self) -> int:
        """How long it is; 0 for what has no length."""
        return 0 if self._file is None else os.fstat(self._file.fileno()).st_size

    @property
    def done(self) -> int:
        """How much of it has been read."""
        if self._file is None or not self._file.seekable():
            return 0
        return self._file.tell()

    def is_file(self, name: str) -> bool:
        """Whether it is the file of this name."""
        if self._file is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), os.stat(name))
        except OSError:
            return False


class Outputs:
    """Creates the files that a conversion writes, none of which is read meanwhile."""

    def __init__(self, conversion: Conversion, sources: Sequence[Source]) -> None:
        self._conversion = conversion
        self._sources = sources
        self._form: Literal["pcapng", "pcap"] = "pcapng" if conversion.to_pcapng else "pcap"
        if conversion.commenting and not conversion.to_pcapng:
            raise click.UsageError(
                f"{conversion.output}: a pcap file has no room for comments; write pcapng")

    def sink(self) -> Sink:
        """What takes the packets."""
        split, output = self._conversion.split, self._conversion.output
        if split is None:
            return self.create(output)
        from rawlab.files import splitting

        if split.rule == "flow":
            from rawlab.files.conversation_files import ConversationFiles

            return ConversationFiles(self._conversation_file)
        rules: dict[str, Callable[[splitting.Open, int], Sink]] = {
            "packets": splitting.SplitByPackets, "size": splitting.SplitBySize,
            "seconds": splitting.SplitByTime,
        }  # fmt: skip
        name = splitting.numbered
        return rules[split.rule](lambda word: self.create(name(output, word)), split.number)

    def _conversation_file(self, number: int, conversation: Conversation, again: bool) -> Writer:
        """Create the file of a conversation, or go on in it."""
        from rawlab.files.appending import appending
        from rawlab.files.splitting import numbered

        name = numbered(self._conversion.output, f"{number + 1:05}-{conversation.name}")
        return appending(name, self._form) if again else self.create(name)

    def create(self, name: str) -> Writer:
        """Create a file, unless it is an input."""
        for source in self._sources:
            if source.is_file(name):
                raise click.UsageError(
                    f"{name} is an input too, and would be overwritten before it is read:"
                    " choose another name")
        return create_capture(name, form=self._form, comment=self._conversion.file_comment)
