"""The fixture `golden`: missing, written, the same, different, masked, damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rawlab
from rawlab.testing.golden_files import Golden

pytest_plugins = "pytester"

TEST = """
    from dissectors import IPv4, UDP

    def packets(ttl=64, ports=(1, 2), identity=1):
        for port in ports:
            yield IPv4(src="10.0.0.1", dst="10.0.0.2", ttl=ttl, id=identity) / UDP(dstport=port)

    def test_query(golden):
        golden.check(packets({changed}), mask={mask})
"""
MASK = ["ip.id", "*.checksum"]


def write(pytester: pytest.Pytester, changed: str = "", mask: list[str] | None = None) -> None:
    pytester.makepyfile(test_x=TEST.format(changed=changed, mask=mask or []))


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


@pytest.fixture
def written(pytester: pytest.Pytester) -> Path:
    """The golden of TEST, as --rawlab-update has written it."""
    write(pytester, mask=MASK)
    result = run(pytester, "--rawlab-update")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*goldens written; look at what changed*", "*/__golden__/test_x.test_query.json"])
    return pytester.path / "__golden__" / "test_x.test_query.json"


def test_a_missing_golden_fails_with_the_remedy(pytester: pytest.Pytester) -> None:
    write(pytester)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "E *there is no golden __golden__/test_x.test_query.json yet for 2 packets:"
        " write it by pytest --rawlab-update test_x.py::test_query, and look at it*"])
    assert not (pytester.path / "__golden__").exists()


def test_it_is_readable(written: Path) -> None:
    lines = written.read_text().splitlines()
    assert '     "ip.src": "10.0.0.1",' in lines
    assert '     "ip.id": "(masked)",' in lines
    assert len(json.loads(written.read_text())["packets"]) == 2


def test_the_same_passes_and_writes_nothing(written: Path, pytester: pytest.Pytester) -> None:
    before = written.stat().st_mtime_ns
    for arguments in ([], ["--rawlab-update"]):
        result = run(pytester, *arguments)
        result.assert_outcomes(passed=1)
        result.stdout.no_fnmatch_line("*goldens written*")
    assert written.stat().st_mtime_ns == before


def test_masked_fields_may_differ(written: Path, pytester: pytest.Pytester) -> None:
    write(pytester, "identity=77", MASK)
    run(pytester).assert_outcomes(passed=1)


def test_a_mask_more_needs_no_update(written: Path, pytester: pytest.Pytester) -> None:
    write(pytester, "ttl=3", [*MASK, "ip.t?l"])
    run(pytester).assert_outcomes(passed=1)


def test_differences_are_told_field_by_field(written: Path, pytester: pytest.Pytester) -> None:
    write(pytester, "ttl=3", MASK)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "E *the packets are not those of test_x.test_query.json:",
        "E *packet 1 (ip/udp, 28 octets)",
        "E *! ip.ttl  want 64, got 3",
        "E *packet 1 (ip/udp, 28 octets)",
        "E *! ip.ttl  want 64, got 3",
        "E *if that is as it should be: pytest --rawlab-update test_x.py::test_query",
    ])


@pytest.mark.parametrize(("ports", "told"), [
    ("(1,)", "packet 1 of the golden is missing: ip/udp, 28 octets"),
    ("(1, 9, 2)", "packet 1 is new: ip/udp, 28 octets"),
])
def test_packets_more_or_fewer(
    written: Path, pytester: pytest.Pytester, ports: str, told: str
) -> None:
    write(pytester, f"ports={ports}", MASK)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *{told}"])
    result.stdout.no_fnmatch_line("E *!*")


def test_an_update_writes_what_changed(written: Path, pytester: pytest.Pytester) -> None:
    write(pytester, "ttl=3", MASK)
    run(pytester, "--rawlab-update").assert_outcomes(passed=1)
    run(pytester).assert_outcomes(passed=1)


def test_a_broken_golden_is_named(written: Path, pytester: pytest.Pytester) -> None:
    written.write_text("{")
    result = run(pytester)
    result.stdout.fnmatch_lines(["E *test_x.test_query.json is no golden file: *"])
    run(pytester, "--rawlab-update").assert_outcomes(passed=1)


def test_a_capture_file_and_names(pytester: pytest.Pytester, captures: Path) -> None:
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.parametrize("name", ["dns", "tcp/ip"])
        class TestAll:
            def test_file(self, golden, name):
                golden.check("{captures / "dns.pcap"}", mask=["frame.time*"])
                golden.check("{captures / "arp.pcap"}", name="arp")
    """)
    run(pytester, "--rawlab-update").assert_outcomes(passed=2)
    run(pytester).assert_outcomes(passed=2)
    stem = "test_a_capture_file_and_names.TestAll.test_file"
    assert sorted(path.name for path in (pytester.path / "__golden__").iterdir()) == [
        "arp.json", f"{stem}-dns.json", f"{stem}-tcp-ip.json"]


class TestWithoutPytest:
    def check(self, folder: Path, capture: Path, *, update: bool) -> None:
        Golden(folder, "x", update=update).check(rawlab.read(capture))

    def test_all_captures_of_the_project(self, tmp_path: Path, captures: Path) -> None:
        for capture in captures.glob("*.pcap"):
            folder = tmp_path / capture.stem
            with pytest.raises(AssertionError, match="no golden"):
                self.check(folder, capture, update=False)
            self.check(folder, capture, update=True)
            self.check(folder, capture, update=False)

    def test_every_changed_octet_is_seen(self, tmp_path: Path, captures: Path) -> None:
        original = next(iter(rawlab.read(captures / "dns.pcap")))
        Golden(tmp_path, "x", update=True).check([original])
        for place in range(original.caplen):
            octets = bytearray(original.octets)
            octets[place] ^= 1
            changed = rawlab.Packet(octets, time_ns=original.time_ns)
            with pytest.raises(AssertionError, match="want"):
                Golden(tmp_path, "x").check([changed])

    @pytest.mark.parametrize("text", [
        "", "[]", "{", '{"packets": 3}', '{"packets": [3]}', '{"packets": [{}]}',
        '{"packets": [{"frame": {}, "layers": 3}]}', '{"packets": [{"frame": [], "layers": []}]}',
        '{"packets": [{"frame": {}, "layers": [3]}]}', "\x80"])
    def test_a_damaged_golden(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x.json").write_text(text, "latin-1")
        with pytest.raises(ValueError, match="is no golden file"):
            Golden(tmp_path, "x").check([])

    @pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x\n"])
    def test_a_wrong_name(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="is no name for a golden"):
            Golden(tmp_path, "x", update=True).check([], name)
        assert list(tmp_path.iterdir()) == []

    def test_two_checks_need_a_name(self, tmp_path: Path) -> None:
        golden = Golden(tmp_path, "x", update=True)
        golden.check([])
        with pytest.raises(ValueError, match="give a name"):
            golden.check([])
        golden.check([], "second")
