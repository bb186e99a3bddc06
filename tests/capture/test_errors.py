"""What cannot be captured is refused in one line that says what to do."""

from __future__ import annotations

import ctypes
import platform
import struct
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from capture.frames import arrived, frame
from capture.namespaces import Namespace, Wire, both_backends
from rawlab.capture import CaptureError, NoSuchInterface, RingSettings, sniff


@both_backends
def test_a_misspelt_interface_names_the_nearest(wire: Wire) -> None:
    misspelt = wire.near.replace("near", "naer")
    with pytest.raises(NoSuchInterface) as caught:
        wire.namespace.sniff(misspelt)
    message = str(caught.value)
    assert message.startswith(f"no interface is named {misspelt!r}; did you mean {wire.near}? ")
    assert all(name in message for name in ("lo", wire.near, wire.far))
    assert caught.value.errno == 19


@both_backends
@pytest.mark.parametrize("name", ["", "zzz", "a name that is too long", "über"])
def test_an_interface_that_is_not_there(namespace: Namespace, name: str) -> None:
    with pytest.raises(NoSuchInterface, match=r"interfaces here: lo$"):
        namespace.sniff(name)


@both_backends
@pytest.mark.parametrize("expression", ["udp portt 53", "udp and", "host 300.1.1.1"])
def test_a_wrong_filter(namespace: Namespace, expression: str) -> None:
    with pytest.raises(ValueError, match=f"capture filter '{expression}' for lo: .+"):
        namespace.sniff("lo", filter=expression)


def test_a_link_address_in_a_filter_on_any(namespace: Namespace) -> None:
    with pytest.raises(ValueError, match="capture filter 'ether host"):
        namespace.sniff("any", filter="ether host 02:00:00:00:00:01")


@both_backends
def test_a_wrong_program(namespace: Namespace) -> None:
    with pytest.raises(CaptureError, match="not valid classic BPF"):
        namespace.sniff("lo", bpf=[(0xFF, 0, 0, 0)])


@pytest.mark.parametrize(
    "settings",
    [
        {"snaplen": 0},
        {"latency_ms": 0},
        {"buffer_octets": 1000},
        {"buffer_octets": 1 << 50},
        {"block_octets": 200_000},
        {"direction": "sideways"},
        {"filter": "udp", "bpf": [(6, 0, 0, 1)]},
    ],
    ids=str,
)
def test_a_wrong_setting_is_named(settings: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        RingSettings(**settings)


@both_backends
def test_interfaces_that_cannot_go_together(namespace: Namespace) -> None:
    with pytest.raises(ValueError, match="any"):
        namespace.sniff(["lo", "any"])
    with pytest.raises(ValueError, match="twice"):
        namespace.sniff(["lo", "lo"])


def test_a_filter_without_privileges_in_a_namespace_of_others(wire: Wire) -> None:
    """The socket comes from outside; libpcap may open nothing, and `vlan` would then be wrong."""
    with ThreadPoolExecutor(1, initializer=_drop_capabilities) as unprivileged:

        def capture(expression: str) -> list[bytes]:
            opener = wire.namespace.open
            with sniff(wire.near, filter=expression, opener=opener) as sniffer:
                with wire.sender() as sender:
                    sender.send(frame(1))
                return [packet.octets for packet in arrived(sniffer)]

        with pytest.raises(PermissionError):
            unprivileged.submit(sniff, "lo").result()
        assert unprivileged.submit(capture, "ether proto 0x88b5").result() == [frame(1)]
        assert unprivileged.submit(capture, "ether proto 0x88b6").result() == []
        with pytest.raises(ValueError, match="CAP_NET_RAW"):
            unprivileged.submit(capture, "vlan 5").result()


def _drop_capabilities() -> None:
    """Drop all capabilities of this thread; the others keep theirs."""
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    capset = {"x86_64": 126, "aarch64": 91}[platform.machine()]
    assert ctypes.CDLL(None).syscall(capset, header, none) == 0


def test_a_negative_count() -> None:
    with pytest.raises(ValueError, match="count must be 0 or more, not -1"):
        sniff("lo", count=-1)


def test_a_sniffer_says_what_it_is(namespace: Namespace) -> None:
    with namespace.sniff("lo") as sniffer:
        assert repr(sniffer) == "<Sniffer 'lo': 0 captured>"
