"""The scene, seen by a socket that only listens."""

from __future__ import annotations

import socket
from collections import Counter

from lab.pair import Pair
from rawlab.lab.scene import Script, begin

FRAME = bytes.fromhex("ffffffffffff 020000000101 88b5") + b"\x80\0\1\x15\5north"


def kind_of(frame: bytes) -> str:
    """The protocol of a frame, as far as the scene has some."""
    if frame[12:14] == b"\x08\x00":
        return {1: "icmp", 6: "tcp", 17: "udp"}.get(frame[23], "ip")
    if frame[12:14] == b"\x86\xdd":
        return {128: "echo", 129: "echo", 135: "nd", 136: "nd"}.get(frame[54], "ipv6")
    return {b"\x08\x06": "arp", b"\x88\xb5": "beacon"}.get(frame[12:14], "other")


def test_the_scene_is_seen(pair: Pair) -> None:
    with pair.b.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        wire.bind(("eth0", 3))
        script = Script(echoes=2, questions=4, octets=200_000, frames=(FRAME,))
        begin(pair.a, pair.b, pair.link, script).wait(timeout_s=20)
        wire.settimeout(5)
        frames = []
        while FRAME not in frames:
            frames.append(wire.recv(70_000))
    seen = Counter(kind_of(frame) for frame in frames)
    assert seen["icmp"] == seen["echo"] == 2 * 2
    assert seen["udp"] == 2 * 4
    assert seen["arp"] >= 2
    assert seen["nd"] >= 2
    assert seen["beacon"] == 1
    assert max(map(len, frames)) == 1514, "as on a real wire, no segments beyond the MTU"
    assert sum(map(len, frames)) > 200_000


def test_the_scene_can_be_stopped_and_played_again(pair: Pair) -> None:
    slow = begin(pair.a, pair.b, pair.link, Script(pause_s=60))
    slow.stop()
    begin(pair.a, pair.b, pair.link, Script(octets=1000)).wait(timeout_s=20)
