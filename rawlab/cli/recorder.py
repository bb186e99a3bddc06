"""Batches from the sniffer into files, with no object per packet."""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rawlab.cli.output import OutputClosed
from rawlab.cli.post_commands import PostCommands
from rawlab.files.rotating_writer import RotatingWriter
from rawlab.files.writing import CaptureWriter, create_capture, form_of

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.capture import Counts, Sniffer, Workers
    from rawlab.cli.recording import RecordOptions

_STATISTICS_OCTETS = 128
"""At most what a file's closing block takes, for each interface."""
_LAST_COMMANDS_S = 60.0


class Recorder:
    """Writes the batches of a sniffer to the files that were asked for, and ends them."""

    def __init__(self, options: RecordOptions, sniffer: Sniffer | Workers, target: str) -> None:
        self._sniffer = sniffer
        self._offered = 0
        self._unread = 0
        self._deserted = False
        """Whether the reader of what is written has gone, who wants no more."""
        self._began_ns = time.time_ns()
        self._failed = False
        self._commands = PostCommands(options.command) if options.command else None
        form = options.form or form_of(target)

        def create(name: str) -> CaptureWriter:
            settings = sniffer.settings
            return create_capture(
                name, form=form, interfaces=sniffer.interfaces, snaplen=settings.snaplen,
                filter=settings.filter,
            )  # fmt: skip

        self._writer = RotatingWriter(
            target, options.rotation, create,
            closing=self._write_statistics, finished=self._finished,
            reserve_octets=_STATISTICS_OCTETS * len(sniffer.interfaces) if form == "pcapng" else 0,
        )  # fmt: skip

    @property
    def octets(self) -> int:
        """Octets written to all files, before compression."""
        return self._writer.octets

    @property
    def packets(self) -> int:
        """Packets written to all files."""
        return self._writer.packets

    @property
    def name(self) -> str:
        """The file that is being written."""
        return self._writer.name

    @property
    def done(self) -> bool:
        """Whether the last of the files that were asked for is written."""
        return self._writer.done

    @property
    def lost(self) -> int:
        """Packets that were handed over, or waited in the kernel, and did not reach a file."""
        if self._deserted:
            return 0
        return self._offered + self._unread - self._writer.skipped - self._writer.packets

    def write(self, batch: Batch) -> None:
        """Write a batch. Raises OSError kinds, OutputClosed when nobody reads standard output."""
        self._offered += len(batch)
        try:
            self._writer.write(batch)
        except BaseException as error:  # a signal may end a write that would last for ever
            self._fail(error)
            raise

    def tick(self) -> None:
        """To be called now and then when no packets come."""
        try:
            self._writer.tick()
        except BaseException as error:
            self._fail(error)
            raise
        if self._commands is not None:
            self._commands.look()

    def _fail(self, error: BaseException) -> None:
        """Nothing more can be written. Raises OutputClosed when nobody reads any more."""
        self._failed = True
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            self._deserted = True
            raise OutputClosed from None

    def finish(self, counts: Mapping[str, Counts]) -> int:
        """Close the last file and wait, not for ever, for the commands; the exit status.

        After a failed write what is left in the kernel counts as lost too.
        """
        if self._failed:
            self._unread = sum(one.unread for one in counts.values())
        try:
            self._writer.close()
        except OSError:
            if not self._failed:  # else it has been told, and this is only what follows from it
                raise
        if self._commands is None:
            return 0
        self._commands.finish(_LAST_COMMANDS_S)
        return 1 if self._commands.failed else 0

    def _finished(self, name: str) -> None:
        if self._commands is not None and not self._failed:
            self._commands.run(name)

    def _write_statistics(self, writer: CaptureWriter) -> None:
        """Each interface's counts since the capture began, as the block's definition says."""
        if self._failed:
            return
        now_ns = time.time_ns()
        for number, counts in enumerate(self._sniffer.interface_counts.values()):
            writer.write_statistics(
                number, received=counts.received, dropped=counts.dropped,
                start_ns=self._began_ns, end_ns=now_ns,
            )  # fmt: skip
