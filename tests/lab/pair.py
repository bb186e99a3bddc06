"""Two hosts and a link between them, as the tests of the lab get them."""

from __future__ import annotations

from dataclasses import dataclass

from rawlab.lab import Host, Lab, Link


@dataclass(frozen=True)
class Pair:
    """A lab with two hosts and a link between them."""

    lab: Lab
    a: Host
    b: Host
    link: Link
