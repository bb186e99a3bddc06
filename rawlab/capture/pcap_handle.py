"""Handles of libpcap's for interfaces, and what can be asked of them."""

from __future__ import annotations

import errno
import socket
import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from rawlab.capture.errors import CaptureError, cannot_open, no_such_interface, not_permitted
from rawlab.capture.netmask import netmask
from rawlab.capture.settings import Program, RingSettings

if TYPE_CHECKING:
    import cypcap

ANY = "any"
SLL2 = 276
_RAW_IP = 101
_DLT_RAW = 12
_ANCILLARY = 0xFFFFF000
"""Where what is not in the packet begins, for BPF on Linux. libpcap filters some of the first
packets itself, and may be built without knowing of it."""
_SMALL_OCTETS = 1 << 20


def open_handle(name: str, settings: RingSettings) -> cypcap.Pcap:
    """A handle that captures. Raises CaptureError kinds, and ValueError for a wrong setting."""
    if settings.opener is not socket.socket:
        raise ValueError("libpcap opens its sockets itself; `opener` is for the capture ring")
    try:
        import cypcap
    except ImportError as error:
        remedy = "install Npcap" if sys.platform == "win32" else "pip install cypcap"
        raise cannot_open(name, "loading libpcap", OSError(str(error)), remedy) from None
    try:
        handle = cypcap.create(name)
    except cypcap.Error as error:
        raise _explained(name, error) from None
    try:
        _activate(handle, name, settings)
        _configure(handle, name, settings)
    except BaseException:
        handle.close()
        raise
    return handle


def _activate(handle: cypcap.Pcap, name: str, settings: RingSettings) -> None:
    import cypcap

    handle.set_snaplen(settings.snaplen)
    handle.set_timeout(settings.latency_ms / 1000)
    handle.set_buffer_size(min(settings.buffer_octets, (1 << 31) - 1))
    handle.set_promisc(settings.promiscuous and name != ANY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cypcap.Warning)
            handle.activate()
    except cypcap.Error as error:
        raise _explained(name, error) from None


def _configure(handle: cypcap.Pcap, name: str, settings: RingSettings) -> None:
    import cypcap

    offered = {linktype_of(int(number)): int(number) for number in handle.list_datalinks()}
    wanted = settings.linktype
    if wanted is None and name == ANY and SLL2 in offered:
        wanted = SLL2
    if wanted is not None:
        if wanted not in offered:
            from rawlab.capture.device import linktype_name

            known = ", ".join(map(linktype_name, offered))
            raise ValueError(
                f"libpcap cannot capture packets of {name} as {linktype_name(wanted)};"
                f" link types of {name} there: {known}"
            )
        handle.set_datalink(offered[wanted])
    if settings.direction != "inout":
        direction = {"in": cypcap.Direction.IN, "out": cypcap.Direction.OUT}[settings.direction]
        try:
            handle.setdirection(direction)
        except cypcap.Error as error:
            reason = OSError(error.args[-1])
            raise cannot_open(name, "choosing the direction", reason, "take both") from None
    _filter(handle, name, settings)


def _filter(handle: cypcap.Pcap, name: str, settings: RingSettings) -> None:
    import cypcap

    if settings.filter is None and settings.bpf is None:
        return
    told = f"capture filter {settings.filter!r} for {name}: "
    try:
        if settings.filter is not None:
            program = handle.compile(settings.filter, netmask=netmask(name))
        else:
            program = cypcap.BpfProgram([tuple(line) for line in settings.bpf or ()])
        if any(k >= _ANCILLARY for _, _, _, k in program):
            raise ValueError(f"{told}libpcap cannot be relied on to see what lies beside a packet, "
                             "such as a stripped VLAN tag; the capture ring can")
        handle.setfilter(program)
    except cypcap.Error as error:
        if settings.filter is not None:
            raise ValueError(f"{told}{error.args[-1]}") from None
        reason, remedy = OSError(error.args[-1]), "the program is not valid classic BPF"
        raise cannot_open(name, "attaching the filter", reason, remedy) from None


def _explained(name: str, error: cypcap.Error) -> CaptureError:
    """What an error of opening means to the user."""
    import cypcap

    code, complaint = error.args[0], error.args[-1]
    if code in (cypcap.ErrorCode.PERM_DENIED, cypcap.ErrorCode.PROMISC_PERM_DENIED):
        return not_permitted(name)
    if code == cypcap.ErrorCode.NO_SUCH_DEVICE:
        return no_such_interface(name, device_names())
    if code == cypcap.ErrorCode.IFACE_NOT_UP:
        return CaptureError(
            f"cannot capture on {name}: it is down; switch it on (ip link set {name} up)",
            errno.ENETDOWN,
        )
    return CaptureError(f"cannot capture on {name}: {complaint or code}")


def pcap_linktypes(name: str) -> tuple[int, ...]:
    """The LINKTYPE_ values that an interface offers, the one of its own first."""
    handle = open_handle(name, RingSettings(buffer_octets=_SMALL_OCTETS))
    try:
        own = linktype_of(int(handle.datalink()))
        others = {linktype_of(int(number)) for number in handle.list_datalinks()} - {own}
        return (own, *sorted(others))
    finally:
        handle.close()


def pcap_filter(name: str, settings: RingSettings) -> Program:
    """The filter of `settings`, as libpcap compiles it for an interface."""
    import cypcap

    handle = open_handle(name, replace(settings, filter=None, buffer_octets=_SMALL_OCTETS))
    try:
        program = handle.compile(settings.filter or "", netmask=netmask(name))
        return [(int(code), int(jt), int(jf), int(k)) for code, jt, jf, k in program]
    except cypcap.Error as error:
        told = f"capture filter {settings.filter!r} for {name}: {error.args[-1]}"
        raise ValueError(told) from None
    finally:
        handle.close()


def device_names() -> list[str]:
    """The interfaces that can be captured on, without libpcap's other sources of packets."""
    import cypcap

    known = {name for _, name in socket.if_nameindex()}
    names = [found.name for found in cypcap.findalldevs()]
    return names if sys.platform == "win32" else [name for name in names if name in known]


def is_removal(error: cypcap.Error) -> bool:
    """Whether libpcap says that the interface is gone; it has no number for that."""
    return "disappeared" in str(error.args[-1]) or "went away" in str(error.args[-1])


def linktype_of(datalink: int) -> int:
    """The LINKTYPE_ value of a DLT_ value of this system; they differ for raw IP alone."""
    raw = 14 if sys.platform.startswith("openbsd") else _DLT_RAW
    return _RAW_IP if datalink == raw else datalink
