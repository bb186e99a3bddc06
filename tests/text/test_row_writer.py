"""The rows of fields that the engine writes are those that Python makes, octet for octet."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawlab.batch import Batch
from rawlab.files import NotACapture, open_capture
from rawlab.plugins import default_registry
from rawlab.text.fields import FieldsPrinter
from rawlab.text.fields_form import FieldsForm
from rawlab.text.row_program import RowPrograms
from samples import batch_of, captured, corpus_files, mutated, noise

FRAME = ["frame.number", "frame.len", "frame.cap_len", "frame.time_epoch", "frame.protocols",
         "frame.time_relative"]
NAMES = sorted(default_registry().field_names())
EITHER = ["ip.addr", "eth.addr", "ipv6.addr", "tcp.port", "udp.port"]
FORMS = [
    (), ("occurrence=f",), ("occurrence=l",), ("separator=,", "aggregator=;"), ("quote=d",),
    ("aggregator=\u00e9",), ("separator=/s", "occurrence=f", "header=y"),
]  # fmt: skip


class Slow(FieldsPrinter):
    """Makes all rows in Python."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._by_engine = False


def agree(batch: Batch, names: list[str], options: tuple[str, ...]) -> None:
    made = [
        "".join(kind(names, default_registry(), FieldsForm.parse(options)).texts(batch, len(batch)))
        for kind in (FieldsPrinter, Slow)
    ]
    for fast, slow in zip(*(text.split("\n") for text in made), strict=True):
        assert fast == slow, names


BATCH = batch_of([*captured(), *mutated(5, 1), *noise(6, 3)])


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from([*NAMES, *EITHER, *FRAME]), min_size=1, max_size=4),
    st.sampled_from(FORMS),
)
def test_any_names(names: list[str], options: tuple[str, ...]) -> None:
    agree(BATCH, names, options)


@pytest.mark.parametrize("part", range(4))
def test_every_name_alone(part: int) -> None:
    some = batch_of(random.Random(part).sample([*captured(), *mutated(part, 1)], 150))
    for name in [*NAMES, *EITHER, *FRAME][part::4]:
        agree(some, [name], ())


def test_corpus() -> None:
    names = "frame.number ip.src ip.dst ipv6.src tcp.port udp.port tcp.flags.syn eth.type".split()
    count = 0
    for file in corpus_files():
        try:
            with open_capture(file) as capture:
                for batch in capture.batches():
                    agree(batch, names, ())
                    count += len(batch)
        except NotACapture:
            continue
    assert count > 2000


def test_common_fields_are_written_by_the_engine() -> None:
    """So that a test which compares the two compares something."""
    names = "frame.number ip.src ip.dst tcp.srcport tcp.port tcp.flags.ack icmp.type".split()
    printer = FieldsPrinter(names, default_registry(), FieldsForm())
    assert RowPrograms.fits(names, set(FRAME), FieldsForm())
    printer._row = None  # type: ignore[method-assign, assignment]
    text = "".join(printer.texts(batch_of(list(captured())), len(captured())))
    assert text.count("\n") == len(captured())
