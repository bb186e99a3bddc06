"""What `--protocol FILE` says of a file that cannot do what its author meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.running import rawlab

DECLARED = '''
from rawlab.schema import U8, Header, on


class Lost(Header, name="lost", follows=on("{table}", 0x88B5), summary="{{{field}}}"):
    """A header."""

    kind: U8 = U8()
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lost.py"


def test_a_table_that_nobody_opens(file: Path, captures: Path) -> None:
    file.write_text(DECLARED.format(table="ethertyp", field="kind"))
    done = rawlab("read", "-r", str(captures / "beacon.pcap"), "-c", "1", "--protocol", str(file))
    assert b"lost follows on the table ethertyp" in done.stderr
    assert b"did you mean ethertype?" in done.stderr
    assert done.returncode == 0


def test_nothing_is_told_of_one_that_works(file: Path, captures: Path) -> None:
    file.write_text(DECLARED.format(table="ethertype", field="kind"))
    done = rawlab("read", "-r", str(captures / "beacon.pcap"), "-c", "1", "--protocol", str(file))
    assert (done.stderr, done.returncode) == (b"", 0)
    assert b"LOST 128" in done.stdout


def test_a_summary_of_no_field(file: Path, captures: Path) -> None:
    file.write_text(DECLARED.format(table="ethertype", field="kimd"))
    done = rawlab("read", "-r", str(captures / "beacon.pcap"), "--protocol", str(file))
    assert b"lost.py:5: Lost: the summary names 'kimd'" in done.stderr
    assert done.returncode == 1


def test_a_file_given_twice_is_one(file: Path) -> None:
    file.write_text(DECLARED.format(table="ethertype", field="kind"))
    done = rawlab("protocols", "--protocol", str(file), "--protocol", str(file))
    assert done.stdout.decode().count("lost\t") == 1
    assert done.stderr == b""


def test_a_name_that_is_taken_is_told_of(file: Path) -> None:
    file.write_text(DECLARED.replace("lost", "tcp").format(table="ethertype", field="kind"))
    done = rawlab("protocols", "--protocol", str(file))
    assert done.stderr.decode().startswith(f"rawlab: {file}: tcp is the name of another protocol")
    assert done.returncode == 0
