"""Pseudonyms: one to one, prefixes kept, and what names no host stays."""

from __future__ import annotations

import ipaddress

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rawlab.transform import pseudonyms
from rawlab.transform.pseudonyms import Pseudonyms, key_of
from transform.test_cryptopan import KEY, common_bits, rows

SCHEME = Pseudonyms(KEY)


def of(address: str) -> str:
    """The pseudonym of an address as text."""
    if address.count(":") == 5 and "::" not in address:
        return SCHEME.of(rows(bytes.fromhex(address.replace(":", ""))))[0].tobytes().hex(":")
    packed = ipaddress.ip_address(address).packed
    return str(ipaddress.ip_address(SCHEME.of(rows(packed))[0].tobytes()))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "127.0.0.1", "255.255.255.255", "224.0.0.1", "239.255.255.250",
        "::", "::1", "ff02::1", "ff05::1:3",
        "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:01",
        "01:80:c2:00:00:00",
    ],
)
def test_what_names_no_host_stays(address: str) -> None:
    assert of(address) == address


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fd00::1", "02:00:00:00:00:01"]
)
def test_a_host_gets_another_name(address: str) -> None:
    assert of(address) != address


def test_kinds_of_addresses_stay_what_they_are() -> None:
    link_local = ipaddress.ip_address(of("fe80::211:22ff:fe33:4455"))
    assert link_local in ipaddress.ip_network("fe80::/64")
    assert link_local != ipaddress.ip_address("fe80::211:22ff:fe33:4455")
    assert int(of("02:00:00:00:00:01")[:2], 16) & 3 == 2, "locally administered, no group"
    assert int(of("00:11:22:33:44:55")[:2], 16) & 3 == 0


def test_a_solicited_node_is_hidden_and_its_two_groups_agree() -> None:
    group = ipaddress.ip_address(of("ff02::1:ff12:3456"))
    assert group in ipaddress.ip_network("ff02::1:ff00:0/104")
    assert group.packed[-3:] != bytes.fromhex("123456")
    assert of("33:33:ff:12:34:56") == "33:33:ff:" + group.packed[-3:].hex(":")


NETWORKS = (b"\xff", b"\x7f\0\0", b"\xe0", b"\xff" * 3, b"\xfe\x80", b"\xff\x02", b"\xff\x12",
            b"\xfe", b"\xff\x02" + bytes(9) + b"\1\xff")
"""Where addresses stay that lie inside."""
ADDRESSES = st.builds(
    lambda octets, network, rest: (network + rest)[:octets],
    st.sampled_from((4, 16)), st.sampled_from((b"", *NETWORKS)),
    st.binary(min_size=16, max_size=16),
)


def is_single(address: bytes) -> bool:
    return any(address in singles for singles in pseudonyms._SINGLES.values())


@given(ADDRESSES, ADDRESSES)
def test_prefixes_are_kept(a: bytes, b: bytes) -> None:
    assume(len(a) == len(b))
    x, y = (row.tobytes() for row in SCHEME.of(rows(a, b)))
    if not (is_single(a) or is_single(b)):
        assert common_bits(x, y) == common_bits(a, b)
    assert (x == y) == (a == b)


def test_no_address_is_mapped_to_one_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = SCHEME._network.anonymise(rows(bytes([192, 0, 2, 1])))[0].tobytes()
    scheme = Pseudonyms(KEY)
    monkeypatch.setitem(pseudonyms._SINGLES, 4, (plain, bytes([192, 0, 2, 9])))
    a, b, c = (row.tobytes() for row in scheme.of(
        rows(bytes([192, 0, 2, 1]), plain, bytes([192, 0, 2, 9]))))
    assert b == plain
    assert c == bytes([192, 0, 2, 9])
    assert a not in (b, c)


def test_what_is_remembered_is_what_was_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "MOST_KNOWN", 50)
    random = np.random.default_rng(2)
    for octets in (4, 6, 16):
        addresses = random.integers(0, 256, (120, octets), dtype=np.uint8)
        whole = Pseudonyms(KEY).of(addresses)
        scheme = Pseudonyms(KEY)
        for _ in range(2):
            for first in range(0, 120, 7):
                part = slice(first, first + 7)
                assert (scheme.of(addresses[part]) == whole[part]).all()
        assert len(scheme._known[octets]._addresses) <= 50


def test_no_addresses_have_no_pseudonyms() -> None:
    assert SCHEME.of(np.empty((0, 4), dtype=np.uint8)).shape == (0, 4)


def test_keys() -> None:
    assert key_of(KEY) == KEY
    assert len(key_of(b"correct horse")) == 32
    assert key_of(b"correct horse") == key_of(b"correct horse") != key_of(b"correct horsf")
