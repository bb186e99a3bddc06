"""Which packets go on, by number and filter; comments by the number in the input."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np

from files.forging import enhanced, interface, option, pcap_head, pcap_record, section
from rawlab.batch import Batch
from rawlab.files import FileBatch, open_capture
from rawlab.files.converting import Alteration, Comments, Selection, converted
from rawlab.files.slicing import Slice, parse_moment, parse_ranges

COMMENT = option(1, b"old") + option(0, b"")
NG = (section(options=option(1, b"on the file") + option(2, b"hw") + option(0, b""))
      + interface(options=option(2, b"lo") + option(1, b"on it") + option(0, b""))
      + b"".join(enhanced(bytes([i]), i, options=COMMENT if i == 3 else b"") for i in range(1, 8)))
PCAP = pcap_head() + b"".join(pcap_record(bytes([i]), i) for i in range(1, 8))


def batches(octets: bytes) -> Iterator[Batch]:
    return iter(open_capture(io.BytesIO(octets)).batches(blocks=True))


def numbers(found: Iterator[Batch]) -> list[int]:
    return [octet for b in found for o, c in zip(b.offset, b.caplen, strict=True)
            for octet in bytes(b.octets[o : o + c])]


def even(batch: Batch) -> Batch:
    return batch.pick(np.flatnonzero([batch.number(i) % 2 == 0 for i in range(batch.count)]))


def test_numbers_are_those_of_the_input_for_every_filter() -> None:
    selection = Selection(Slice(parse_ranges("2-6")), (even, even))
    assert numbers(converted(batches(NG), selection, Alteration())) == [2, 4, 6]


def test_reading_ends_after_the_last_number() -> None:
    def endless() -> Iterator[Batch]:
        first = 1
        while True:
            for batch in batches(PCAP):
                batch.first_number = first
                first += batch.count
                yield batch

    selection = Selection(Slice(parse_ranges("6-9")))
    assert numbers(converted(endless(), selection, Alteration())) == [6, 7, 1, 2]


def test_relative_times_count_from_the_first_packet_of_all() -> None:
    selection = Selection(Slice(after=parse_moment("+1.5"), before=parse_moment("+5")))
    assert numbers(converted(batches(PCAP), selection, Alteration())) == [3, 4, 5]


def test_comments_go_by_the_number_in_the_input() -> None:
    alteration = Alteration(Comments({6: ("new", "too"), 3: ("more",), 99: ("none",)}))
    selection = Selection(Slice(parse_ranges("3-")), (even,))
    for octets in (NG, PCAP):
        (batch,) = converted(batches(octets), selection, alteration)
        assert isinstance(batch, FileBatch)
        assert [batch.comments(i) for i in range(batch.count)] == [(), ("new", "too")]
    (batch,) = converted(batches(NG), Selection(), alteration)
    assert isinstance(batch, FileBatch)
    assert batch.comments(2) == ("more", "old")


def test_comments_are_removed_everywhere() -> None:
    alteration = Alteration(Comments({1: ("new",)}, keep=False), drop_file_comments=True)
    (batch,) = converted(batches(NG), Selection(), alteration)
    assert isinstance(batch, FileBatch)
    assert [batch.comments(i) for i in range(3)] == [("new",), (), ()]
    assert batch.origin.section is not None
    assert batch.origin.section.options == ((2, b"hw"),)
    assert batch.interfaces[0].options == ((2, b"lo"),)


def test_only_the_comment_of_the_file_is_dropped() -> None:
    (batch,) = converted(batches(NG), Selection(), Alteration(drop_file_comments=True))
    assert isinstance(batch, FileBatch)
    assert batch.origin.section is not None
    assert batch.origin.section.options == ((2, b"hw"),)
    assert batch.interfaces[0].options[1] == (1, b"on it")
    assert batch.comments(2) == ("old",)


def test_what_needs_no_change_goes_on_as_it_is() -> None:
    given = list(batches(NG))
    assert list(converted(given, Selection(), Alteration(snaplen=100))) == given
