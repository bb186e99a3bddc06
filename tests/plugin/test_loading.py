"""The plugin is there, and costs other projects nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

pytest_plugins = "pytester"

LOADED = """
import sys
import pytest
before = set(sys.modules)
import rawlab.pytest_plugin
print(*sorted(set(sys.modules) - before))
"""


def test_the_entry_point() -> None:
    (entry,) = (one for one in entry_points(group="pytest11") if one.name == "rawlab")
    assert entry.value == "rawlab.pytest_plugin"


def test_loading_it_imports_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["rawlab", "rawlab.pytest_plugin"]


def test_a_project_that_does_not_use_it(pytester: pytest.Pytester) -> None:
    """Also where a comparison fails, which the plugin is asked about."""
    pytester.makepyfile("""
        import sys

        def test_x():
            assert not [name for name in sys.modules if name.startswith(("numpy", "rawlab.p"))
                        and name != "rawlab.pytest_plugin"]
            assert [1, 2] == [1, 3]
    """)
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "--strict-markers")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *At index 1 diff: 2 != 3"])


def test_options_and_fixtures_are_explained(pytester: pytest.Pytester) -> None:
    told = pytester.runpytest_subprocess("--help").stdout
    told.fnmatch_lines(["*--rawlab-update*", "*--rawlab-captures*"])
    fixtures = pytester.runpytest_subprocess("--fixtures").stdout
    for name in ("capture", "capture_on", "golden", "lab", "loopback", "replay_capture"):
        fixtures.fnmatch_lines([f"{name} -- *rawlab/pytest_plugin.py*"])
    pytester.runpytest_subprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.capture(*"])


def test_equal_packets_are_explained(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import rawlab
        from dissectors import IPv4, UDP

        def packet(**fields):
            draft = IPv4(src="10.0.0.1", dst="10.0.0.2", **fields) / UDP(dstport=9)
            return rawlab.Packet(bytes(draft), linktype=101)

        def test_packets():
            assert packet(ttl=3) == packet(ttl=4, checksum=0)

        def test_headers():
            assert packet(ttl=3).ip == packet(ttl=4).ip

        def test_packet_and_header():
            assert packet() == UDP(dstport=9)
    """)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([
        "E *ip.ttl: 3 != 4", "E *ip.checksum: * != 0", "E *IPv4 == IPv4", "E *ip.ttl: 3 != 4",
        "E *say assert_packet(packet, ...)*"])
