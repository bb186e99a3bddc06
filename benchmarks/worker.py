"""One subject in a process of its own: `python -m benchmarks.worker SUBJECT MIX PACKETS`.

It runs once over a short capture, so that imports and tables are paid for; then once over the
capture for each line on stdin, and answers each with a line of JSON.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.captures import Capture
from benchmarks.subjects import SUBJECTS

SAMPLE = 2_000
"""Packets of the short capture, over which the sums of all subjects are compared."""


def main() -> None:
    """Answer once for the sample, then once for each line on stdin."""
    name, mix, packets = sys.argv[1:]
    subject = SUBJECTS[name]
    capture = Capture(mix, int(packets))
    sample = subject.sums(subject.run(Capture(mix, SAMPLE)))
    _answer(sums=sample, resident=_resident("VmRSS"))
    for _line in sys.stdin:
        gc.collect()
        began = time.perf_counter()
        result = subject.run(capture)
        seconds = time.perf_counter() - began
        resident = _resident("VmHWM")
        _answer(seconds=seconds, resident=resident, sums=subject.sums(result))
        del result


def _answer(**values: object) -> None:
    print(json.dumps(values), flush=True)


def _resident(which: str) -> int:
    """Octets of memory that this process has, or at most had, in use; or its largest child."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(which):
            own = int(line.split()[1])
    return 1024 * max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


if __name__ == "__main__":
    main()
