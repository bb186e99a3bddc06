"""`rawlab traceroute`: the routers on the way to a host."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.addressing import (
    address_of,
    address_options,
    give_up_privileges,
    interface_of,
    milliseconds,
    quiet_start,
    wait_option,
)
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.asking.trace import Hop
    from rawlab.inject.route import Address

_MARKS = {4: {0: " !N", 1: " !H", 2: " !P", 4: " !F", 9: " !X", 10: " !X", 13: " !X"},
          6: {0: " !N", 1: " !X", 3: " !H"}}
"""traceroute's marks of the codes of "destination unreachable"; an unreachable port has none."""


@click.command()
@address_options
@click.option("-M", "method", type=click.Choice(["udp", "icmp", "tcp"]), default="udp",
              show_default=True, help="What the probes are.")
@click.option("-f", "first_hop", metavar="HOP", default=1, show_default=True,
              type=click.IntRange(1, 255), help="Begin at this hop.")
@click.option("-m", "most_hops", metavar="HOPS", default=30, show_default=True,
              type=click.IntRange(1, 255), help="Go no further than so many hops.")
@click.option("-q", "probes", metavar="COUNT", default=3, show_default=True,
              type=click.IntRange(1, 10), help="Probes for each hop.")
@click.option("-p", "port", metavar="PORT", type=click.IntRange(1, 65_535),
              help="The port of probes: udp 33434 and on, tcp 80.")
@click.option("-I", "interface", metavar="INTERFACE", help="Send by this interface.")
@click.option("-N", "names", is_flag=True, help="Look up the names of routers.")
@click.option("-n", is_flag=True, expose_value=False,
              help="Accepted for habit: names are looked up only with -N.")
@wait_option(2.0)
def command(host: str, four: bool, six: bool, names: bool, **given: Any) -> int:
    """Print the routers on the way to HOST, and how long each takes to answer.

    Several hops are probed at once. The exit status is 1 when HOST was not reached.
    """
    quiet_start()
    from rawlab.asking.trace import Trace, TraceOptions

    address = address_of(host, four, six)
    options = TraceOptions(**given | {"interface": interface_of(address, given["interface"])})
    if options.first_hop > options.most_hops:
        raise click.UsageError(f"-f {options.first_hop} is beyond -m {options.most_hops}")
    tracing = Trace(address, options)
    give_up_privileges(tracing.prepare, files=names)
    click.echo(f"traceroute to {escape(host)} ({address}), {options.most_hops} hops at most,"
               f" by {options.method}")
    reached = False
    for hop in tracing.hops():
        click.echo(_line(hop, names))
        reached = reached or _reached(hop, address)
    return 0 if reached else 1


def _reached(hop: Hop, address: Address) -> bool:
    from rawlab.asking.probes import sender_of

    return hop.last and any(reply is not None and sender_of(reply).packed == address.packed
                            for reply in hop.replies)


def _line(hop: Hop, names: bool) -> str:
    """A hop as traceroute prints it: an address is named again only where it changes."""
    from rawlab.asking.probes import error_in, sender_of

    words = [f"{hop.number:2d} "]
    before: Address | None = None
    for reply in hop.replies:
        if reply is None:
            words.append("*")
            continue
        sender = sender_of(reply)
        if sender != before:
            words.append(_named(sender) if names else str(sender))
            before = sender
        error = error_in(reply)
        refused = error is not None and error[0] == "destination unreachable"
        mark = _MARKS[sender.version].get(error[1], "") if refused and error else ""
        words.append(f"{milliseconds(reply.rtt_ns)} ms{mark}")
    return " ".join(words[:1]) + " " + "  ".join(words[1:])


def _named(address: Address) -> str:
    try:
        name = socket.getnameinfo((str(address), 0), socket.NI_NAMEREQD)[0]
    except OSError:
        return str(address)
    return f"{escape(name)} ({address})"
