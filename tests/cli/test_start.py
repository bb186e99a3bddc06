"""How the command begins: versions, help, and what is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rawlab as package
from cli.running import PROGRAM, rawlab
from rawlab.cli.commands import SUBCOMMANDS

DNS = str(Path(__file__).parents[2] / "captures" / "dns.pcap")


@pytest.mark.parametrize("words", [("--version",), ("--version", "read")])
def test_version(words: tuple[str, ...]) -> None:
    done = rawlab(*words)
    assert (done.returncode, done.stdout.decode()) == (0, f"rawlab {package.__version__}\n")


def test_version_imports_nothing_heavy() -> None:
    program = (
        "import sys; from rawlab.cli.main import main; main(['--version']);"
        "sys.exit(' '.join({'click', 'rich', 'numpy', 'pyroute2', 'cypcap'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.stderr == b"\n" or done.stderr == b""


def test_help_lists_every_command() -> None:
    done = rawlab("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout.decode() for name in SUBCOMMANDS)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = rawlab(name, "--help")
    assert done.returncode == 0
    assert done.stdout.decode().startswith(f"Usage: rawlab {name} ")


def test_without_a_word_it_tells_what_there_is() -> None:
    done = rawlab()
    assert done.returncode == 2
    assert b"sniff" in done.stderr


@pytest.mark.parametrize("words", [("protocols",), ("protocols", "tcp"), ("interfaces",), ("-h",)])
def test_a_reader_that_goes_away_is_no_failure(words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as gone:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [("protocols",), ("interfaces",), ("read", DNS)])
def test_a_full_or_closed_output_is_a_line(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, check=False
        )
    told = b"rawlab: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, told)
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, *words]
    done = subprocess.run(closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"rawlab: standard output is closed\n")


def test_protocols() -> None:
    listed = rawlab("protocols").stdout.decode().splitlines()
    assert any(line.startswith("udp\t") and "ip.proto 17" in line for line in listed)
    told = rawlab("protocols", "udp").stdout.decode()
    assert "|            srcport            |            dstport            |" in told
    assert "udp.checksum" in told
    assert rawlab("protocols", "UDP").stdout.decode() == told
    assert rawlab("protocols", "udp", "arp").stdout.decode().startswith(told + "\narp: ")


def test_interfaces() -> None:
    rows = [line.split("\t") for line in rawlab("interfaces").stdout.decode().splitlines()]
    assert {"lo", "any"} <= {row[0] for row in rows}
    assert rawlab("sniff", "-D").stdout == rawlab("interfaces").stdout


def test_doctor() -> None:
    done = rawlab("doctor")
    assert done.returncode == 0
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert "engine" in {row[1] for row in rows}
    assert all(row[0] == "ok" or row[3] for row in rows)
