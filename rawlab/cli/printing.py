"""From the command line's options to a printer of packets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.letters import FIELDS
from rawlab.cli.output import colours

if TYPE_CHECKING:
    from rawlab.schema.registry import Registry
    from rawlab.text.printer import Printer


@dataclass(frozen=True)
class PrintOptions:
    """What the printing options of a command line say (see `letters`)."""

    count: int | None
    link_header: bool
    names: tuple[str, ...]
    numeric: int
    number: bool
    times: int
    nano: bool
    verbose: int
    hexadecimal: int
    characters: int
    line_buffered: bool
    form: str | None
    field_options: tuple[str, ...]

    @classmethod
    def take(cls, given: dict[str, Any]) -> PrintOptions:
        """Takes the printing options out of all that click parsed."""
        defaults = {"link_header": False, "names": ()}
        return cls(**{name: given.pop(name, defaults.get(name)) for name in cls.__annotations__})


def make_printer(options: PrintOptions, registry: Registry) -> Printer:
    """The printer that the options ask for. Raises click.UsageError where they contradict."""
    if options.times > 5:
        raise click.UsageError("-t can be repeated five times at the most")
    if options.form is not None:
        _check_no_dump(options)
    if options.form == FIELDS:
        return _fields_printer(options, registry)
    if options.field_options:
        raise click.UsageError("-E belongs to -T fields, which is missing")
    if options.form == "json":
        from rawlab.text.jsonl import JSONPrinter

        return JSONPrinter()
    return _readable_printer(options)


def ready_printer(options: PrintOptions, registry: Registry) -> Printer:
    """As `make_printer`, with everything imported and built that the first packet would need."""
    from rawlab.batch import single

    packet = single(bytes(60), 0, None, 1, 1, None, registry)
    for _ in make_printer(options, registry).texts(packet, 1):
        pass
    return make_printer(options, registry)


def _check_no_dump(options: PrintOptions) -> None:
    for letter, given in (("v", options.verbose), ("x", options.hexadecimal),
                          ("X", options.characters)):
        if given:
            raise click.UsageError(
                f"-{letter} is about lines for people, and -T {options.form} prints none"
            )


def _fields_printer(options: PrintOptions, registry: Registry) -> Printer:
    from rawlab.text.fields import FieldsPrinter
    from rawlab.text.fields_form import FieldsForm

    if not options.names:
        raise click.UsageError("-T fields prints the fields named by -e NAME, and none is")
    try:
        return FieldsPrinter(options.names, registry, FieldsForm.parse(options.field_options))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _readable_printer(options: PrintOptions) -> Printer:
    from rawlab.text.hexdump import DumpForm
    from rawlab.text.paint import Paint
    from rawlab.text.times import Clock, TimeForm

    clock = Clock(TimeForm(options.times), 9 if options.nano else 6)
    paint = Paint(colours())
    dump = None
    if options.hexadecimal or options.characters:
        whole = max(options.hexadecimal, options.characters) > 1
        dump = DumpForm(characters=bool(options.characters), link_header=whole)
    if options.verbose:
        from rawlab.text.tree import TreePrinter

        return TreePrinter(clock, paint, dump)
    from rawlab.text.line import LineForm, LinePrinter

    return LinePrinter(clock, paint, LineForm(options.link_header, options.number), dump)
