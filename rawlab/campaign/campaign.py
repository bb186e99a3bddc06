"""Delivering cases until a receiver fails, and finding the one that it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rawlab.campaign.endpoints import Endpoint, Failed
from rawlab.campaign.monitors import Monitor
from rawlab.fuzz.generating import Case

RECOVER_S = 2.0
"""How long a receiver that failed is given to come back."""
SETTLE_S = 0.02
"""How long a receiver is given to fail over what it was sent."""


class Finding(NamedTuple):
    """A failure, and the cases after one of which it came: just one where that was found."""

    reason: str
    cases: tuple[Case, ...]


class Report:
    """What a campaign did; it is whole also when it was interrupted."""

    def __init__(self) -> None:
        self.delivered = 0
        self.findings: list[Finding] = []
        self.interrupted = False
        self.down = False
        """The receiver did not come back, so the campaign ended before its cases did."""


def run_campaign(
    cases: Iterable[Case], endpoint: Endpoint, monitor: Monitor | None = None, *, every: int = 10,
    keep_going: bool = False, report: Report | None = None, recover_s: float = RECOVER_S,
    told: Callable[[Finding], None] = lambda finding: None,
) -> Report:
    """Deliver cases, ask the monitor after `every` of them, and stop at the first failure.

    With `keep_going`, on to the next where the receiver comes back. After a failure the cases since
    the last good answer are delivered again one by one, if the receiver comes back for it.
    """
    report = Report() if report is None else report
    since: list[Case] = []
    try:
        for case in cases:
            since.append(case)
            reason = _deliver(endpoint, case, report)
            if reason is None and len(since) >= every:
                reason = _ask(monitor)
            if reason is None:
                if len(since) >= every:
                    since.clear()
                continue
            if not _found(reason, since, endpoint, monitor, report, recover_s, told):
                report.down = keep_going
                return report
            since.clear()
            if not keep_going:
                return report
        reason = _ask(monitor) if since else None
        if reason is not None:
            _found(reason, since, endpoint, monitor, report, recover_s, told)
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def _deliver(endpoint: Endpoint, case: Case, report: Report | None = None) -> str | None:
    try:
        endpoint.deliver(case.octets)
    except Failed as failed:
        return str(failed)
    finally:
        if report is not None:
            report.delivered += 1
    return None


def _ask(monitor: Monitor | None) -> str | None:
    if monitor is None:
        return None
    time.sleep(SETTLE_S)
    return monitor()


def _found(
    reason: str, since: Sequence[Case], endpoint: Endpoint, monitor: Monitor | None,
    report: Report, recover_s: float, told: Callable[[Finding], None],
) -> bool:
    """Enter a failure; whether the receiver is alive again."""
    suspects = tuple(since[-1:] if endpoint.alone else since)
    back = endpoint.alone or _is_back(endpoint, monitor, recover_s)
    if back and len(suspects) > 1:
        culprit = _culprit(suspects, endpoint, monitor)
        if culprit is not None:
            suspects = (culprit,)
            back = _is_back(endpoint, monitor, recover_s)
    report.findings.append(Finding(reason, suspects))
    told(report.findings[-1])
    return back


def _is_back(endpoint: Endpoint, monitor: Monitor | None, recover_s: float) -> bool:
    """Whether the receiver is alive, perhaps since somebody started it again."""
    if monitor is None:
        return False
    end = time.monotonic() + recover_s
    while (wrong := monitor()) is not None and time.monotonic() < end:
        time.sleep(SETTLE_S)
    return wrong is None


def _culprit(
    suspects: Sequence[Case], endpoint: Endpoint, monitor: Monitor | None
) -> Case | None:
    """The first of the cases after which, alone, the receiver fails; the last ones are likeliest.

    None where it takes more than one of them.
    """
    for case in reversed(suspects):
        if _deliver(endpoint, case) is not None or _ask(monitor) is not None:
            return case
    return None
