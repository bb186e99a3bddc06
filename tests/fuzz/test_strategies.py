"""Strategies for hypothesis: what they give, and how it shrinks."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import find, given, settings
from hypothesis import strategies as st

from dissectors import DNS, TCP, UDP, IPv4
from rawlab.packet import Packet
from rawlab.plugins import default_registry
from rawlab.schema import Draft, Header
from rawlab.strategies import headers, octets, packets, payloads, stacks


@given(draft=stacks(IPv4, UDP))
def test_stacks_hold_together(draft: Draft) -> None:
    packet = Packet(bytes(draft), linktype=draft.linktype)
    assert [type(layer) for layer in packet.layers[:2]] == [IPv4, UDP]
    assert packet.udp.length == 8 + len(draft.payload)


@settings(max_examples=30)
@given(draft=packets(DNS, registry=default_registry()), raw=payloads(9))
def test_packets_stand_where_they_are_found(draft: Draft, raw: bytes) -> None:
    packet = Packet(bytes(draft), linktype=draft.linktype)
    assert "dns" in packet
    assert len(raw) <= 9


@given(header=headers(TCP))
def test_headers_are_built(header: Header) -> None:
    assert len(bytes(header)) % 4 == 0


@given(raw=octets(TCP))
def test_damaged_ones_are_read(raw: bytes) -> None:
    packet = Packet(bytes(IPv4(dst="127.0.0.1", proto=6)) + raw, linktype=101)
    assert packet.octets.endswith(raw)


def test_they_shrink() -> None:
    """The simplest one that has what is asked for has nothing else."""
    least = find(stacks(IPv4, TCP, payload=st.just(b"")),
                 lambda draft: any(h.options for h in draft.headers if isinstance(h, TCP)))
    ip, tcp = least.headers
    assert isinstance(ip, IPv4)
    assert isinstance(tcp, TCP)
    assert not ip.options
    assert len(bytes(least)) <= 20 + 24


def test_without_hypothesis_it_says_what_to_install() -> None:
    tell = ("import sys; sys.modules['hypothesis'] = None\n"
            "import rawlab.strategies as s; from dissectors import UDP\n"
            "try: s.packets(UDP)\nexcept ModuleNotFoundError as e: print(e)")
    done = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True)
    assert done.stdout == ("rawlab.strategies needs the package hypothesis: "
                           "pip install 'rawlab[strategies]'\n")
