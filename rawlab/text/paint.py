"""Colours for a terminal, or none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paint:
    """Puts text in the colours of its meaning; with `on` false, leaves it as it is."""

    on: bool = False

    def title(self, text: str) -> str:
        """The name of a layer or a protocol."""
        return f"\x1b[1m{text}\x1b[0m" if self.on else text

    def fault(self, text: str) -> str:
        """Something that is wrong with a packet."""
        return f"\x1b[31m{text}\x1b[0m" if self.on else text

    def faint(self, text: str) -> str:
        """What stands beside the matter: offsets, bit patterns."""
        return f"\x1b[2m{text}\x1b[0m" if self.on else text
