"""A process that captures on lo, drops its privileges, and then tries things; run as a script.

Its argument is a JSON object: `user`, `writable`, `landlock` as `drop_privileges` takes them;
`start` for what it is made first (root, nobody, or rootless: nobody in namespaces of its own);
`threads`, how many it begins before; `attempts`, [name, argument] each. It prints a line that
says what it is, waits for a line, and prints what became of each attempt, and the capture's counts.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rawlab.capture import Sniffer
from rawlab.capture.privileges import drop_privileges, identity, python_folders

NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def become_nobody() -> None:
    """An ordinary user without capabilities."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def enter_namespaces() -> None:
    """Be root in a user namespace of an ordinary user, with a network of its own."""
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # dumpable again: the files in /proc are one's own
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0:
        print(f"unshare: {os.strerror(ctypes.get_errno())}")
        sys.exit()
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {NOBODY} 1")
    Path("/proc/self/gid_map").write_text(f"0 {NOBODY} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def complete_imports() -> None:
    """Do once what is to be done later, when the files of Python may be out of reach."""
    python_folders()
    identity()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker,
        Sniffer("lo", count=1, settings=settings(9)) as sniffer,
    ):
        speaker.sendto(b"", ("127.0.0.1", 9))
        for packet in sniffer:
            json.dumps(packet.payload.decode())


def attempts(here: socket.socket) -> dict[str, Callable[[str], object]]:
    """What can be tried, by name."""
    return {
        "write": lambda path: Path(path).write_bytes(b"x"),
        "remove": lambda path: Path(path).unlink(),
        "rename": lambda path: Path(path).rename(path + ".moved"),
        "read": lambda path: Path(path).read_bytes()[:0],
        "execute": lambda path: os.waitstatus_to_exitcode(os.system(path)),
        "connect": lambda port: here.connect(("127.0.0.1", int(port))),
        "signal": lambda number: os.kill(int(number), 0),
        "become root": lambda _: os.setuid(0),
        "open a packet socket": lambda _: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    }


def attempt(task: Callable[[str], object], argument: str) -> str:
    """ "done", or the name of the error."""
    try:
        task(argument)
    except OSError as error:
        return type(error).__name__
    return "done"


def main(plan: dict[str, Any]) -> None:
    here = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    complete_imports()
    if plan["start"] != "root":
        become_nobody()
    if plan["start"] == "rootless":
        enter_namespaces()
    speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sniffer = None
    if plan["start"] != "nobody":
        speaker.bind(("127.0.0.1", 0))
        port = speaker.getsockname()[1]
        sniffer = Sniffer("lo", count=2, timeout_s=10, settings=settings(port))
    waiting = threading.Event()
    for _ in range(plan["threads"]):
        threading.Thread(target=waiting.wait, daemon=True).start()
    try:
        dropped = drop_privileges(
            plan["user"], writable=[*map(Path, plan["writable"])], landlock=plan["landlock"]
        )
    except (OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return
    print(dropped, flush=True)
    sys.stdin.readline()
    known = attempts(here)
    results: dict[str, object] = {
        f"{name} {argument}".strip(): attempt(known[name], argument)
        for name, argument in plan["attempts"]
    }
    if sniffer is not None:
        for _ in range(2):
            speaker.sendto(b"x", ("127.0.0.1", port))
        results["payloads"] = [packet.payload.decode() for packet in sniffer]
        results["received"] = sniffer.counts.received
        sniffer.close()
    print(json.dumps(results), flush=True)


def settings(port: int) -> Any:
    """A small ring for one UDP port."""
    from rawlab.capture import RingSettings

    return RingSettings(filter=f"udp port {port}", buffer_octets=1 << 20)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
