"""Strategies for hypothesis, from any declaration: valid headers and packets, and damaged ones.

    @given(packets(MyProto))
    def test_server(draft): ...

Needs the package hypothesis (`pip install 'rawlab[strategies]'`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from rawlab.fuzz.damage import WAYS
from rawlab.fuzz.making import make_header
from rawlab.fuzz.stacking import MOST_PAYLOAD, Stacker
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft
from rawlab.schema.registry import Registry

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")
MOST_CHANGES = 3


class Drawing:
    """Choices that hypothesis makes, so that it shrinks and repeats them."""

    def __init__(self, draw: DrawFn) -> None:
        from hypothesis import strategies

        self._draw = draw
        self._strategies = strategies

    def integer(self, least: int, most: int) -> int:
        return self._draw(self._strategies.integers(least, most))

    def octets(self, least: int, most: int) -> bytes:
        return self._draw(self._strategies.binary(min_size=least, max_size=most))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]


def headers(header: type[Header]) -> SearchStrategy[Header]:
    """Valid headers of a class: every field within what the declaration can represent."""
    _need()
    from hypothesis import strategies as st

    @st.composite
    def made(draw: DrawFn) -> Header:
        return make_header(header, Drawing(draw))[0]

    return made()


def packets(header: type[Header], *, registry: Registry | None = None) -> SearchStrategy[Draft]:
    """Valid packets: a header of the class around a payload.

    With a registry, inside the headers that lead to it, outermost one that frames begin with.
    """
    _need()
    from hypothesis import strategies as st

    stacker = Stacker(Registry([header]) if registry is None else registry)

    @st.composite
    def made(draw: DrawFn) -> Draft:
        choose = Drawing(draw)
        classes = [header] if registry is None else stacker.chain(header, choose)
        return stacker.stack(classes, choose)

    return made()


def stacks(
    *classes: type[Header], registry: Registry | None = None,
    payload: SearchStrategy[bytes] | None = None,
) -> SearchStrategy[Draft]:
    """Valid packets of these headers, one around the other."""
    _need()
    from hypothesis import strategies as st

    stacker = Stacker(Registry(dict.fromkeys(classes)) if registry is None else registry)

    @st.composite
    def made(draw: DrawFn) -> Draft:
        given = None if payload is None else draw(payload)
        return stacker.stack(classes, Drawing(draw), given)

    return made()


def payloads(most_octets: int = MOST_PAYLOAD) -> SearchStrategy[bytes]:
    """Payloads: octets of any kind."""
    _need()
    from hypothesis import strategies as st

    return st.binary(max_size=most_octets)


def octets(header: type[Header], *, registry: Registry | None = None) -> SearchStrategy[bytes]:
    """Octets of packets that were damaged in one to three ways, as `rawlab.fuzz` does it."""
    _need()
    from hypothesis import strategies as st

    stacker = Stacker(Registry([header]) if registry is None else registry)
    whole = packets(header, registry=registry)

    @st.composite
    def made(draw: DrawFn) -> bytes:
        choose = Drawing(draw)
        draft = draw(whole)
        for _ in range(choose.integer(0, MOST_CHANGES)):
            done = choose.pick(WAYS)(draft, choose, stacker.claimed)
            if done is None:
                continue
            try:
                built = bytes(done.packet)
            except (ValueError, TypeError):
                continue  # it cannot be represented
            if not isinstance(done.packet, Draft):
                return built
            draft = done.packet
        return bytes(draft)

    return made()


def _need() -> None:
    """ModuleNotFoundError, with the remedy, where hypothesis is missing."""
    try:
        import hypothesis  # noqa: F401
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "rawlab.strategies needs the package hypothesis: pip install 'rawlab[strategies]'",
            name="hypothesis") from None
