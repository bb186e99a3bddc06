"""`rawlab send`: packets out, from a file, from hex or from an expression."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.failure import Failure
from rawlab.cli.numbers import rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rawlab.batch import Batch
    from rawlab.inject.batching import Packets
    from rawlab.inject.sender import Level, Sender
    from rawlab.schema.declaration import Header
    from rawlab.schema.draft import Draft


@click.command()
@click.option("-i", "--interface", metavar="INTERFACE",
              help="Send on this interface. Frames need one; IP packets find their way without.")
@click.option("-r", "file", metavar="FILE",
              help="Send the packets of this capture file (pcapng or pcap; - is standard input).")
@click.option("--hex", "hexadecimal", metavar="OCTETS", multiple=True,
              help="Send these octets, in hexadecimal: a frame with -i, else an IP packet.")
@click.option("-c", "--count", type=click.IntRange(min=1), metavar="COUNT",
              help="Send so many packets in all, from the start again when they end.")
@click.option("--loop", type=click.IntRange(min=0), metavar="TIMES",
              help="Send all of them so many times; 0 is until Ctrl-C.")
@click.option("--rate-pps", type=rate, metavar="RATE",
              help="Packets a second: 1000, 10k, 1.5m.")
@click.option("--rate-bps", type=rate, metavar="RATE",
              help="Bits a second of the packets themselves: 64k, 10m, 1g.")
@click.option("--level", type=click.Choice(["link", "ip"]),
              help="Send frames or IP packets, whatever the first packet begins with.")
@click.option("--fill", is_flag=True,
              help="Take addresses that a packet leaves out from the system: its own by route, the "
              "next hop's MAC from the neighbour table or by asking.")
@click.option("--bypass", is_flag=True,
              help="Go around the queueing discipline: faster, and whoever captures on the same "
              "interface does not see the packets leave.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@click.option("-Z", "user", metavar="USER",
              help="Become this user once the sockets are open (default: who called sudo).")
@click.option("--protocol", "protocol_files", multiple=True, metavar="FILE",
              type=click.Path(dir_okay=False),
              help="Declare the protocols of this Python file too.")
@click.argument("expressions", nargs=-1, metavar="[PACKET]...")
def command(**given: Any) -> int:
    """Send packets, given as Python expressions, as hexadecimal, or in a capture file.

    \b
        rawlab send "IPv4(src='10.0.0.1', dst='10.0.0.2') / UDP(dstport=9) / b'x'"
        rawlab send -i eth0 "Ethernet() / ARP(...)" --count 5 --rate-pps 1
        rawlab send -i eth0 -r capture.pcapng --loop 10

    What begins with Ethernet leaves as a frame on the interface; IPv4 and IPv6 leave by route.
    The exit status is 1 if the kernel refused any.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads would keep their privileges
    from rawlab.cli.sending import run
    from rawlab.inject.rate import Limits
    from rawlab.inject.repeating import repeated
    from rawlab.inject.sending import leveled

    _check(given)
    packets = _packets(given)
    level: Level | None = given["level"]
    batches: Iterator[Batch] = repeated(packets, given["count"], given["loop"])
    level, batches = leveled(batches, level)
    limits = Limits(given["rate_pps"], given["rate_bps"])
    with _open(given["interface"], level, given["bypass"]) as sender:
        _drop_privileges(given["user"], reading=given["file"] is not None)
        return run(sender, limits, batches, given["quiet"])


def _check(given: dict[str, Any]) -> None:
    """Raises click.UsageError unless there is just one source of packets."""
    named = [bool(given["file"]), bool(given["hexadecimal"]), bool(given["expressions"])]
    if sum(named) != 1:
        problem = "which packets?" if not any(named) else "packets come from one place:"
        raise click.UsageError(f"{problem} say -r FILE, --hex OCTETS, or a packet such as "
                               "\"IPv4(dst='127.0.0.1') / UDP(dstport=9) / b'x'\"")
    if given["fill"] and not given["expressions"]:
        raise click.UsageError("--fill is about packets given as expressions: others are whole")


def _packets(given: dict[str, Any]) -> Packets:
    """What is to be sent, checked as far as it can be before anything is opened."""
    from rawlab.cli.registry import make_registry

    if given["file"] is not None:
        from rawlab.files import read

        return read(given["file"])
    from rawlab.packet import Packet

    linktype = 101 if _by_route(given) else 1
    if given["hexadecimal"]:
        return [Packet(_octets(text), linktype=linktype) for text in given["hexadecimal"]]
    from rawlab.cli.expression import packets_of

    registry = make_registry(given["protocol_files"], ())
    made = [one for text in given["expressions"] for one in packets_of(text, registry)]
    if given["fill"]:
        made = [one if isinstance(one, bytes) else _filled(one, given["interface"]) for one in made]
    return [Packet(one, linktype=linktype) if isinstance(one, bytes) else one for one in made]


def _filled(draft: Draft | Header, interface: str | None) -> Draft:
    """A draft with the addresses that the system knows."""
    from rawlab.asking.defaults import with_defaults

    try:
        return with_defaults(draft, interface=interface)
    except ValueError as error:
        raise click.UsageError(f"--fill: {error}") from None


def _by_route(given: dict[str, Any]) -> bool:
    """Whether octets without a name are an IP packet."""
    return given["level"] == "ip" or given["level"] is None and given["interface"] is None


def _octets(text: str) -> bytes:
    """Octets of hexadecimal digits, with blanks or colons between them if somebody likes."""
    try:
        octets = bytes.fromhex(text.replace(":", " "))
    except ValueError:
        problem = f"--hex: {text[:40]!r} is not hexadecimal, such as 4500001c"
        raise click.UsageError(problem) from None
    if not octets:
        raise click.UsageError("--hex: there are no octets to send")
    return octets


def _open(interface: str | None, level: Level, bypass: bool) -> Sender:
    from rawlab.inject.sender import open_sender

    if level == "link" and interface is None:
        raise click.UsageError("what does not begin with IPv4 or IPv6 is a frame, and needs an "
                               "interface: say -i INTERFACE")
    sender = open_sender(interface, level=level, bypass=bypass)
    sender.prepare()
    return sender


def _drop_privileges(user: str | None, *, reading: bool) -> None:
    """Gives all privileges up; a file that is read again has to be opened again."""
    from rawlab.capture.privileges import PrivilegesKept, drop_privileges

    try:
        drop_privileges(user, landlock=not reading)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except PrivilegesKept as error:
        raise Failure(str(error)) from None
