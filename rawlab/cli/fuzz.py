"""`rawlab fuzz`: packets that try a receiver, which is watched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.failure import Failure

if TYPE_CHECKING:
    from rawlab.campaign.targets import Target
    from rawlab.schema.declaration import Header


@click.command()
@click.option("--to", "to", metavar="TARGET",
              help="Deliver to udp://HOST:PORT, tcp://HOST:PORT (a connection each), or "
              "exec:COMMAND (on its standard input, started for each).")
@click.option("-i", "--interface", metavar="INTERFACE", help="Send frames on this interface.")
@click.option("-w", "write", metavar="FILE", help="Write the packets to this pcapng file instead.")
@click.option("-s", "--seed", type=int, default=1, show_default=True, metavar="SEED",
              help="The same seed makes the same packets, everywhere.")
@click.option("-c", "--count", type=click.IntRange(min=1), default=1000, show_default=True,
              metavar="COUNT", help="How many packets.")
@click.option("--first", type=click.IntRange(min=1), default=1, metavar="NUMBER",
              help="Begin with the packet of this number.")
@click.option("--number", type=click.IntRange(min=1), metavar="NUMBER",
              help="Just the packet of this number.")
@click.option("--from", "from_file", metavar="FILE",
              help="Change the packets of this capture file that hold PROTOCOL.")
@click.option("--monitor", metavar="MONITOR",
              help="Ask whether the receiver is alive: tcp://HOST:PORT, udp://HOST:PORT (any "
              "answer), pid:NUMBER, ping:HOST, or command:COMMAND (by its exit status).")
@click.option("--every", type=click.IntRange(min=1), default=10, show_default=True,
              metavar="PACKETS", help="Ask it after so many packets.")
@click.option("--timeout-s", type=click.FloatRange(min=0, min_open=True), default=5.0,
              show_default=True, metavar="SECONDS", help="How long a command of exec: may take.")
@click.option("--keep-going", is_flag=True, help="Go on after a failure.")
@click.option("--save", metavar="FILE", default="fuzz-findings.pcapng", show_default=True,
              help="Where packets after which the receiver failed are saved.")
@click.option("--i-own-this-network", "owned", is_flag=True,
              help="Send to targets beyond loopback and namespaces of one's own.")
@click.option("--protocol", "protocol_files", multiple=True, metavar="FILE",
              type=click.Path(dir_okay=False),
              help="Declare the protocols of this Python file too.")
@click.argument("name", metavar="PROTOCOL")
def command(name: str, **given: Any) -> int:
    """Try a receiver with packets of PROTOCOL that are at and beyond its bounds.

    \b
        rawlab fuzz dns --to udp://127.0.0.1:53 --monitor udp://127.0.0.1:53
        rawlab fuzz myproto --protocol myproto.py --to "exec:./parser -"

    Values at and around bounds, lengths and checksums that lie, items dropped and repeated, octets
    cut and flipped. Stops at the first failure and says how to repeat it. The exit status is 1 if
    there was one.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads would keep their privileges
    from rawlab.cli.fuzzing import Job, run, write_cases
    from rawlab.cli.registry import make_registry

    target, monitored = _targets(given)
    registry = make_registry(given["protocol_files"], ())
    header = _header(name, registry)
    first = given["number"] or given["first"]
    count = 1 if given["number"] else given["count"]
    try:
        job = Job(header, registry, given["seed"], first, count, given["from_file"],
                  frames=target is not None and target.kind == "interface")
        if target is None:
            return write_cases(job, given["write"])
        _guard([target, *monitored], given["owned"])
        return run(job, target, given)
    except ValueError as error:
        raise Failure(str(error)) from None


def _targets(given: dict[str, Any]) -> tuple[Target | None, list[Target]]:
    """What packets go to, and whom a monitor asks. Raises click.UsageError."""
    from rawlab.campaign.monitors import make_monitor
    from rawlab.campaign.targets import Target, read_target

    if sum(bool(given[key]) for key in ("to", "interface", "write")) != 1:
        raise click.UsageError("say where to: one of --to TARGET, -i INTERFACE and -w FILE")
    try:
        asked = [make_monitor(given["monitor"])[0]] if given["monitor"] else []
    except ValueError as error:
        raise click.UsageError(f"--monitor: {error}") from None
    if given["interface"]:
        return Target("interface", words=given["interface"]), asked
    if given["write"]:
        return None, asked
    try:
        return read_target(given["to"], ("udp", "tcp", "exec")), asked
    except ValueError as error:
        raise click.UsageError(f"--to: {error}") from None


def _guard(targets: list[Target], owned: bool) -> None:
    """Raises Failure for a target that is not to be fuzzed."""
    from rawlab.campaign.facts import facts_of
    from rawlab.fuzz.guard import refusal

    for target in targets:
        refused = None if owned else refusal(facts_of(target))
        if refused is not None:
            raise Failure(refused)


def _header(name: str, registry: Any) -> type[Header]:
    """The header of a name; a class name picks one of several. Raises click.UsageError."""
    for header in registry:
        if header.__name__ == name:
            found: type[Header] = header
            return found
    try:
        several: tuple[type[Header], ...] = registry[name if name in registry else name.lower()]
    except KeyError as error:
        raise click.UsageError(f"{error.args[0]} (rawlab protocols lists them)") from None
    return several[0]
