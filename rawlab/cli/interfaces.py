"""`rawlab interfaces`: the interfaces that can be captured on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rawlab.cli.table import print_table

if TYPE_CHECKING:
    from rawlab.capture.interfaces import InterfaceDetails

HEADINGS = ("name", "state", "kind", "mac", "mtu", "addresses")


@click.command()
def command() -> None:
    """List the interfaces that packets can be captured on.

    Where standard output is no terminal: a line for each, its cells separated by tabs.
    """
    show_interfaces()


def show_interfaces() -> None:
    """Prints the interfaces of this network namespace, and `any`, as a table."""
    from rawlab.capture.interfaces import interfaces

    rows = [_row(interface) for interface in interfaces()]
    if sys.platform == "linux":
        rows.append(("any", "", "all interfaces", "", "", ""))
    print_table(HEADINGS, rows)


def _row(interface: InterfaceDetails) -> tuple[str, ...]:
    state = "running" if interface.running else "up" if interface.up else "down"
    kind = "loopback" if interface.loopback else interface.kind
    mtu = str(interface.mtu or "")
    addresses = " ".join(map(str, interface.addresses))
    return interface.name, state, kind, interface.mac or "", mtu, addresses
