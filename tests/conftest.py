"""What all tests share: where captures lie, how hypothesis runs, and that no skip passes unseen."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # last: else `dissectors` of an editable install is tests/dissectors
NO_SKIPS = "RAWLAB_NO_SKIPS" in os.environ
"""Set where all that a test may miss is installed: there a skip is a failure."""
ELSEWHERE = "corpus"
"""In the reason of a skip: other projects' captures, which no package installs, are missing."""

settings.register_profile(
    "rawlab", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("rawlab")


def pytest_sessionstart() -> None:
    """RAWLAB_EXPECT names the directory of the build that is meant to be under test."""
    expected = os.environ.get("RAWLAB_EXPECT")
    if expected:
        import rawlab

        found = Path(rawlab.__file__).resolve().parent.parent
        if found != Path(expected).resolve():
            pytest.exit(f"the tests would run on {found}, not on {expected}", returncode=3)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skip into a failure where `NO_SKIPS` says so; what is expected to fail stays so."""
    report = yield
    if not NO_SKIPS or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    if ELSEWHERE not in reason.lower():
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The directory of the project."""
    return ROOT


@pytest.fixture(scope="session")
def captures() -> Path:
    """The directory of the project's own small captures."""
    return ROOT / "captures"
