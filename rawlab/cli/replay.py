"""`rawlab replay`: the packets of a capture file out again, at their own pace or another."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.display import display_filter, display_option
from rawlab.cli.failure import Failure
from rawlab.cli.filters import wrong_filter
from rawlab.cli.letters import protocol_options
from rawlab.cli.numbers import rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from rawlab.inject.schedule import Pace
    from rawlab.inject.selecting import Selecting
    from rawlab.transform.rewriting import Rewrite

_ONLY_PACED = (
    "interface", "server_interface", "clients", "speed", "rate_pps", "rate_bps", "topspeed",
    "late", "max_gap_s", "loop", "realtime", "networks", "ports", "src_mac",
    "dst_mac", "fix_checksums",
)  # fmt: skip
"""What has no meaning for --stateful."""


@click.command()
@click.option("-r", "file", metavar="FILE", help="The capture file; - is standard input.")
@click.option("-i", "--interface", metavar="INTERFACE", help="Send on this interface.")
@click.option("--server-interface", metavar="INTERFACE",
              help="Send what servers sent on this interface, and only what clients sent on -i.")
@click.option("--client", "clients", metavar="ADDRESS", multiple=True,
              help="Who is a client, for --server-interface: an address, a network such as"
              " 10.0.0.0/8, or a MAC address. Otherwise the packets tell.")
@click.option("--speed", type=float, metavar="TIMES", help="So many times faster than recorded.")
@click.option("--rate-pps", type=rate, metavar="RATE", help="Packets a second: 1000, 10k, 1.5m.")
@click.option("--rate-bps", type=rate, metavar="RATE",
              help="Bits a second of the packets themselves: 64k, 10m, 1g.")
@click.option("--topspeed", is_flag=True, help="As fast as the interface takes them.")
@click.option("--late", type=click.Choice(["catch-up", "skip", "shift"]),
              help="After a stall: what is late leaves at once (the default), is left out, or the"
              " rest moves with it.")
@click.option("--max-gap-s", type=float, metavar="SECONDS", help="Shorten longer gaps to this.")
@click.option("--realtime", is_flag=True,
              help="Run before all ordinary processes, so that the pace is kept on a busy machine.")
@click.option("--loop", type=click.IntRange(min=0), metavar="TIMES",
              help="Send all of them so many times; 0 is until Ctrl-C.")
@display_option
@click.option("--map-ip", "networks", metavar="OLD=NEW", multiple=True,
              help="Rewrite addresses: 10.0.0.0/8=192.0.0.0/8, 10.0.0.1=10.9.9.9.")
@click.option("--map-port", "ports", metavar="OLD=NEW", multiple=True,
              help="Rewrite ports: 80=8080, 8000-8010=9000.")
@click.option("--src-mac", metavar="MAC", help="Rewrite the source MAC address of frames.")
@click.option("--dst-mac", metavar="MAC", help="Rewrite the destination MAC address of frames.")
@click.option("--fix-checksums", is_flag=True,
              help="Compute checksums anew. Otherwise those that were wrong stay wrong by as much.")
@click.option("--stateful", is_flag=True,
              help="Play the client of a recorded TCP conversation against a server (--to).")
@click.option("--to", "server", metavar="HOST[:PORT]", help="The server, for --stateful.")
@click.option("--timeout-s", type=float, metavar="SECONDS",
              help="How long --stateful waits for what the server sent in the recording.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@click.option("-Z", "user", metavar="USER",
              help="Become this user once the sockets are open (default: who called sudo).")
@protocol_options
@click.argument("words", nargs=-1, metavar="[FILE] [FILTER]...")
def command(file: str | None, words: tuple[str, ...], **given: Any) -> int:
    """Send the packets of a capture file again, each at its recorded time.

    \b
        rawlab replay capture.pcapng -i eth0 --speed 2
        rawlab replay capture.pcapng -i eth0 --map-ip 10.0.0.0/8=192.0.0.0/8 udp port 53
        rawlab replay capture.pcapng --stateful --to 10.0.0.2:8080

    FILTER is a capture filter; a display filter is given by -Y. At the end it is told how far off
    the schedule the packets left.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads would keep their privileges
    if file is None:
        if not words:
            raise click.UsageError("which file? say: rawlab replay FILE -i INTERFACE")
        file, words = words[0], words[1:]
    if given["stateful"]:
        return _stateful(file, " ".join(words), given)
    for option in ("server", "timeout_s"):
        if given[option] is not None:
            name = {"server": "--to", "timeout_s": "--timeout-s"}[option]
            raise click.UsageError(f"{name} is about --stateful, which is missing")
    return _paced(file, " ".join(words), given)


def _paced(file: str, capture_filter: str, given: dict[str, Any]) -> int:
    from rawlab.cli.replaying import run
    from rawlab.inject.replay import opened
    from rawlab.inject.selecting import sides_of

    if given["interface"] is None:
        raise click.UsageError("which interface? say -i INTERFACE (rawlab interfaces lists them)")
    interfaces = [given["interface"]]
    sides = None
    if given["server_interface"] is not None:
        interfaces.append(given["server_interface"])
        sides = _parsed("--client", sides_of, given["clients"])
    elif given["clients"]:
        raise click.UsageError("--client is about --server-interface, which is missing")
    pace = _pace(given)
    selecting = _selecting(file, capture_filter, given, _rewrite(given))
    with opened(
        selecting.batches, interfaces, pace, sides, realtime=given["realtime"]
    ) as playing:
        _drop_privileges(given["user"])
        with wrong_filter(capture_filter):
            status = run(playing, given["quiet"])
    if selecting.cut is not None:
        raise Failure(f"{file}: {selecting.cut}")
    return status


def _selecting(
    file: str, capture_filter: str, given: dict[str, Any], rewrite: Rewrite | None = None
) -> Selecting:
    """Opens the file, and makes the filters ready."""
    from rawlab.cli.registry import make_registry
    from rawlab.inject.selecting import Selecting

    registry = make_registry(given["protocol_files"], given["decode_as"])
    shown = display_filter(given["display"], registry)
    loop = 1 if given["loop"] is None else given["loop"]
    if loop != 1 and file == "-":
        raise click.UsageError("--loop needs a file: standard input can be read only once")
    with wrong_filter(capture_filter):
        return Selecting(file, loop, capture_filter or None, shown, rewrite, registry=registry)


def _pace(given: dict[str, Any]) -> Pace:
    from rawlab.inject.schedule import Pace

    speed = 1.0 if given["speed"] is None else given["speed"]
    try:
        return Pace(speed, given["rate_pps"], given["rate_bps"], given["topspeed"],
                    given["max_gap_s"], given["late"] or "catch-up")
    except ValueError as error:
        text = re.sub(r"\b(speed|topspeed|rate_pps|rate_bps|max_gap_s)\b",
                      lambda found: "--" + found[0].replace("_", "-"), str(error))
        raise click.UsageError(text) from None


def _rewrite(given: dict[str, Any]) -> Rewrite | None:
    names = ("networks", "ports", "src_mac", "dst_mac", "fix_checksums")
    if not any(map(given.get, names)):
        return None
    from rawlab.transform.rewriting import Rewrite, parse_mac, parse_networks, parse_ports

    return Rewrite(
        tuple(_parsed("--map-ip", parse_networks, text) for text in given["networks"]),
        tuple(_parsed("--map-port", parse_ports, text) for text in given["ports"]),
        None if given["src_mac"] is None else _parsed("--src-mac", parse_mac, given["src_mac"]),
        None if given["dst_mac"] is None else _parsed("--dst-mac", parse_mac, given["dst_mac"]),
        given["fix_checksums"],
    )


def _parsed(option: str, parse: Callable[[Any], Any], text: Any) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None


def _drop_privileges(user: str | None) -> None:
    """Gives all privileges up, before the first packet is read."""
    from rawlab.capture.privileges import PrivilegesKept, drop_privileges

    try:
        drop_privileges(user, landlock=False)  # a file that is read again is opened again
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except PrivilegesKept as error:
        raise Failure(str(error)) from None


def _stateful(file: str, capture_filter: str, given: dict[str, Any]) -> int:
    if given["server"] is None:
        raise click.UsageError("--stateful plays against a server: say --to HOST or HOST:PORT")
    for name in _ONLY_PACED:
        if given[name] not in (None, False, ()):
            option = {"networks": "--map-ip", "ports": "--map-port", "clients": "--client"}.get(
                name, "--" + name.replace("_", "-"))
            raise click.UsageError(f"{option} has no meaning with --stateful")
    from rawlab.cli.stateful import run

    selecting = _selecting(file, capture_filter, given)
    return run(file, selecting, given)
