"""Options of commands that ask one host: IPv4 or IPv6, how long to wait."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from rawlab.inject.route import Address


def address_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds HOST, `-4` and `-6`; they come as `host`, `four` and `six`."""
    for option in (
        click.option("-6", "six", is_flag=True, help="Use an IPv6 address of HOST."),
        click.option("-4", "four", is_flag=True, help="Use an IPv4 address of HOST."),
        click.argument("host"),
    ):
        command = option(command)
    return command


def wait_option(default_s: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `-W`; its value comes as `timeout_s`."""
    return click.option("-W", "timeout_s", metavar="SECONDS", default=default_s, show_default=True,
                        type=click.FloatRange(min=0, min_open=True, max=3600),
                        help="How long to wait for a reply.")


def address_of(host: str, four: bool, six: bool) -> Address:
    """The address that a command line names. Raises click.UsageError, UnknownHost."""
    from rawlab.asking.probes import resolve

    if four and six:
        raise click.UsageError("-4 and -6 exclude each other")
    version: Literal[4, 6] | None = 4 if four else 6 if six else None
    return resolve(host, version)


def interface_of(address: Address, named: str | None) -> str | None:
    """The interface that was named, be it in the address: fe80::1%eth0."""
    scope: str | None = getattr(address, "scope_id", None)
    return named or scope


def give_up_privileges(prepare: Callable[[], None], *, files: bool = False) -> None:
    """Gives all privileges up once sockets are open; with `files`, files can still be read."""
    from rawlab.capture.privileges import drop_privileges

    prepare()
    drop_privileges(landlock=not files)


def quiet_start() -> None:
    """Before numpy is imported: the threads that its library starts would keep privileges."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def milliseconds(time_ns: float) -> str:
    """A time as ping prints it: three figures or more."""
    return f"{time_ns / 1e6:.3f}"
