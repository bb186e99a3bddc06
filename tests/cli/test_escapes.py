"""Nothing that steers a terminal is printed, whatever names, comments and words contain."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from cli.running import rawlab

HOSTILE = "x\x1b[2J\x9b1m\u202e\r"
SAMPLE = "captures/dns.pcap"


def check_harmless(printed: bytes) -> None:
    """Printable characters, ends of lines and tabs only."""
    text = printed.decode()
    assert {c for c in text if not c.isprintable()} <= {"\n", "\t"}


WORDS = [
    ("read", "-r", HOSTILE),
    ("read", "-r", f"{SAMPLE}/{HOSTILE}"),
    ("read", HOSTILE),
    ("read", "-r", SAMPLE, HOSTILE),
    ("read", "-r", SAMPLE, "-Y", HOSTILE),
    ("read", "-r", SAMPLE, "-Y", f'ip.src == "{HOSTILE}"'),
    ("read", "-r", SAMPLE, "-T", HOSTILE),
    ("read", "-r", SAMPLE, "-T", "fields", "-e", HOSTILE),
    ("read", "-r", SAMPLE, "-T", "fields", "-e", "ip.src", "-E", HOSTILE),
    ("read", "-r", SAMPLE, "--protocol", HOSTILE),
    ("read", "-r", SAMPLE, "--decode-as", HOSTILE),
    ("read", "-r", SAMPLE, "--decode-as", f"udp.port==1,{HOSTILE}"),
    ("read", "-r", SAMPLE, f"--{HOSTILE}"),
    ("protocols", HOSTILE),
    ("sniff", "-i", HOSTILE),
    ("sniff", "-i", "lo", "-y", HOSTILE),
    ("sniff", "-i", "lo", "-Q", HOSTILE),
    ("sniff", "-i", "lo", "-Z", HOSTILE),
    ("sniff", "-i", "lo", "-w", f"/nonexistent/{HOSTILE}"),
    ("sniff", "-i", "lo", "-w", "x", "-z", HOSTILE),
    ("convert", HOSTILE, HOSTILE),
    (HOSTILE,),
]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words).split("x\x1b")[0])
def test_words_are_echoed_harmlessly(words: tuple[str, ...]) -> None:
    done = rawlab(*words)
    assert done.returncode in (1, 2)
    check_harmless(done.stderr)
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


def pcapng(name: str, comment: str) -> bytes:
    """A file of one packet, of an interface of that name, with a comment."""

    def block(kind: int, body: bytes) -> bytes:
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    def option(code: int, text: str) -> bytes:
        octets = text.encode()
        return struct.pack("<HH", code, len(octets)) + octets + bytes(-len(octets) % 4)

    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, name) + option(1, comment)
    interface = struct.pack("<HHI", 1, 0, 0) + option(2, name) + option(3, comment)
    octets = bytes(60)
    packet = struct.pack("<IIIII", 0, 0, 0, len(octets), len(octets)) + octets
    return (
        block(0x0A0D0D0A, section + bytes(4))
        + block(1, interface + bytes(4))
        + block(6, packet + option(1, comment) + bytes(4))
    )


FORMS = [
    (), ("-v",), ("-X",), ("-e", "-#"), ("-T", "json"),
    ("-T", "fields", "-e", "frame.interface_name", "-e", "frame.number"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_names_and_comments_of_a_file(form: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "hostile.pcapng"
    path.write_bytes(pcapng(HOSTILE, f"comment {HOSTILE}"))
    done = rawlab("read", "-r", str(path), *form)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    check_harmless(done.stdout + done.stderr)


def test_a_damaged_file_of_a_hostile_name(tmp_path: Path) -> None:
    path = tmp_path / HOSTILE
    path.write_bytes(pcapng("x", "y")[:-7])
    done = rawlab("read", "-r", str(path))
    assert done.returncode == 1
    check_harmless(done.stdout + done.stderr)
