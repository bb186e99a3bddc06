"""`rawlab ping`: echo requests to a host, and how long each reply takes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

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
from rawlab.cli.stopping import STOP_SIGNALS, Stop, Stopped, on_signals
from rawlab.text.escape import escape

if TYPE_CHECKING:
    from rawlab.asking import Reply
    from rawlab.inject.route import Address
    from rawlab.packet import Packet


@click.command()
@address_options
@click.option("-c", "count", metavar="COUNT", type=click.IntRange(min=1),
              help="Stop after COUNT requests; without it, when interrupted.")
@click.option("-i", "interval_s", metavar="SECONDS", default=1.0, show_default=True,
              type=click.FloatRange(min=0, max=3600), help="From one request to the next.")
@click.option("-s", "size", metavar="OCTETS", default=56, show_default=True,
              type=click.IntRange(0, 65_000), help="Octets of data in each request.")
@click.option("-t", "ttl", metavar="HOPS", default=64, show_default=True,
              type=click.IntRange(1, 255), help="How many routers a request may pass.")
@click.option("-I", "interface", metavar="INTERFACE", help="Send by this interface.")
@wait_option(1.0)
def command(
    host: str, four: bool, six: bool, count: int | None, interval_s: float, size: int, ttl: int,
    interface: str | None, timeout_s: float,
) -> int:
    """Send echo requests to HOST, and print how long each reply takes.

    The exit status is 1 when nothing answered.
    """
    quiet_start()
    from rawlab.asking.exchange import only_reply
    from rawlab.asking.pending import Terms
    from rawlab.asking.probes import echo, network
    from rawlab.asking.session import Session
    from rawlab.asking.wire import Wire, as_packets
    from rawlab.inject.route import route_to

    address = address_of(host, four, six)
    interface = interface_of(address, interface)
    ip = network(route_to(address, interface).source, address, ttl)
    ident = os.getpid() & 0xFFFF
    terms = Terms(timeout_s=timeout_s)

    def request(number: int) -> list[Packet]:
        return as_packets([ip / echo(address.version, ident, number) / bytes(size)], None)

    stop, times, sent = Stop(), [], 0
    with on_signals(stop.request, *STOP_SIGNALS), Session(request(0), Wire(interface)) as session:
        give_up_privileges(session.prepare)
        click.echo(f"PING {escape(host)} ({address}): {size} octets of data")
        began = time.monotonic()
        try:
            while count is None or sent < count:
                next_s = time.monotonic() + interval_s
                sent += 1
                with stop.waiting():
                    reply = only_reply(session.ask(request(sent), terms))
                click.echo(_told(reply, sent))
                times += [reply.rtt_ns] if reply is not None and _is_echo(reply) else []
                with stop.waiting():
                    if sent != count:
                        time.sleep(max(0.0, next_s - time.monotonic()))
        except Stopped:
            pass
    _tell_statistics(address, sent, times, time.monotonic() - began)
    return 0 if times else 1


def _is_echo(reply: Reply) -> bool:
    from rawlab.asking.probes import error_in

    return error_in(reply) is None


def _told(reply: Reply | None, number: int) -> str:
    """One line on what became of request `number`."""
    from rawlab.asking.probes import error_in, sender_of

    if reply is None:
        return f"no answer: seq={number}"
    error = error_in(reply)
    if error is not None:
        return f"from {sender_of(reply)}: seq={number} {error[0]} (code {error[1]})"
    ip = reply.get("ip") or reply["ipv6"]
    hops = ip.ttl if ip.version == 4 else ip.hlim
    octets = (ip.len - ip.hdr_len) if ip.version == 4 else ip.plen
    return (f"{octets} octets from {ip.src}: seq={number} ttl={hops}"
            f" time={milliseconds(reply.rtt_ns)} ms")


def _tell_statistics(address: Address, sent: int, times: list[int], took_s: float) -> None:
    lost = 100 * (sent - len(times)) / sent if sent else 0
    click.echo(f"\n--- {address} ping statistics ---")
    click.echo(f"{sent} packets transmitted, {len(times)} received, {lost:g}% packet loss,"
               f" time {took_s * 1000:.0f} ms")
    if times:
        mean = sum(times) / len(times)
        deviation = (sum((one - mean) ** 2 for one in times) / len(times)) ** 0.5
        figures = "/".join(map(milliseconds, (min(times), mean, max(times), deviation)))
        click.echo(f"rtt min/avg/max/mdev = {figures} ms")
