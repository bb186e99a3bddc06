"""The interfaces of a pcapng section that is being written, and the numbers they have there."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace

from rawlab.batch import Interface
from rawlab.engine.framing import TABLE_CELLS, TABLE_NUMBER
from rawlab.files.blocks import IF_TSOFFSET, IF_TSRESOL
from rawlab.files.encoding import interface_description, interface_options, resolution_value
from rawlab.files.room import Room

_SECOND_NS = 1_000_000_000
_PLAIN = frozenset(10**exponent for exponent in range(10))
_DEFAULT_RESOLUTION = b"\x06"

Key = tuple[Interface, int]
"""An interface, and how many equal ones stand before it in its list."""


class Known:
    """A list of interfaces, as batches have it, and their numbers in the section; it may grow."""

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self.interfaces = interfaces
        self.keys: list[Key] = []
        self.copied = array("q")
        """For the engine: TABLE_CELLS for each interface, where blocks are copied."""
        self.plain = array("q")
        """The same, where blocks are made from the index."""
        self._equal: dict[Interface, int] = {}

    def grow(self) -> None:
        """Take in what has been added to the list."""
        for interface in self.interfaces[len(self.keys) :]:
            before = self._equal.get(interface, 0)
            self._equal[interface] = before + 1
            self.keys.append((interface, before))
            tick_ns = max(_SECOND_NS // interface.resolution, 1)
            self.copied.extend((-1, interface.linktype, tick_ns))
            self.plain.extend((-1, interface.linktype, tick_ns if is_plain(interface) else 1))


class Numbering:
    """Describes interfaces the first time that each is met, and knows their numbers.

    Equal interfaces of different files are one, those of the same file are not.
    """

    def __init__(self, snaplen: int, filter: str | None) -> None:
        """What is told of interfaces that are captured on, and do not say it themselves."""
        self._snaplen = snaplen
        self._filter = filter
        self.restart()

    def restart(self) -> None:
        """A new section has begun, without interfaces."""
        self.described = 0
        """Descriptions met so far in the section that is copied."""
        self._resolutions: list[int] = []
        self._numbers: dict[tuple[Key, bool], int] = {}
        self._known = Known(())

    def resolution(self, number: int) -> int:
        """Ticks a second of an interface of the section."""
        return self._resolutions[number]

    def number(self, interfaces: Sequence[Interface], position: int) -> int:
        """The number of an interface that was declared."""
        return self._of(interfaces).copied[TABLE_CELLS * position + TABLE_NUMBER]

    def declare(
        self, interfaces: Sequence[Interface], position: int, room: Room, big: bool, *,
        from_file: bool, block: bytes | None = None, plain: bool = False,
    ) -> None:
        """Describe an interface, unless that was done; with `block` just so.

        `plain`: packets are to be written whose time stamps are made anew.
        """
        known = self._of(interfaces)
        key = known.keys[position]
        remade = plain and not is_plain(key[0])
        number = self._numbers.get((key, remade))
        if number is None:
            number = len(self._resolutions)
            interface = in_nanoseconds(key[0]) if remade else key[0]
            room.append(block or interface_description(self._told(interface, from_file), big))
            self._resolutions.append(interface.resolution)
            self._numbers[key, remade] = number
        cell = TABLE_CELLS * position + TABLE_NUMBER
        if not remade:
            known.copied[cell] = number
        if remade or is_plain(key[0]):
            known.plain[cell] = number

    def declare_all(
        self, interfaces: Sequence[Interface], room: Room, big: bool, *, from_file: bool,
        plain: bool = False,
    ) -> None:
        """Describe all interfaces of a list that were not yet described."""
        known = self._of(interfaces)
        table = known.plain if plain else known.copied
        for position in range(len(known.keys)):
            if table[TABLE_CELLS * position + TABLE_NUMBER] < 0:
                self.declare(
                    interfaces, position, room, big, from_file=from_file, plain=plain
                )

    def table(self, interfaces: Sequence[Interface], plain: bool) -> array[int]:
        """For the engine: the numbers of a list's interfaces, as far as they were declared."""
        known = self._of(interfaces)
        return known.plain if plain else known.copied

    def _of(self, interfaces: Sequence[Interface]) -> Known:
        if self._known.interfaces is not interfaces:
            self._known = Known(interfaces)
            self._fill()
        elif len(self._known.keys) < len(interfaces):
            self._fill()
        return self._known

    def _fill(self) -> None:
        """The numbers, in a list, of interfaces that were declared by way of another one."""
        known = self._known
        start = len(known.keys)
        known.grow()
        for position in range(start, len(known.keys)):
            key = known.keys[position]
            cell = TABLE_CELLS * position + TABLE_NUMBER
            known.copied[cell] = self._numbers.get((key, False), -1)
            known.plain[cell] = self._numbers.get((key, not is_plain(key[0])), -1)

    def _told(self, interface: Interface, from_file: bool) -> Interface:
        """The interface with its options as they are to be written."""
        options = interface.options
        if not options:
            options = interface_options(interface, None if from_file else self._filter)
        else:
            stored = next((v for c, v in options if c == IF_TSRESOL), _DEFAULT_RESOLUTION)
            if stored != resolution_value(interface.resolution) and not _same(stored, interface):
                value = resolution_value(interface.resolution)
                options = tuple((c, v) for c, v in options if c != IF_TSRESOL)
                options = (*options, (IF_TSRESOL, value))
        snaplen = interface.snaplen or (0 if from_file else self._snaplen)
        return replace(interface, options=options, snaplen=snaplen)


def _same(stored: bytes, interface: Interface) -> bool:
    """Whether an if_tsresol value says an interface's resolution (2**0 and 10**0 are one)."""
    exponent = stored[0] & 0x7F if len(stored) == 1 else 0
    ticks: int = (2 if stored[:1] >= b"\x80" else 10) ** exponent
    return interface.resolution == ticks


def is_plain(interface: Interface) -> bool:
    """Whether its time stamps are whole nanoseconds since 1970, and may be made from the index."""
    return interface.resolution in _PLAIN and not any(
        code == IF_TSOFFSET for code, _ in interface.options
    )


def in_nanoseconds(interface: Interface) -> Interface:
    """The interface with time stamps in nanoseconds since 1970."""
    options = tuple((c, v) for c, v in interface.options if c not in (IF_TSRESOL, IF_TSOFFSET))
    if interface.options:
        options = (*options, (IF_TSRESOL, resolution_value(_SECOND_NS)))
    return replace(interface, resolution=_SECOND_NS, options=options)
