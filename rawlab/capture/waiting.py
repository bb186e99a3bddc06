"""Waiting for file descriptors in an event loop."""

from __future__ import annotations

from collections.abc import Sequence


async def any_readable(descriptors: Sequence[int], timeout_s: float | None) -> None:
    """Returns when one of the descriptors can be read, or when the time is over (None: never)."""
    import asyncio

    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    for descriptor in descriptors:
        loop.add_reader(descriptor, woken.set)
    try:
        async with asyncio.timeout(timeout_s):
            await woken.wait()
    except TimeoutError:
        pass
    finally:
        for descriptor in descriptors:
            loop.remove_reader(descriptor)
