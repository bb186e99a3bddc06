"""A library that is not installed is one line that says how to get it."""

from __future__ import annotations

import sys

import pytest

import rawlab
from rawlab.interop.libraries import MissingLibrary, library
from rawlab.packet import Packet


@pytest.mark.parametrize("package", ["scapy", "dpkt"])
def test_a_missing_library(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.partition(".")[0] == package:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    make = rawlab.to_scapy if package == "scapy" else rawlab.to_dpkt
    with pytest.raises(MissingLibrary) as error:
        make(Packet(b"x"))
    assert str(error.value) == f"{package} is not installed: pip install 'rawlab[{package}]'"


def test_a_missing_module_of_a_library() -> None:
    pytest.importorskip("scapy", reason="needs scapy")
    with pytest.raises(MissingLibrary, match="scapy has no module"):
        library("scapy.contrib.nothing")
