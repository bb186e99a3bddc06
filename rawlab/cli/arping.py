"""`rawlab arping`: who has an address on the link, by ARP or neighbour discovery."""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING

import click

from rawlab.cli.addressing import (
    address_of,
    address_options,
    give_up_privileges,
    milliseconds,
    quiet_start,
    wait_option,
)
from rawlab.cli.stopping import STOP_SIGNALS, Stop, Stopped, on_signals

if TYPE_CHECKING:
    from rawlab.inject.route import Address


@click.command()
@address_options
@click.option("-i", "-I", "interface", metavar="INTERFACE", required=True,
              help="The interface whose link is asked.")
@click.option("-c", "count", metavar="COUNT", default=3, show_default=True,
              type=click.IntRange(min=1), help="How often to ask.")
@wait_option(1.0)
def command(
    host: str, four: bool, six: bool, interface: str, count: int, timeout_s: float
) -> int:
    """Ask the link who has HOST's address, by ARP (IPv4) or neighbour discovery (IPv6).

    The exit status is 1 when nobody answered.
    """
    quiet_start()
    from rawlab.asking.neighbours import mac_in, neighbour_request
    from rawlab.asking.pending import Terms
    from rawlab.asking.session import Session
    from rawlab.asking.wire import Wire, as_packets
    from rawlab.inject.route import own_mac

    address = address_of(host, four, six)
    request = as_packets(
        [neighbour_request(address, _source(address, interface), own_mac(interface))], None)
    answered = asked = 0
    stop = Stop()
    with on_signals(stop.request, *STOP_SIGNALS), Session(request, Wire(interface)) as session:
        give_up_privileges(session.prepare)
        try:
            while asked < count:
                asked += 1
                next_s = time.monotonic() + timeout_s
                with stop.waiting():
                    replies = session.ask(request, Terms(timeout_s=timeout_s)).replies
                if not replies:
                    click.echo(f"{address}: no answer")
                    continue
                answered += 1
                click.echo(f"{address} is at {mac_in(replies[0])}"
                           f" time={milliseconds(replies[0].rtt_ns)} ms")
                with stop.waiting():
                    if asked < count:
                        time.sleep(max(0.0, next_s - time.monotonic()))
        except Stopped:
            pass
    click.echo(f"{asked} asked, {answered} answered")
    return 0 if answered else 1


def _source(address: Address, interface: str) -> Address:
    """The interface's address toward another; an unspecified one where it has none."""
    from rawlab.inject.route import NoRoute, route_to

    try:
        return route_to(address, interface).source
    except NoRoute:
        return ipaddress.ip_address("0.0.0.0" if address.version == 4 else "::")
