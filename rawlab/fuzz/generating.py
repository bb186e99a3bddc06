"""Packets made to try a receiver: each is known again by its seed and number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import count as numbers_from
from typing import TYPE_CHECKING, Any, NamedTuple

from rawlab.fuzz import damage
from rawlab.fuzz.chance import Chance
from rawlab.fuzz.damage import Damaged
from rawlab.fuzz.making import make_header
from rawlab.fuzz.stacking import MOST_PAYLOAD, Stacker
from rawlab.schema.declaration import Header
from rawlab.schema.draft import Draft, as_layer
from rawlab.schema.integer import Number
from rawlab.schema.redraft import redraft

if TYPE_CHECKING:
    from rawlab.packet import Packet
    from rawlab.schema.registry import Registry

MOST_CHANGES = 3
TRIES = 24


class Case(NamedTuple):
    """A packet to try."""

    number: int
    """From 1; with the seed it makes the same packet again."""
    what: str
    """What was done: field and value."""
    packet: Draft | bytes

    @property
    def octets(self) -> bytes:
        """The packet's octets."""
        return bytes(self.packet)


class Fuzzer:
    """Makes the cases of one subject and one seed.

    The subject is a draft, a header, a packet that was captured, or a header class, of which each
    case makes another valid header first. The first cases change one field each, to every value at
    and around its bounds; those after them are changed by chance, in one to three ways. Numbers of
    other protocols come from `registry`. What cannot be built is passed over.
    """

    def __init__(
        self, subject: Draft | Header | type[Header] | Packet, *, seed: int = 1,
        registry: Registry | None = None, root: type[Header] | None = None,
    ) -> None:
        """`root`: around a header class stand the headers that lead to it from this one."""
        self.seed = seed
        self.subject = subject
        self._stacker = None if registry is None else Stacker(registry, root)
        self._whole_stack = root is not None

    def case(self, number: int) -> Case:
        """The case of this number, from 1. ValueError for another number."""
        if number < 1:
            raise ValueError(f"cases are numbered from 1: there is none of number {number}")
        if number <= len(self.sweep):
            i, field, value = self.sweep[number - 1]
            done = damage.with_number(self.sample, i, field, value)
            return Case(number, done.what, done.packet)
        return self._by_chance(number)

    def cases(self, count: int | None = None, first: int = 1) -> Iterator[Case]:
        """Cases in order; without end where `count` is None."""
        end = None if count is None else first + count
        for number in numbers_from(first):
            if number == end:
                return
            yield self.case(number)

    @cached_property
    def sample(self) -> Draft:
        """The draft that is changed by the first cases."""
        return self._draft(Chance(self.seed))

    @cached_property
    def sweep(self) -> list[tuple[int, Number[Any], int]]:
        """(layer, field, value) of the first cases: those that can be built."""
        found = []
        for i, field in damage.numbers_of(self.sample):
            header = type(as_layer(self.sample.layers[i]).header)
            for value in damage.edge_values(field, header):
                if _is_built(damage.with_number(self.sample, i, field, value)):
                    found.append((i, field, value))
        return found

    def _draft(self, chance: Chance) -> Draft:
        """The subject as a draft; of a header class, a new one."""
        subject = self.subject
        if isinstance(subject, Draft):
            return subject
        if isinstance(subject, Header):
            return Draft((subject,))
        if not isinstance(subject, type):
            damaged = [i for i, layer in enumerate(subject.layers) if subject.faults_of(layer)]
            return redraft(subject.layers, damaged=damaged,
                           cut=subject.caplen < subject.length)
        if self._stacker is not None and self._whole_stack:
            return self._stacker.stack(self._stacker.chain(subject, chance), chance)
        header, is_open = make_header(subject, chance)
        return Draft((header,), b"" if is_open else chance.octets(0, MOST_PAYLOAD))

    def _by_chance(self, number: int) -> Case:
        chance = Chance(self.seed, number)
        draft = self._draft(chance)
        claimed = (lambda table: frozenset[int]()) if self._stacker is None else (
            self._stacker.claimed)
        told: list[str] = []
        wanted = chance.integer(1, MOST_CHANGES)
        for _ in range(TRIES):
            done = chance.pick(damage.WAYS)(draft, chance, claimed)
            if done is None or not _is_built(done):
                continue
            told.append(done.what)
            if not isinstance(done.packet, Draft):
                return Case(number, "; ".join(told), done.packet)
            draft = done.packet
            if len(told) == wanted:
                break
        return Case(number, "; ".join(told) or "nothing", draft)


def _is_built(done: Damaged) -> bool:
    """Whether what was done can be represented."""
    try:
        bytes(done.packet)
    except (ValueError, TypeError):
        return False
    return True


def packets(
    subject: Draft | Header | type[Header] | Packet, *, seed: int = 1, count: int | None = None,
    registry: Registry | None = None,
) -> Iterator[Case]:
    """Cases made from a draft, a header, a captured packet or a header class; see `Fuzzer`.

        for number, what, packet in packets(UDP(dstport=53), seed=1, count=1000): ...
    """
    return Fuzzer(subject, seed=seed, registry=registry).cases(count)


def case(
    subject: Draft | Header | type[Header] | Packet, *, seed: int, number: int,
    registry: Registry | None = None,
) -> Case:
    """One of those cases again."""
    return Fuzzer(subject, seed=seed, registry=registry).case(number)
