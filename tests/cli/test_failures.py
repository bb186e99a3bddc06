"""A failure is one line on stderr that says what to do, and the right exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from rawlab.cli.main import main

DNS = "captures/dns.pcap"

USAGE = [
    (["bogus"], "no such command: bogus"),
    (["raed"], "did you mean read?"),
    (["read"], "say: rawlab read -r FILE"),
    (["read", "nosuch.pcap"], "no file is called 'nosuch.pcap'"),
    (["read", "-r", DNS, "-Y", "dsn"], "dns"),
    (["read", "-r", DNS, "-w", "out.pcap"], "rawlab convert IN OUT"),
    (["read", "-r", DNS, "-V"], "-v prints a tree"),
    (["read", "-r", DNS, "-c", "0"], "-c"),
    (["read", "-r", DNS, "-tttttt"], "five times"),
    (["read", "-r", DNS, "-T", "fields"], "-e NAME"),
    (["read", "-r", DNS, "-T", "fields", "-e", "ip.srcc"], "ip.src"),
    (["read", "-r", DNS, "-T", "fields", "-e", "nowhere.at.all"], "'nowhere.at.all'"),
    (["read", "-r", DNS, "-T", "fields", "-e", "ip.src", "-E", "quote=x"], "quote=d|s|n"),
    (["read", "-r", DNS, "-E", "header=y"], "-T fields"),
    (["read", "-r", DNS, "udp", "prot", "53"], "syntax error"),
    (["read", "-r", DNS, "udp.dstport == 53"], "display filter"),
    (["read", "-r", DNS, "--decode-as", "tcp.port=8080,http"], "table==value,protocol"),
    (["read", "-r", DNS, "--decode-as", "tcp.prt==8080,dns"], "tcp.port"),
    (["read", "-r", DNS, "-e", "ip.src"], "-T fields -e ip.src"),
    (["read", "-r", DNS, "upd", "port", "53"], "did you mean udp by upd?"),
    (["read", "-r", DNS, "-T", "json", "-v"], "-v is about lines"),
    (["read", "-r", DNS, "-T", "fields", "-e", "ip.src", "-X"], "-X is about lines"),
    (["read", "-i", "lo"], "rawlab sniff -i INTERFACE"),
    (["sniff", "-r", DNS], "rawlab read -r FILE"),
    (["-r", DNS], "rawlab read -r FILE"),
    (["protocols", "upd"], "udp"),
    (["protocols", "tcp.flags"], "tcp is one"),
    (["sniff", "-i", "lo", "udp", "prot", "53"], "syntax error"),
    (["sniff", "-i", "lo", "lo"], "to capture on lo, say -i lo"),
    (["read", DNS, DNS], "rawlab convert merges several"),
    (["sniff", "-B", "1"], "-B"),
    (["sniff", "-Q", "sideways"], "-Q"),
    (["interfaces", "too", "many"], "too many"),
]
RUN_TIME = [
    (["read", "-r", "nosuch.pcap"], "nosuch.pcap: No such file or directory"),
    (["read", "-r", "."], "Is a directory"),
    (["read", "-r", "captures/README.md"], "not a capture file"),
    (["read", "-r", DNS, "--protocol", "nosuch.py"], "nosuch.py: no such file"),
    (["sniff", "-i", "nosuch0"], "nosuch0"),
]


@pytest.fixture(autouse=True)
def _in_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def names(cases: list[tuple[list[str], str]]) -> list[str]:
    return [" ".join(words) for words, _ in cases]


@pytest.mark.parametrize(("words", "told"), USAGE, ids=names(USAGE))
def test_usage_errors(
    words: list[str], told: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    check_failure(words, 2, told, capfdbinary)


@pytest.mark.parametrize(("words", "told"), RUN_TIME, ids=names(RUN_TIME))
def test_run_time_errors(
    words: list[str], told: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    check_failure(words, 1, told, capfdbinary)


PLUGINS = [
    ("syntax", "class Broken(\n", ":1: '(' was never closed"),
    ("octets", "\0", "plugin.py: source code string cannot contain null bytes"),
    ("exit", "raise SystemExit(3)\n", ":1: SystemExit 3"),
    ("name", "import rawlab\n\nnot_there\n", ":3: name 'not_there' is not defined"),
    ("declaration", "from rawlab.schema import Header, U4\n"
     "class Odd(Header, name='odd'):\n    nibble: U4 = U4()\n", "Odd"),
    ("nothing", "x = 1\n", "declares no protocol"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "told"), [case[1:] for case in PLUGINS], ids=[case[0] for case in PLUGINS]
)
def test_broken_plugins(
    source: str, told: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    plugin = tmp_path / "plugin.py"
    plugin.write_text(source)
    words = ["read", "-r", DNS, "--protocol", str(plugin)]
    told_all = check_failure(words, 1, told, capfdbinary)
    assert str(plugin) in told_all


def check_failure(
    words: list[str], status: int, told: str, captured: pytest.CaptureFixture[bytes]
) -> str:
    assert main(words) == status
    output, errors = captured.readouterr()
    lines = errors.decode().splitlines()
    assert output == b""
    assert len(lines) == 1
    assert lines[0].startswith("rawlab")
    assert told in lines[0]
    return lines[0]
