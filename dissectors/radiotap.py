"""Radiotap: what a wireless card tells of a frame, before the frame."""

from __future__ import annotations

from rawlab.schema import U8, U16, U32, Group, Header, Items, Octets, header, length_of, on

MORE = 0x80000000
"""The bit of a word which says that another one follows."""


class PresentWord(Group, name="radiotap.present"):
    """Which values follow, a bit for each."""

    word: U32 = U32(order="little", base=16)


class Radiotap(Header, name="radiotap", follows=on("linktype", 127), summary="length {length}"):
    """Radiotap (radiotap.org). What `present` announces is kept as octets."""

    version: U8 = U8(default=0, opens="radiotap.version")
    pad: U8 = U8(default=0)
    length: U16 = U16(order="little", compute=length_of(header), minimum=8, unit="octets")
    present: Items[PresentWord] = Items(PresentWord, last=PresentWord.word < MORE)
    values: Octets = Octets(default=b"")
