"""Radiotap: what a wireless card tells of a frame, before the frame."""

from __future__ import annotations

from rawlab.schema import U8, U16, U32, Header, Octets, header, length_of, on


class Radiotap(Header, name="radiotap", follows=on("linktype", 127), summary="length {length}"):
    """Radiotap (radiotap.org). What `present__word` announces is kept as octets."""

    version: U8 = U8(default=0, opens="radiotap.version")
    pad: U8 = U8(default=0)
    length: U16 = U16(order="little", compute=length_of(header), minimum=8, unit="octets")
    present__word: U32 = U32(order="little", default=0, base=16, label="Values Present")
    values: Octets = Octets(length=length - 8, default=b"")
