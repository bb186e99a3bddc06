"""pytest's door: fixtures that capture, replay and compare packets; see docs/testing.md.

It is loaded with every run of pytest, so nothing of rawlab is imported before a fixture asks.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from rawlab.lab import Host, Lab
    from rawlab.schema.registry import Registry
    from rawlab.testing.golden_files import Golden
    from rawlab.testing.isolation import Opens
    from rawlab.testing.keeping import Recordings
    from rawlab.testing.recording import Recording
    from rawlab.testing.replaying import Replayer

MARKER = "capture(interface='lo', *, filter=None): what the fixture `capture` captures"


class CaptureOn(Protocol):
    """The fixture `capture_on`."""

    def __call__(
        self, interface: str = "lo", *, filter: str | None = None, host: Opens | None = None
    ) -> Recording: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """--rawlab-update and --rawlab-captures."""
    group = parser.getgroup("rawlab", "rawlab: packets in tests")
    group.addoption(
        "--rawlab-update", action="store_true",
        help="write the goldens of the tests that run anew; look at what changed afterwards")
    group.addoption(
        "--rawlab-captures", metavar="DIR", type=Path,
        help="keep what failed tests captured in DIR, not in pytest's temporary directory")


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line("markers", MARKER)
    config.stash[_written] = []


@pytest.fixture
def rawlab_registry() -> Registry | None:
    """What packets are decoded by: None is all that is installed. Override it to add your own."""
    return None


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Virtual hosts, which end with the test; skips where they cannot be made."""
    from rawlab.lab import Lab, LabUnavailable

    try:
        made = Lab()
    except LabUnavailable as problem:
        pytest.skip(str(problem))
    with made:
        yield made


@pytest.fixture
def loopback(lab: Lab) -> Iterator[Host]:
    """A network of the test's own with nothing but `lo`; no privileges are needed to capture.

    Python sockets that are opened during the test are opened there. Skips where it cannot be made.
    """
    from rawlab.testing.isolation import sockets_opened_by

    host = lab.host("loopback")
    with sockets_opened_by(host):
        yield host


@pytest.fixture
def capture_on(
    request: pytest.FixtureRequest,
    rawlab_registry: Registry | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[CaptureOn]:
    """Starts a capture: capture_on("eth0", filter="udp", host=a).

    Skips where it is not permitted. What a failed test has captured is kept.
    """
    from rawlab.capture import CaptureError, CaptureNotPermitted
    from rawlab.testing.keeping import Recordings

    if "loopback" in request.fixturenames:
        request.getfixturevalue("loopback")

    def folder() -> Path:
        chosen: Path | None = request.config.getoption("--rawlab-captures")
        if chosen is None:
            return tmp_path_factory.mktemp("rawlab")
        made_for_them = request.config.invocation_params.dir / chosen
        made_for_them.mkdir(parents=True, exist_ok=True)
        return made_for_them

    made = Recordings(request.node.nodeid, folder, rawlab_registry)
    request.node.stash[_recordings] = made

    def start(
        interface: str = "lo", *, filter: str | None = None, host: Opens | None = None
    ) -> Recording:
        try:
            return made.start(interface, filter=filter, host=host)
        except CaptureNotPermitted as problem:
            pytest.skip(f"{problem}; or let the test use the fixture `loopback`")
        except (CaptureError, ValueError) as problem:
            pytest.fail(str(problem), pytrace=False)

    yield start
    made.close()


@pytest.fixture
def capture(request: pytest.FixtureRequest, capture_on: CaptureOn) -> Recording:
    """The packets of the test: `capture.packets`, `capture.wait_for("udp.dstport == 53")`.

    It captures on `lo`, or as a marker says: @pytest.mark.capture("eth0", filter="tcp").
    """
    marker = request.node.get_closest_marker("capture")
    if marker is None:
        return capture_on()
    try:
        inspect.signature(capture_on).bind(*marker.args, **marker.kwargs)
    except TypeError as error:
        pytest.fail(f"marker {MARKER.partition(':')[0]}: {error}", pytrace=False)
    return capture_on(*marker.args, **marker.kwargs)


@pytest.fixture
def replay_capture(
    request: pytest.FixtureRequest, rawlab_registry: Registry | None
) -> Replayer:
    """Calls a function with every packet of a capture file: replay_capture("x.pcap", handler).

    The file is looked for beside the test, then where pytest was started.
    """
    from rawlab.testing.replaying import Replayer

    folders = (request.path.parent, request.config.invocation_params.dir)
    return Replayer(folders, rawlab_registry)


@pytest.fixture
def golden(
    request: pytest.FixtureRequest, rawlab_registry: Registry | None
) -> Iterator[Golden]:
    """Compares packets with those of last time: golden.check(packets, mask=["ip.id"])."""
    from rawlab.testing.golden_files import Golden, update_command

    nodeid: str = request.node.nodeid
    test = ".".join([request.path.stem, *nodeid.split("::")[1:]])
    made = Golden(
        request.path.parent / "__golden__", test, command=update_command(nodeid),
        update=request.config.getoption("--rawlab-update"), registry=rawlab_registry)
    yield made
    request.config.stash[_written].extend(made.written)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test keeps what it captured, and its report says where."""
    report = yield
    recordings = item.stash.get(_recordings, None)
    if recordings is not None and report.failed:
        report.sections += recordings.keep()
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which goldens were written."""
    written = config.stash[_written]
    if written:
        terminalreporter.section("rawlab: goldens written; look at what changed")
        for path in written:
            terminalreporter.write_line(str(path))


def pytest_assertrepr_compare(op: str, left: object, right: object) -> Sequence[str] | None:
    """Say in which fields two packets differ."""
    if op != "==" or "rawlab.packet" not in sys.modules:
        return None
    from rawlab.testing.explaining import explain

    lines = explain(left, right)
    return None if lines is None else list(lines)


_recordings: pytest.StashKey[Recordings] = pytest.StashKey()
_written: pytest.StashKey[list[Path]] = pytest.StashKey()
