"""Whether this machine and this process can do what capturing needs, and what to do if not."""

from __future__ import annotations

import importlib
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rawlab.batch import Interface
from rawlab.capture.capabilities import effective_capabilities
from rawlab.capture.errors import CaptureError
from rawlab.capture.interfaces import default_interface
from rawlab.capture.landlock import landlock_effect, landlock_version
from rawlab.capture.ring import ETH_P_ALL, SOL_PACKET, Ring
from rawlab.capture.settings import RingSettings

AF_XDP = 44
PACKET_FANOUT = 18
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
_CAPABILITIES = {
    "CAP_NET_RAW": (13, "capture and send frames"),
    "CAP_NET_ADMIN": (12, "make virtual interfaces and change settings of real ones"),
    "CAP_SYS_ADMIN": (21, "make network namespaces without a user namespace"),
}
_UNSHARE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(ctypes.get_errno() if libc.unshare(int(sys.argv[1])) else 0)
"""
_DROP = """
import sys
sys.path.insert(0, sys.argv[1])
from rawlab.capture.privileges import drop_privileges
try:
    print(drop_privileges(landlock=False))
except (OSError, ValueError) as error:
    sys.exit(str(error))
"""
_RUNNABLE = "a Python, and folders on the way to it, that this user may run"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    what: str
    """What was found, in a few words."""
    remedy: str = ""
    """What to do when it is not ok, and somebody needs it."""


def check_all() -> tuple[Finding, ...]:
    """Everything that can be looked at without changing anything; takes some 100 ms."""
    checks: list[Callable[[], Finding]] = [check_engine, check_filter_compiler]
    if sys.platform != "linux":
        return tuple(check() for check in (*checks, check_libpcap))
    checks += [
        check_ring,
        check_libpcap,
        check_fanout,
        check_xdp,
        check_user_namespaces,
        check_network_namespaces,
        check_dropping,
        check_landlock,
    ]
    return (*check_capabilities(), *(check() for check in checks))


def check_capabilities() -> tuple[Finding, ...]:
    """The effective capabilities of this process that matter."""
    effective = effective_capabilities()
    program = os.path.realpath(sys.executable)
    return tuple(
        Finding(
            name,
            bool(effective >> bit & 1),
            f"{'may' if effective >> bit & 1 else 'may not'} {purpose}",
            f"use sudo, or: sudo setcap {name.lower()}+ep {program}",
        )
        for name, (bit, purpose) in _CAPABILITIES.items()
    )


def check_engine() -> Finding:
    """Whether the engine is compiled."""
    engine = importlib.import_module("rawlab.engine.ring")
    compiled = not str(engine.__file__).endswith(".py")
    what = "compiled" if compiled else "not compiled: the same code, some hundred times slower"
    return Finding("engine", compiled, what, "install a C compiler, then install rawlab again")


def check_filter_compiler() -> Finding:
    """Whether filters in libpcap's syntax can be compiled."""
    try:
        version = importlib.import_module("cypcap").lib_version().split(" (")[0]
    except ImportError as error:
        return Finding("capture filters", False, str(error), "pip install cypcap")
    return Finding("capture filters", True, version)


def check_ring() -> Finding:
    """Whether the kernel gives a capture ring (TPACKET_V3)."""
    interfaces: list[Interface] = []
    try:
        Ring("lo", RingSettings(buffer_octets=1 << 20), interfaces).close()
    except CaptureError as error:
        return Finding("capture ring", False, str(error), "see the line itself")
    return Finding("capture ring", True, "TPACKET_V3 works")


def check_libpcap() -> Finding:
    """Whether libpcap can capture."""
    interfaces: list[Interface] = []
    name = "capture by libpcap"
    try:
        from rawlab.capture.libpcap import PcapSource

        where = "lo" if sys.platform == "linux" else default_interface()
        PcapSource(where, RingSettings(buffer_octets=1 << 20), interfaces).close()
    except CaptureError as error:
        return Finding(name, False, str(error), "see the line itself")
    return Finding(name, True, "works" if sys.platform != "linux" else "works, if asked for")


def check_fanout() -> Finding:
    """Whether several sockets can share one interface's packets."""
    name, remedy = "PACKET_FANOUT", "captures use one socket for each interface without it"
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as opened:
            opened.bind(("lo", ETH_P_ALL))
            opened.setsockopt(SOL_PACKET, PACKET_FANOUT, struct.pack("I", os.getpid() & 0xFFFF))
    except PermissionError:
        return Finding(name, False, "not known: CAP_NET_RAW is missing", "look again with sudo")
    except OSError as error:
        return Finding(name, False, os.strerror(error.errno or 0), remedy)
    return Finding(name, True, "works")


def check_xdp() -> Finding:
    """Whether the kernel has AF_XDP sockets."""
    try:
        socket.socket(AF_XDP, socket.SOCK_RAW, 0).close()
    except PermissionError:
        return Finding("AF_XDP", False, "not known: CAP_NET_RAW is missing", "look again with sudo")
    except OSError as error:
        remedy = "a kernel with CONFIG_XDP_SOCKETS; packets are captured by AF_PACKET without it"
        return Finding("AF_XDP", False, os.strerror(error.errno or 0), remedy)
    return Finding("AF_XDP", True, "sockets can be made")


def check_user_namespaces() -> Finding:
    """Whether this user may make a user namespace, in which it is root."""
    return _check_unshare(
        "user namespaces",
        CLONE_NEWUSER,
        "sysctl user.max_user_namespaces must not be 0; on Ubuntu also "
        "kernel.apparmor_restrict_unprivileged_userns=0; in a container, its seccomp profile",
    )


def check_network_namespaces() -> Finding:
    """Whether this user may make a network namespace, if need be inside a user namespace."""
    flags = CLONE_NEWNET
    if not effective_capabilities() >> _CAPABILITIES["CAP_SYS_ADMIN"][0] & 1:
        flags |= CLONE_NEWUSER
    return _check_unshare("network namespaces", flags, "use sudo, or permit user namespaces")


def check_dropping() -> Finding:
    """Who `rawlab sniff` goes on as when it has opened its sockets; tried by another process."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    command = [sys.executable, "-c", _DROP, root]
    done = _run(command)
    if isinstance(done, str):
        return Finding("dropping privileges", False, done, _RUNNABLE)
    if done.returncode:
        complaint = (done.stderr.splitlines() or ["no reason is known"])[-1]
        return Finding("dropping privileges", False, complaint, "see the line itself")
    return Finding("dropping privileges", True, f"sniff goes on {done.stdout.strip()}")


def check_landlock() -> Finding:
    """Whether the kernel lets a process give up access to files (Landlock)."""
    version = landlock_version()
    if version == 0:
        remedy = "a kernel from 5.13 on, with landlock in its list of security modules (lsm=)"
        what = "this kernel has none: sniff keeps what its user may do with files"
        return Finding("Landlock", False, what, remedy)
    what = f"version {version}: sniff, unless with -z, goes on without {landlock_effect(version)}"
    return Finding("Landlock", True, what)


def _check_unshare(name: str, flags: int, remedy: str) -> Finding:
    """Try it in a process of its own, which ends at once."""
    command = [sys.executable, "-I", "-S", "-c", _UNSHARE, str(flags)]
    done = _run(command)
    if isinstance(done, str):
        return Finding(name, False, done, _RUNNABLE)
    number = done.returncode
    return Finding(name, number == 0, os.strerror(number) if number else "can be made", remedy)


def _run(command: list[str]) -> subprocess.CompletedProcess[str] | str:
    """What a process that runs Python has said, or why there is none."""
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror}"
