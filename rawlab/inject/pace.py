"""Waiting for absolute moments: asleep at first, awake for the last stretch."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rawlab.inject.errors import SendNotPermitted

AWAKE_NS = 150_000
"""The last stretch before a moment, which is spent awake: sleeping ends up to 60 µs late."""
FOREMOST_AWAKE_NS = 60_000
"""The same where nothing else comes first. Who is awake all the time loses a part of each second:
the kernel leaves 5 % to others (/proc/sys/kernel/sched_rt_runtime_us)."""


class Waiter:
    """Waits for moments of CLOCK_MONOTONIC. To be closed, or used in a `with` statement."""

    def __init__(self, awake_ns: int = AWAKE_NS) -> None:
        self.stopped = False
        self._awake_ns = awake_ns
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def stop(self) -> None:
        """End the present wait and those to come; from any thread or signal handler."""
        self.stopped = True
        if self._bell >= 0:
            os.eventfd_write(self._bell, 1)

    def fileno(self) -> int:
        """A descriptor that is readable once it is stopped."""
        return self._bell

    def until(self, moment_ns: int) -> int:
        """Wait until `moment_ns`; the time it is then, which is earlier only if stopped."""
        clock = time.monotonic_ns
        now = clock()
        while moment_ns - now > self._awake_ns and not self.stopped:
            sleep_s = min((moment_ns - now - self._awake_ns) * 1e-9, 3600.0)
            select.select([self._bell], [], [], sleep_s)
            now = clock()
        if not self.stopped:
            while now < moment_ns:
                now = clock()
        return now

    def close(self) -> None:
        """Give the descriptor back; a second call does nothing."""
        bell, self._bell = self._bell, -1
        if bell >= 0:
            os.close(bell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def foremost(wanted: bool = True) -> Iterator[None]:
    """Inside the block this thread runs before all ordinary ones (SCHED_FIFO), if it is wanted.

    Raises SendNotPermitted where the system does not permit it.
    """
    if not wanted:
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        raise SendNotPermitted(
            "cannot run before all other processes: this needs the capability CAP_SYS_NICE;"
            " use sudo, or go without realtime", errno.EPERM,
        ) from None
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)
