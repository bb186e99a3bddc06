"""`rawlab replay --stateful`: the client of a recorded conversation against a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.failure import Failure
from rawlab.cli.status import say
from rawlab.cli.stopping import STOP_SIGNALS, on_signals
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.inject.selecting import Selecting
    from rawlab.inject.stateful import StatefulReplayed


def run(file: str, selecting: Selecting, given: dict[str, Any]) -> int:
    """Plays the conversation; the exit status is 1 if it could not be played to its end."""
    from rawlab.inject.recorded_client import recording_of
    from rawlab.inject.stateful import StatefulReplay, parse_server

    try:
        server = parse_server(given["server"])
    except ValueError as error:
        raise click.UsageError(f"--to: {error}") from None
    timeout_s = 5.0 if given["timeout_s"] is None else given["timeout_s"]
    if not 0 < timeout_s < 1e6:
        raise click.UsageError(f"--timeout-s: {timeout_s:g} is no time to wait")
    try:
        recording = recording_of(p for batch in selecting.once() for p in batch.keep())
        playing = StatefulReplay(recording, server, timeout_s=timeout_s)
    except ValueError as error:
        raise Failure(f"{file}: {error}") from None
    with playing, on_signals(playing.stop, *STOP_SIGNALS):
        result = playing.run()
    if not given["quiet"] or not result.complete:
        say(report(result))
    return 0 if result.complete else 1


def report(result: StatefulReplayed) -> str:
    """What was sent and received, and where it diverged."""
    host, port = result.server
    lines = (
        f"{result.sent_octets} of {result.recorded_octets} octets sent to {host} port {port}, "
        f"{len(result.received)} received, in {result.seconds:.3f} s\n"
    )
    if result.retransmissions:
        lines += f"{result.retransmissions} retransmitted\n"
    for divergence in result.divergences:
        lines += f"diverged: {escape(str(divergence))}\n"
    if not result.divergences:
        lines += "the server sent what was recorded\n"
    return lines
