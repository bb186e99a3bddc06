"""Packets of files with shorter octets, other times or other comments; all else is kept.

Records of pcapng files are made anew, options and all, so that they can be copied verbatim after.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rawlab.batch import Batch, new_index
from rawlab.engine.records import CAPLEN, TIME_NS
from rawlab.files.blocks import COMMENT, Options
from rawlab.files.encoding import encode_options
from rawlab.files.file_batch import FileBatch
from rawlab.files.packet_blocks import Numbers, PacketBlocks, has_blocks


def cut_short(batch: Batch, octets: Numbers) -> Batch:
    """The same packets with at most `octets[i]` octets of each; their length on the wire stays."""
    caplen = np.asarray(batch.caplen)
    shorter = np.minimum(caplen, octets)
    if (shorter == caplen).all():
        return batch
    if not has_blocks(batch):
        return _with_row(batch, CAPLEN, shorter)
    assert isinstance(batch, FileBatch)
    return PacketBlocks(batch).remade(shorter, {})


def shifted(batch: Batch, shift_ns: int) -> Batch:
    """The same packets at other times, as exactly as their file's resolution can say."""
    times = np.maximum(np.asarray(batch.time_ns) + shift_ns, 0)
    if not has_blocks(batch):
        return _with_row(batch, TIME_NS, times)
    assert isinstance(batch, FileBatch)
    return PacketBlocks(batch).shifted(shift_ns, times)


def with_options(batch: FileBatch, options: Mapping[int, Options]) -> FileBatch:
    """The same packets; those at the positions in `options` have these options instead of theirs.

    Of a file that is no pcapng file nothing changes. ValueError for a value of more than 65535
    octets.
    """
    if not options or not has_blocks(batch):
        return batch
    encoded = {
        position: encode_options(found, batch.origin.big_endian)
        for position, found in options.items()
    }
    return PacketBlocks(batch).remade(np.asarray(batch.caplen), encoded)


def with_comments(options: Options, comments: tuple[str, ...], keep: bool) -> Options:
    """Options with these comments first; the comments that were there only where `keep`."""
    added = tuple((COMMENT, text.encode()) for text in comments)
    return added + tuple((c, v) for c, v in options if keep or c != COMMENT)


def _with_row(batch: Batch, row: int, values: Numbers) -> Batch:
    """A batch without records whose index has other values in one row."""
    index = new_index(batch.count)
    filled = np.asarray(index)
    filled[:, : batch.count] = np.asarray(batch.index)[:, : batch.count]
    filled[row, : batch.count] = values
    changed = Batch(batch.octets, index, batch.count, batch.interfaces, batch.first_number,
                    batch.registry)
    changed.numbers = batch.numbers
    return changed
