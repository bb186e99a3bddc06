"""Offending cases as a capture file, each with a comment that says how to make it again."""

from __future__ import annotations

from collections.abc import Iterable

from rawlab.campaign.campaign import Finding
from rawlab.fuzz.generating import Case
from rawlab.schema.assembling import LINKTYPE_USER0
from rawlab.schema.draft import Draft


def comment_of(finding: Finding, case: Case, seed: int) -> str:
    """What is written beside a packet."""
    one = "" if len(finding.cases) == 1 else f" (it may have been any of {len(finding.cases)})"
    return f"seed {seed}, number {case.number}: {case.what}; {finding.reason}{one}"


def linktype_of(case: Case) -> int:
    """The link type of a case that is no frame."""
    return case.packet.linktype if isinstance(case.packet, Draft) else LINKTYPE_USER0


def save(path: str, findings: Iterable[Finding], seed: int, linktype: int | None = None) -> int:
    """Write the cases of findings as pcapng; how many they were. Raises OSError.

    `linktype` is that of all cases, where they are frames.
    """
    noted = [(case, comment_of(finding, case, seed))
             for finding in findings for case in finding.cases]
    return save_cases(path, noted, seed, linktype)


def save_cases(
    path: str, noted: Iterable[tuple[Case, str]], seed: int, linktype: int | None = None
) -> int:
    """Write cases, each with a comment, as pcapng; how many they were. Raises OSError."""
    from rawlab.files.converting import Comments
    from rawlab.files.writing import create_capture
    from rawlab.inject.batching import batch_of_octets

    count = 0
    with create_capture(path, form="pcapng", comment=f"rawlab fuzz, seed {seed}") as writer:
        for case, text in noted:
            link = linktype_of(case) if linktype is None else linktype
            batch = batch_of_octets([case.octets], link)
            writer.write(Comments({batch.first_number: (text,)}).on(batch))
            count += 1
    return count
