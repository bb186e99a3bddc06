"""The subcommands, loaded when they are called, and what becomes of their failures."""

from __future__ import annotations

import importlib
import os
import sys

import click

from rawlab.cli.failure import Failure, describe
from rawlab.cli.main import version_line
from rawlab.cli.output import OutputClosed
from rawlab.text.escape import escape

SUBCOMMANDS = {
    "sniff": "rawlab.cli.sniff",
    "read": "rawlab.cli.read",
    "convert": "rawlab.cli.convert",
    "send": "rawlab.cli.send",
    "replay": "rawlab.cli.replay",
    "fuzz": "rawlab.cli.fuzz",
    "ping": "rawlab.cli.ping",
    "traceroute": "rawlab.cli.traceroute",
    "arping": "rawlab.cli.arping",
    "protocols": "rawlab.cli.protocols",
    "export": "rawlab.cli.export",
    "interfaces": "rawlab.cli.interfaces",
    "demo": "rawlab.cli.demo",
    "doctor": "rawlab.cli.doctor",
}
"""Each subcommand's name and its module, which holds it as `command`."""
_ELSEWHERE = {
    ("rawlab sniff", "-r"): "a file is read by rawlab read -r FILE",
    ("rawlab read", "-i"): "an interface is listened to by rawlab sniff -i INTERFACE",
    ("rawlab read", "-w"): "files are written by rawlab convert IN OUT",
    ("rawlab read", "-V"): "-v prints a tree of all fields",
    ("rawlab sniff", "-V"): "-v prints a tree of all fields",
    ("rawlab read", "-A"): "-X prints octets as characters too",
    ("rawlab sniff", "-A"): "-X prints octets as characters too",
    ("rawlab", "-r"): "say rawlab read -r FILE",
    ("rawlab", "-i"): "say rawlab sniff -i INTERFACE",
}
"""Where an option belongs that stands at the wrong command, and what tcpdump's or tshark's is."""


class Subcommands(click.Group):
    """A group that imports a subcommand only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = importlib.import_module(SUBCOMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in SUBCOMMANDS and not args[0].startswith("-"):
            known = ", ".join(SUBCOMMANDS)
            ctx.fail(f"no such command: {args[0]}{_nearest(args[0])} (commands: {known})")
        return super().resolve_command(ctx, args)


def _nearest(word: str) -> str:
    import difflib

    near = difflib.get_close_matches(word, SUBCOMMANDS, 1)
    return f"; did you mean {near[0]}?" if near else ""


@click.command(
    cls=Subcommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False,
              callback=lambda ctx, _, on: _show_version(ctx) if on else None,
              help="Print the version and exit.")
def rawlab() -> None:
    """Packet sniffer and protocol lab."""


def _show_version(ctx: click.Context) -> None:
    click.echo(version_line())
    ctx.exit()


def run(words: list[str]) -> int:
    """Runs one command line; every expected failure becomes one line and an exit status."""
    try:
        with rawlab.make_context("rawlab", list(words)) as context:
            status = rawlab.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        return _usage(error)
    except KeyboardInterrupt:
        return 0
    except (OutputClosed, BrokenPipeError):
        _silence(sys.stdout)
        return 0
    except Failure as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(describe(error))
        return 1


def _usage(error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else "rawlab"
    text = error.format_message().rstrip(".")
    elsewhere = _ELSEWHERE.get((path, getattr(error, "option_name", "")))
    if elsewhere is not None:
        text += f": {elsewhere}"
    elif type(error) is not click.UsageError:  # click's own words, which name no remedy
        text += f" ({path} --help tells more)"
    _say(text, path)
    return error.exit_code


def _say(line: str, who: str = "rawlab") -> None:
    try:
        print(f"{who}: {escape(line)}", file=sys.stderr)
    except BrokenPipeError:
        _silence(sys.stderr)


def _silence(stream: object) -> None:
    """Sends what is still buffered for a reader who has gone to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1 if stream is sys.stdout else 2)
    os.close(nowhere)
