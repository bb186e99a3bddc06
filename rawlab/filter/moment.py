"""Times in display filters: moments as ISO 8601 or as Wireshark writes them, and seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SECOND_NS = 1_000_000_000
_SPAN = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?|\.(\d{1,9})")
_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.(\d{1,9})")
_FORMS = ("%b %d, %Y %H:%M:%S", "%b %d, %Y %H:%M", "%b %d, %Y")


def span_ns(text: str) -> int | None:
    """Seconds with up to nine decimals, as nanoseconds; None where `text` is none."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    whole, decimals, alone = found.groups()
    return int(whole or 0) * _SECOND_NS + int((decimals or alone or "0").ljust(9, "0"))


def moment_ns(text: str) -> int | None:
    """A date, with a time of day or without, as nanoseconds since the epoch; None for none.

    Local time, unless it ends in Z, UTC or an offset.
    """
    fraction = _FRACTION.search(text)
    rest_ns = 0
    if fraction:
        rest_ns = int(fraction[2].ljust(9, "0"))
        text = text[: fraction.end(1)] + text[fraction.end() :]
    moment = _moment(text.strip())
    if moment is None:
        return None
    try:
        return int(moment.timestamp()) * _SECOND_NS + rest_ns
    except (OverflowError, OSError, ValueError):
        return None


def _moment(text: str) -> datetime | None:
    zone = None
    if text.endswith("UTC"):
        text, zone = text.removesuffix("UTC").strip(), UTC
    try:
        moment = datetime.fromisoformat(text) if len(text) >= 8 else None
    except ValueError:
        moment = None
    for form in () if moment else _FORMS:
        try:
            moment = datetime.strptime(text, form)
            break
        except ValueError:
            continue
    if moment is not None and zone is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment
