"""Crypto-PAn against the vectors that its authors published, and its promise."""

from __future__ import annotations

import ipaddress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rawlab.transform.cryptopan import Addresses, CryptoPAn

KEY = bytes.fromhex("1522178d33a4cf80130a5b1649907d10d8988f8379796527 62574c2d2a842202")
"""The key of the sample trace."""

VECTORS = (
    # sample_trace_sanitized.dat of the reference implementation
    ("128.11.68.132", "135.242.180.132"),
    ("129.118.74.4", "134.136.186.123"),
    ("130.132.252.244", "133.68.164.234"),
    ("141.223.7.43", "141.167.8.160"),
    ("141.233.145.108", "141.129.237.235"),
    ("152.163.225.39", "151.140.114.167"),
    ("156.29.3.236", "147.225.12.42"),
    ("165.247.96.84", "162.9.99.234"),
    ("166.107.77.190", "160.132.178.185"),
    ("192.102.249.13", "252.138.62.131"),
    ("192.215.32.125", "252.43.47.189"),
    ("192.233.80.103", "252.25.108.8"),
    ("192.41.57.43", "252.222.221.184"),
    ("24.5.0.80", "100.9.15.210"),
    # the extension to 128 bits, on which other implementations agree
    ("::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"),
    ("::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"),
    ("::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"),
    ("2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"),
    ("2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"),
)


def rows(*addresses: bytes) -> Addresses:
    return np.array([list(address) for address in addresses], dtype=np.uint8)


def common_bits(a: bytes, b: bytes) -> int:
    """How many leading bits two addresses of one length share."""
    differing = int.from_bytes(a) ^ int.from_bytes(b)
    return 8 * len(a) - differing.bit_length()


@pytest.mark.parametrize(("address", "pseudonym"), VECTORS)
def test_published_vectors(address: str, pseudonym: str) -> None:
    given = rows(ipaddress.ip_address(address).packed)
    (found,) = CryptoPAn(KEY).anonymise(given)
    assert str(ipaddress.ip_address(found.tobytes())) == pseudonym


def test_many_at_once_as_one_by_one() -> None:
    scheme = CryptoPAn(KEY)
    addresses = np.random.default_rng(1).integers(0, 256, (5000, 4), dtype=np.uint8)
    together = scheme.anonymise(addresses)
    for i in (0, 1, 4095, 4096, 4999):
        assert (scheme.anonymise(addresses[i : i + 1])[0] == together[i]).all()
    assert len(np.unique(together, axis=0)) == len(np.unique(addresses, axis=0))


@given(st.sampled_from((4, 6, 16)).flatmap(
    lambda octets: st.tuples(*[st.binary(min_size=octets, max_size=octets)] * 2)))
def test_as_many_leading_bits_are_shared(pair: tuple[bytes, bytes]) -> None:
    a, b = pair
    x, y = CryptoPAn(KEY).anonymise(rows(a, b))
    assert common_bits(x.tobytes(), y.tobytes()) == common_bits(a, b)


@pytest.mark.parametrize("octets", [0, 16, 31, 33])
def test_a_key_has_32_octets(octets: int) -> None:
    with pytest.raises(ValueError, match="32 octets"):
        CryptoPAn(bytes(octets))
