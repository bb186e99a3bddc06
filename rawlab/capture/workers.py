"""Several sniffers that share the packets of the same interfaces, each for a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rawlab.capture.counts import Counts
from rawlab.capture.fanout import Fanout
from rawlab.capture.settings import RingSettings
from rawlab.capture.sniffer import Sniffer

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry


class Workers:
    """`number` sniffers with a ring each; every packet goes to one of them.

    Both directions of a flow go to the same sniffer, unless that has no room left. Packets of one
    sniffer are in the order of their arrival; those of different ones stand in no order but that
    of their times. Nothing is given to some sniffers while others are still being opened.
    """

    def __init__(
        self,
        interface: str | Sequence[str] | None = None,
        number: int = 2,
        *,
        timeout_s: float | None = None,
        settings: RingSettings | None = None,
        registry: Registry | None = None,
    ) -> None:
        """Open the interfaces `number` times. Raises as `Sniffer` does."""
        if number < 1:
            raise ValueError(f"the number of workers must be 1 or more, not {number}")
        fanout = Fanout()
        opened: list[Sniffer] = []
        try:
            for _ in range(number):
                opened.append(
                    Sniffer(interface, timeout_s=timeout_s, settings=settings, registry=registry,
                            fanout=fanout)
                )
            for sniffer in opened:
                sniffer.begin()
        except BaseException:
            for sniffer in opened:
                sniffer.close()
            raise
        self.sniffers = tuple(opened)
        self.settings = opened[0].settings
        self.interfaces = opened[0].interfaces

    def __iter__(self) -> Iterator[Sniffer]:
        return iter(self.sniffers)

    def __len__(self) -> int:
        return len(self.sniffers)

    def run(self, work: Callable[[Sniffer], object]) -> None:
        """Call `work` with every sniffer, each in a thread; returns when all have returned.

        What one of them raises stops the others, and is raised here as it is.
        """
        errors: list[BaseException] = []

        def attempt(sniffer: Sniffer) -> None:
            try:
                work(sniffer)
            except BaseException as error:  # noqa: BLE001 (raised again below)
                errors.append(error)
                self.stop()

        threads = [
            threading.Thread(target=attempt, args=[sniffer], name=f"rawlab worker {number}",
                             daemon=True)
            for number, sniffer in enumerate(self.sniffers, 1)
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:  # such as Ctrl-C, which comes to the thread that waits
            self.stop()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
            raise
        if errors:
            raise errors[0]

    def stop(self) -> None:
        """End all iteration at once. From any thread or signal handler."""
        for sniffer in self.sniffers:
            sniffer.stop()

    def finish(self) -> None:
        """End all iteration after what has arrived until now. From any thread."""
        for sniffer in self.sniffers:
            sniffer.finish()

    def close(self) -> None:
        """Stop, and free sockets and rings. Counts stay."""
        for sniffer in self.sniffers:
            sniffer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def counts(self) -> Counts:
        """What became of the packets of all sniffers together; each has its own `counts`."""
        return sum((sniffer.counts for sniffer in self.sniffers), Counts())

    @property
    def interface_counts(self) -> dict[str, Counts]:
        """The same for each interface."""
        summed: dict[str, Counts] = {}
        for sniffer in self.sniffers:
            for name, counts in sniffer.interface_counts.items():
                summed[name] = summed.get(name, Counts()) + counts
        return summed
