"""Classic BPF programs that the kernel runs on each packet before it enters the ring."""

from __future__ import annotations

import array
import socket
import struct
from typing import TYPE_CHECKING

from rawlab.capture.device import (
    ARPHRD_LOOPBACK,
    LINKTYPE_ETHERNET,
    LINKTYPE_LINUX_SLL,
    LINKTYPE_LINUX_SLL2,
    LINKTYPE_RAW,
    Device,
)
from rawlab.capture.netmask import netmask
from rawlab.capture.settings import Direction, Program
from rawlab.engine.ring import SLL2_LENGTH, SLL_LENGTH

if TYPE_CHECKING:
    import cypcap

SO_ATTACH_FILTER = 26

_LD_WORD, _LD_IMMEDIATE, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x00, 0x15, 0x06
_ANCILLARY = 0xFFFFF000
_PROTOCOL, _PACKET_TYPE, _INTERFACE_INDEX, _HARDWARE = 0, 4, 8, 28
_OUTGOING = 4
_COOKED = {
    LINKTYPE_LINUX_SLL: (SLL_LENGTH, {0: _PACKET_TYPE, 2: _HARDWARE, 14: _PROTOCOL}),
    LINKTYPE_LINUX_SLL2: (
        SLL2_LENGTH,
        {0: _PROTOCOL, 4: _INTERFACE_INDEX, 8: _HARDWARE, 10: _PACKET_TYPE},
    ),
}
"""Length of a cooked header, and which of its fields the kernel knows, by their places."""
_MOST_INSTRUCTIONS = 4096
_HANDLE_OCTETS = 1 << 17
_DLT_RAW = 12

DROP_ALL: Program = ((_RETURN, 0, 0, 0),)
"""Lets nothing in."""


def compile_filter(expression: str, device: Device, snaplen: int) -> Program:
    """Compile a filter in libpcap's syntax for one interface (or for "any").

    It is compiled on an activated handle, which knows that the kernel takes VLAN tags out of
    packets. The interface itself may lie in another namespace; `lo` of this one has the same
    link type. Where this process may not open either, `vlan` cannot be compiled.
    Raises ValueError with libpcap's complaint, ImportError where the `cypcap` package is missing.
    """
    import cypcap

    handle, live = _handle(device, snaplen)
    try:
        if device.linktype == LINKTYPE_ETHERNET and not live and "vlan" in expression.split():
            raise ValueError(f"capture filter {expression!r}: `vlan` needs CAP_NET_RAW here too")
        compiled = handle.compile(expression, netmask=netmask(device.name))
    except cypcap.Error as error:
        complaint = error.args[-1]
        raise ValueError(f"capture filter {expression!r} for {device.name}: {complaint}") from None
    finally:
        handle.close()
    program = [(int(code), int(jt), int(jf), int(k)) for code, jt, jf, k in compiled]
    return uncook(program, expression, device.linktype) if device.cooked else program


def _handle(device: Device, snaplen: int) -> tuple[cypcap.Pcap, bool]:
    """A libpcap handle that compiles for the device, and whether it is a live one."""
    import cypcap

    live = {
        LINKTYPE_ETHERNET: (device.name, "lo"),
        LINKTYPE_LINUX_SLL: ("any",),
        LINKTYPE_LINUX_SLL2: ("any",),
    }
    for source in live.get(device.linktype, ()):
        handle = cypcap.create(source)
        handle.set_snaplen(snaplen)
        handle.set_buffer_size(_HANDLE_OCTETS)
        try:
            handle.activate()
            if device.cooked:
                handle.set_datalink(device.linktype)
        except cypcap.Error:
            handle.close()
            continue
        if handle.datalink() == device.linktype:
            return handle, True
        handle.close()
    datalink = _DLT_RAW if device.linktype == LINKTYPE_RAW else device.linktype
    return cypcap.open_dead(datalink, snaplen), False


def uncook(
    program: Program, expression: str, linktype: int = LINKTYPE_LINUX_SLL2
) -> Program:
    """A program for packets with a cooked header, made to run where they have none yet.

    In the kernel the packet begins after the link header; what the header says lies beside it.
    Raises ValueError for a program that reads the link address.
    """
    length, fields = _COOKED[linktype]
    fixed = []
    for code, jump_true, jump_false, k in program:
        if _reads_packet(code) and k < 0x80000000:
            if k >= length:
                k -= length
            elif k in fields:
                k = _ANCILLARY + fields[k]
            else:
                raise ValueError(f"capture filter {expression!r} reads the link address, "
                                 "which this interface does not give")
        fixed.append((code, jump_true, jump_false, k))
    return fixed


def _reads_packet(code: int) -> bool:
    """Whether an instruction loads from the packet (LD or LDX; ABS, IND or MSH)."""
    return code & 0x07 in (0, 1) and code & 0xE0 in (0x20, 0x40, 0xA0)


def whole_program(
    program: Program | None, device: Device, direction: Direction, snaplen: int
) -> Program:
    """What to attach: first a test of the direction, then the program; keeps `snaplen` octets.

    On a loopback interface the kernel shows a packet when it is sent and again when it arrives;
    only the second is kept, unless the direction is "out".
    """
    body = list(program) if program else [(_RETURN, 0, 0, snaplen)]
    limited = [_limit(instruction, snaplen) for instruction in body]
    whole = [*_direction_test(device, direction), *limited]
    if len(whole) > _MOST_INSTRUCTIONS:
        raise ValueError(f"the filter has {len(whole)} instructions, over {_MOST_INSTRUCTIONS}")
    return whole


def _limit(instruction: tuple[int, int, int, int], snaplen: int) -> tuple[int, int, int, int]:
    code, jump_true, jump_false, k = instruction
    return (code, jump_true, jump_false, min(k, snaplen) if code == _RETURN else k)


def _direction_test(device: Device, direction: Direction) -> Program:
    packet_type = (_LD_WORD, 0, 0, _ANCILLARY + _PACKET_TYPE)
    drop = (_RETURN, 0, 0, 0)
    clear = (_LD_IMMEDIATE, 0, 0, 0)
    if direction == "out":
        return [packet_type, (_JUMP_IF_EQUAL, 1, 0, _OUTGOING), drop, clear]
    if direction == "in" or device.loopback:
        return [packet_type, (_JUMP_IF_EQUAL, 0, 1, _OUTGOING), drop, clear]
    if device.index == 0:
        hardware = (_LD_WORD, 0, 0, _ANCILLARY + _HARDWARE)
        on_loopback = (_JUMP_IF_EQUAL, 0, 3, ARPHRD_LOOPBACK)
        return [hardware, on_loopback, packet_type, (_JUMP_IF_EQUAL, 0, 1, _OUTGOING), drop, clear]
    return []


def attach(opened: socket.socket, program: Program) -> None:
    """Attach a program to a socket, in place of the one before. OSError EINVAL if it is no BPF."""
    code = array.array("B", b"".join(struct.pack("HBBI", *instruction) for instruction in program))
    address, _ = code.buffer_info()
    opened.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(program), address))
