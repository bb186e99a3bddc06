"""Choices: what generation asks for, and choices that a seed decides, the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15


class Chooser(Protocol):
    """Decides what generation leaves open; the first option and the least value are simplest."""

    def integer(self, least: int, most: int) -> int:
        """An integer from `least` to `most`, both included."""
        ...

    def octets(self, least: int, most: int) -> bytes:
        """From `least` to `most` octets."""
        ...

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`, of which there is at least one."""
        ...


class Chance:
    """Choices by SplitMix64 (Steele, Lea and Flood, 2014): whole-number arithmetic alone.

    So a seed and a number mean the same on every machine and under every version of Python.
    """

    def __init__(self, seed: int, number: int = 0) -> None:
        self._state = _mix(_mix(seed & _MASK) ^ _mix((seed >> 64 & _MASK) + 1) ^ number & _MASK)

    def _word(self) -> int:
        self._state = (self._state + _STEP) & _MASK
        return _mix(self._state)

    def integer(self, least: int, most: int) -> int:
        span = most - least + 1
        drawn = self._word()
        for _ in range((span.bit_length() + 47) // 64):  # so many that no value is favoured
            drawn = drawn << 64 | self._word()
        return least + drawn % span

    def octets(self, least: int, most: int) -> bytes:
        size = self.integer(least, most)
        words = b"".join(self._word().to_bytes(8, "little") for _ in range(-(-size // 8)))
        return words[:size]

    def pick(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]


def _mix(word: int) -> int:
    word = (word + _STEP) & _MASK
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    word = (word ^ word >> 27) * 0x94D049BB133111EB & _MASK
    return word ^ word >> 31
