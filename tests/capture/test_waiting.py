"""Waiting in event loops of every kind."""

from __future__ import annotations

import asyncio
import select
import threading

import pytest

from rawlab.capture.waiting import Waiter, Wake, readable


class NoReaders(asyncio.SelectorEventLoop):
    """An event loop that cannot wait for descriptors, as the one of Windows."""

    def add_reader(self, fd: object, callback: object, *args: object) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("kind", [asyncio.SelectorEventLoop, NoReaders])
def test_the_loop_runs_until_it_is_readable(kind: type[asyncio.AbstractEventLoop]) -> None:
    wake = Wake()
    steps = 0

    async def walk() -> None:
        nonlocal steps
        while True:
            steps += 1
            await asyncio.sleep(0.001)

    async def wait() -> None:
        walking = asyncio.ensure_future(walk())
        threading.Timer(0.1, wake.set).start()
        async with asyncio.timeout(20):
            await readable(wake.fileno())
        walking.cancel()

    with asyncio.Runner(loop_factory=kind) as runner:
        runner.run(wait())
    assert steps > 5
    wake.close()


@pytest.mark.parametrize("kind", [asyncio.SelectorEventLoop, NoReaders])
def test_waiting_can_be_given_up(kind: type[asyncio.AbstractEventLoop]) -> None:
    wake = Wake()

    async def wait() -> None:
        async with asyncio.timeout(0.05):
            await readable(wake.fileno())

    with asyncio.Runner(loop_factory=kind) as runner, pytest.raises(TimeoutError):
        runner.run(wait())


@pytest.mark.parametrize("lacking", ["", "eventfd", "poll", "eventfd poll"])
def test_what_is_set_wakes_once(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "eventfd" in lacking:
        monkeypatch.delattr("os.eventfd")
    if "poll" in lacking:
        monkeypatch.delattr(select, "poll")
    wake, waiter = Wake(), Waiter()
    waiter.add(wake.fileno())
    assert list(waiter.wait(0)) == []
    for _ in range(3):
        wake.set()
    assert [number for number, _ in waiter.wait(20)] == [wake.fileno()]
    wake.clear()
    assert list(waiter.wait(0)) == []
    wake.close()
    wake.set()  # and nobody is woken
