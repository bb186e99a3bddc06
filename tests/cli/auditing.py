"""`rawlab sniff` in a network of its own, which tells what Python opens after privileges are gone.

Run as a script, inside a new network namespace: its arguments are those of `rawlab`, its input is
frames that are sent on lo as soon as privileges are dropped, each after its length. Standard error
ends with a line for each file that was opened after that: `opened:`, and its name.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
from typing import Any

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def main() -> None:
    from rawlab.capture import privileges
    from rawlab.cli.main import main as rawlab

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind(("lo", 0))
    frames = sys.stdin.buffer.read()
    dropping = privileges.drop_privileges
    opened: list[str] = []
    watching = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in ("open", "import"):
            opened.append(str(arguments[0]))

    def drop(*arguments: Any, **named: Any) -> privileges.Dropped:
        nonlocal watching
        dropped = dropping(*arguments, **named)
        at = 0
        while at < len(frames):
            (length,) = struct.unpack_from("I", frames, at)
            sender.send(frames[at + 4 : at + 4 + length])
            at += 4 + length
        watching = True
        return dropped

    privileges.drop_privileges = drop
    sys.addaudithook(hook)
    status = rawlab(sys.argv[1:])
    watching = False
    sys.stdout.flush()
    for name in opened:
        print(f"opened: {os.path.normpath(name)}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
