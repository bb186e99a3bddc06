"""A packet as text, for a Python prompt, a test or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rawlab.text.hexdump import DumpForm
from rawlab.text.line import LinePrinter
from rawlab.text.paint import Paint
from rawlab.text.times import Clock
from rawlab.text.tree import TreePrinter

if TYPE_CHECKING:
    from rawlab.packet import Packet


def show(packet: Packet, octets: bool = False) -> str:
    """The packet as a tree, as `rawlab read -v` prints it: all fields, and what is wrong.

    With `octets`, a dump with the layers named beside it follows (`-v -X`).
    """
    dump = DumpForm(characters=True) if octets else None
    return "\n".join(TreePrinter(Clock(), Paint(), dump).tree(packet))


def line(packet: Packet) -> str:
    """The packet on one line, as `rawlab read` prints it."""
    return LinePrinter(Clock(), Paint()).line(packet)
