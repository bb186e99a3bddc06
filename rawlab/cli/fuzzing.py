"""A run of `rawlab fuzz`: its cases, its campaign, and what it tells."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rawlab.cli.failure import Failure
from rawlab.cli.stopping import STOP_SIGNALS, on_signals
from rawlab.fuzz.generating import Case, Fuzzer
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.campaign import Finding, Report
    from rawlab.campaign.targets import Target
    from rawlab.schema.declaration import Header
    from rawlab.schema.draft import Draft
    from rawlab.schema.registry import Registry

MOST_SUBJECTS = 1000
LINKTYPE_ETHERNET = 1


class Job:
    """Which cases there are to be."""

    def __init__(
        self, header: type[Header], registry: Registry, seed: int, first: int, count: int,
        from_file: str | None, *, frames: bool,
    ) -> None:
        self.header = header
        self.seed = seed
        self.first = first
        self.count = count
        self.linktype = LINKTYPE_ETHERNET if frames else None
        root = None
        if frames:
            from dissectors import Ethernet

            root = Ethernet
        subjects: list[Any] = [header]
        if from_file is not None:
            subjects = _subjects(from_file, header, registry, frames)
        self._fuzzers = [Fuzzer(one, seed=seed, registry=registry, root=root) for one in subjects]

    def cases(self) -> Iterator[Case]:
        """The cases in order; several subjects take turns."""
        many = len(self._fuzzers)
        for number in range(self.first, self.first + self.count):
            turn, which = divmod(number - 1, many)
            yield self._fuzzers[which].case(turn + 1)._replace(number=number)


def _subjects(file: str, header: type[Header], registry: Registry, frames: bool) -> list[Draft]:
    """The packets of a file that hold the header: from it on, or whole for frames."""
    from rawlab.files import read
    from rawlab.schema.redraft import redraft

    found = []
    with read(file, registry=registry) as packets:
        for packet in packets:
            layers = packet.layers
            at = next((i for i, layer in enumerate(layers) if type(layer) is header), None)
            if at is None or frames and packet.linktype != LINKTYPE_ETHERNET:
                continue
            damaged = [i for i, layer in enumerate(layers) if packet.faults_of(layer)]
            draft = redraft(layers, damaged=damaged, cut=packet.caplen < packet.length)
            found.append(draft if frames else type(draft)(draft.layers[at:], draft.payload))
            if len(found) == MOST_SUBJECTS:
                break
    if not found:
        raise Failure(f"{file}: no packet in it holds {header.__name__}")
    return found


def write_cases(job: Job, path: str) -> int:
    """Write the cases to a file instead of sending them."""
    from rawlab.campaign.saving import save_cases

    count = save_cases(path, ((case, f"seed {job.seed}, number {case.number}: {case.what}")
                              for case in job.cases()), job.seed, job.linktype)
    _say(f"{count} packets written to {path}")
    return 0


def run(job: Job, target: Target, given: dict[str, Any]) -> int:
    """Deliver the cases and tell what came of it; 1 if the receiver failed."""
    from rawlab.campaign import Report, make_monitor, open_endpoint, run_campaign
    from rawlab.capture.privileges import drop_privileges

    monitor = make_monitor(given["monitor"])[1] if given["monitor"] else None
    wrong = None if monitor is None else monitor()
    if wrong is not None:
        raise Failure(f"before the first packet: {wrong}")
    report = Report()
    endpoint = open_endpoint(target, given["timeout_s"])
    if target.kind == "interface":
        drop_privileges(None, landlock=False)  # the socket is open, and nothing else needs them
    try:
        with on_signals(_interrupt, *STOP_SIGNALS):
            run_campaign(job.cases(), endpoint, monitor, every=given["every"],
                         keep_going=given["keep_going"], report=report, told=_tell)
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        endpoint.close()
    _close(report, job, target, given)
    return 1 if report.findings else 0


def _interrupt() -> None:
    raise KeyboardInterrupt


def _tell(finding: Finding) -> None:
    """One line for a failure as soon as it is found."""
    case = finding.cases[-1]
    which = f"packet {case.number}: {case.what}"
    if len(finding.cases) > 1:
        which = f"one of packets {finding.cases[0].number} to {case.number}"
    _say(f"failure: {finding.reason}, after {which}")


def _close(report: Report, job: Job, target: Target, given: dict[str, Any]) -> None:
    """The closing lines: counts, where the packets are, how to repeat it."""
    stopped = " (interrupted)" if report.interrupted else ""
    if report.down:
        stopped = " (the receiver did not come back)"
    many = len(report.findings)
    _say(f"{report.delivered} packets delivered to {target}, {many} "
         f"failure{'s' * (many != 1)}{stopped}")
    if not report.findings:
        return
    from rawlab.campaign.saving import save

    saved = save(given["save"], report.findings, job.seed, job.linktype)
    _say(f"{saved} packet{'s' * (saved != 1)} saved to {given['save']}")
    finding = report.findings[0]
    words = ["rawlab", "fuzz", job.header.__name__]
    for file in given["protocol_files"]:
        words += ["--protocol", file]
    words += ["--seed", str(job.seed)]
    if len(finding.cases) == 1:
        words += ["--number", str(finding.cases[0].number)]
    else:
        words += ["--first", str(finding.cases[0].number), "--count", str(len(finding.cases))]
    for option, value in (("--from", given["from_file"]), ("--to", given["to"]),
                          ("-i", given["interface"]), ("--monitor", given["monitor"])):
        words += [option, value] if value else []
    _say("to repeat it: " + shlex.join(words) + " --i-own-this-network" * given["owned"])


def _say(line: str) -> None:
    print(f"rawlab: {escape(line)}", file=sys.stderr)
