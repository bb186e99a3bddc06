"""`rawlab convert`: from capture files to a capture file, with all or some of the packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rawlab.cli.display import display_filter, display_option
from rawlab.cli.failure import Failure
from rawlab.cli.filters import wrong_filter
from rawlab.cli.letters import protocol_options
from rawlab.cli.recording import refuse_terminal
from rawlab.cli.registry import make_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rawlab.batch import Batch
    from rawlab.cli.conversion import Change
    from rawlab.files.converting import Alteration, Selection
    from rawlab.files.slicing import Moment
    from rawlab.schema.registry import Registry

    Parse = Callable[[str], Any]

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SPLITS = ("packets", "size", "seconds", "flow")


@click.command()
@click.option("--format", "form", type=click.Choice(["pcapng", "pcap"]),
              help="The form of OUT, whatever its name.")
@click.option("--concatenate", is_flag=True,
              help="Put several inputs one after the other instead of merging them by time.")
@click.option("--packets", "ranges", metavar="RANGES",
              help="Only packets of these numbers: 10-20,30-")
@click.option("--after", metavar="TIME",
              help="Only packets at this time or later: 2026-01-31T12:00:00.5 (local, or with a"
              " zone), 1700000000.5 (since 1970) or +2.5 (since the first packet).")
@click.option("--before", metavar="TIME", help="Only packets before this time.")
@click.option("-f", "capture_filter", metavar="FILTER",
              help="Only packets that match this capture filter, in libpcap's language.")
@display_option
@click.option("-s", "--snaplen", type=click.IntRange(min=0), metavar="OCTETS",
              help="Keep at most so many octets of each packet.")
@click.option("--strip-payload", is_flag=True,
              help="Cut each packet after its last decoded header.")
@click.option("--anonymise", "--anonymize", is_flag=True,
              help="Replace addresses by pseudonyms that keep prefixes (Crypto-PAn).")
@click.option("--key-file", metavar="FILE",
              help="With --anonymise: a passphrase, so that the pseudonyms are the same another"
              " time (exactly 32 octets: the key itself). Otherwise the key is random.")
@click.option("--comment", "comments", multiple=True, metavar="NUMBER:TEXT",
              help="Add a comment to a packet of the input.")
@click.option("--file-comment", metavar="TEXT", help="Set the comment of the file.")
@click.option("--no-comments", is_flag=True, help="Remove the comments that are there.")
@click.option("--shift-s", "shift", metavar="SECONDS",
              help="Add so many seconds (-0.5 is possible) to the time of each packet.")
@click.option("--split", metavar="RULE",
              help="Into several files, OUT with numbers in its name: packets=1000, size=100m,"
              " seconds=60 or flow (a file for each conversation).")
@protocol_options
@click.argument("files", nargs=-1, required=True, metavar="IN... OUT")
def command(files: tuple[str, ...], **given: Any) -> int:
    """Copy packets from capture files to a capture file.

    OUT is pcap if its name says so (.pcap), else pcapng, and compressed if it ends in .gz, .zst,
    .lz4 or .xz; "-" is standard input or output. Several inputs are merged by time:

        rawlab convert a.pcap b.pcapng.gz merged.pcapng

    Packets are chosen first, then cut, then given pseudonyms.
    """
    if len(files) < 2:
        raise click.UsageError("which files? say: rawlab convert IN [IN...] OUT")
    from rawlab.cli.conversion import Conversion, Split

    *inputs, output = files
    if inputs.count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    registry = _registry(given)
    split = None if given["split"] is None else Split(*_split(given["split"]))
    if split is not None and output == "-":
        raise click.UsageError("--split needs names of files: standard output (-) is only one")
    if output == "-":
        refuse_terminal("-")
    comments = _comments(given["comments"])
    _check_text("--file-comment", given["file_comment"] or "")
    conversion = Conversion(
        inputs, output, given["form"], given["concatenate"], registry,
        _change(given, comments, registry), split, given["file_comment"],
        commenting=bool(comments) or given["file_comment"] is not None,
    )  # fmt: skip
    with wrong_filter(given["capture_filter"] or ""):
        return conversion.run()


def _registry(given: dict[str, Any]) -> Registry | None:
    """The protocols, where something is to be decoded."""
    protocol_files, decode_as = given.pop("protocol_files"), given.pop("decode_as")
    decoding = ("display", "strip_payload", "anonymise")
    if any(map(given.get, decoding)) or given["split"] == "flow" or protocol_files or decode_as:
        return make_registry(protocol_files, decode_as)
    return None


def _change(
    given: dict[str, Any], comments: dict[int, tuple[str, ...]], registry: Registry | None
) -> Change | None:
    """What becomes of the packets, as the options say; None: all go on as they are."""
    unchanged = (
        "ranges", "after", "before", "capture_filter", "display", "snaplen", "strip_payload",
        "anonymise", "key_file", "comments", "file_comment", "no_comments", "shift",
    )  # fmt: skip
    if all(given[name] in (None, False, ()) for name in unchanged):
        return None
    from rawlab.files.converting import converted

    selection, alteration = _selection(given, registry), _alteration(given, comments)

    def change(batches: Iterable[Batch]) -> Iterator[Batch]:
        yield from converted(batches, selection, alteration)
        missing = sorted(comments.keys() - alteration.comments.placed)
        if missing:
            raise Failure(f"--comment: no packet {missing[0]} was read; the rest is written")

    return change


def _selection(given: dict[str, Any], registry: Registry | None) -> Selection:
    """Which packets go on, as the options say."""
    from rawlab.files.capture_filter import CaptureFilter
    from rawlab.files.converting import Selection
    from rawlab.files.slicing import Slice, parse_moment, parse_ranges

    ranges = _parsed("--packets", parse_ranges, given["ranges"]) or ()
    after: Moment | None = _parsed("--after", parse_moment, given["after"])
    before: Moment | None = _parsed("--before", parse_moment, given["before"])
    filters: list[Callable[[Batch], Batch]] = []
    if registry is not None and (shown := display_filter(given["display"], registry)) is not None:
        filters.append(shown.select)
    if given["capture_filter"] is not None:
        with wrong_filter(given["capture_filter"]):
            filters.append(CaptureFilter(given["capture_filter"]).select)
    return Selection(Slice(ranges, after, before), filters)


def _alteration(given: dict[str, Any], new: dict[int, tuple[str, ...]]) -> Alteration:
    """How packets change, as the options say."""
    from rawlab.files.converting import Alteration, Comments

    shift_ns = _parsed("--shift-s", _nanoseconds, given["shift"]) or 0
    comments = Comments(new, keep=not given["no_comments"])
    anonymiser = None
    if given["anonymise"]:
        from rawlab.transform.anonymise import Anonymiser

        anonymiser = Anonymiser(_key(given["key_file"]))
    elif given["key_file"] is not None:
        raise click.UsageError("--key-file is about --anonymise, which is missing")
    return Alteration(
        comments, given["snaplen"], given["strip_payload"], shift_ns, anonymiser,
        drop_file_comments=given["no_comments"] or given["file_comment"] is not None,
    )  # fmt: skip


def _key(path: str | None) -> bytes:
    """The key of the pseudonyms: from a file, or random."""
    import secrets

    from rawlab.transform.pseudonyms import key_of

    if path is None:
        return secrets.token_bytes(32)
    with open(path, "rb") as file:
        secret = file.read(1 << 16)
    secret = secret if len(secret) == 32 else secret.rstrip(b"\r\n")
    if not secret:
        raise Failure(f"{path}: the file is empty; a passphrase is expected")
    return key_of(secret)


def _comments(given: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The comments of each packet's number."""
    found: dict[int, tuple[str, ...]] = {}
    for text in given:
        number, colon, comment = text.partition(":")
        if not colon or not number.isascii() or not number.isdecimal() or not int(number):
            raise click.UsageError(f"--comment: {text!r} is not NUMBER:TEXT, as in 7:retransmitted")
        _check_text("--comment", comment)
        found[int(number)] = (*found.get(int(number), ()), comment)
    return found


def _check_text(option: str, text: str) -> None:
    """Raises click.UsageError for a comment that no pcapng file can hold."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:  # octets of the command line that are not UTF-8
        raise click.UsageError(f"{option}: comments are UTF-8, and {text!r} is not") from None
    if len(octets) > 0xFFFF:
        raise click.UsageError(f"{option}: a comment has 65535 octets at the most")


def _nanoseconds(text: str) -> int:
    from decimal import Decimal, InvalidOperation

    try:
        shift_ns = int(Decimal(text) * 10**9)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{text!r} is no number of seconds such as 3600 or -0.5") from None
    if abs(shift_ns) >= 1 << 62:
        raise ValueError(f"{text!r} seconds are more than 146 years")
    return shift_ns


def _split(text: str) -> tuple[str, int]:
    """The rule of --split and its number."""
    import re

    rule, _, number = text.partition("=")
    if rule not in _SPLITS:
        raise click.UsageError(
            f"--split: {rule!r} is no rule; say packets=N, size=N, seconds=N or flow")
    if rule == "flow":
        if number:
            raise click.UsageError("--split: flow takes no number")
        return rule, 0
    found = re.fullmatch(r"(\d+)([kmg]?)" if rule == "size" else r"(\d+)()", number.lower())
    if found is None or not int(found[1]):
        example = "size=500k, 100m or 1g" if rule == "size" else f"{rule}=100"
        raise click.UsageError(f"--split: {rule} takes a number, as in {example}")
    return rule, min(int(found[1]) * _UNITS[found[2]], 1 << 50)


def _parsed(option: str, parse: Parse, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None
