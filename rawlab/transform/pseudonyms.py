"""Pseudonyms of IPv4, IPv6 and MAC addresses under one key, and which addresses keep their name.

Addresses that name no host say what a packet is for, not whose it is: multicast and broadcast
groups, the unspecified address, loopback. They stay, and no other address is mapped to them.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rawlab.transform.cryptopan import KEY_OCTETS, Addresses, CryptoPAn, Marks

IPV4, MAC, IPV6 = 4, 6, 16
"""Octets of the three kinds of addresses."""

MOST_KNOWN = 1 << 20
"""Pseudonyms of one kind that are remembered; then memory begins anew."""

_SINGLES = {
    IPV4: (bytes(4), bytes([127, 0, 0, 1]), b"\xff" * 4),
    IPV6: (bytes(16), bytes(15) + b"\x01"),
    MAC: (bytes(6),),
}
"""Single addresses that stay."""
_SOLICITED = bytes.fromhex("ff0200000000000000000001ff")
"""ff02::1:ff00:0/104, whose last three octets are those of a host (RFC 4291, 2.7.1)."""
_SOLICITED_MAC = b"\x33\x33\xff"


def key_of(secret: bytes) -> bytes:
    """The key of Crypto-PAn for a secret: 32 octets are the key itself, others a passphrase."""
    if len(secret) == KEY_OCTETS:
        return secret
    return hashlib.scrypt(secret, salt=b"rawlab pseudonyms", n=1 << 14, r=8, p=1, dklen=KEY_OCTETS)


class Pseudonyms:
    """Maps addresses one to one; those that share n bits have pseudonyms that share n bits.

    Each address is encrypted once, as long as it is remembered.
    """

    def __init__(self, key: bytes) -> None:
        """`key`: 32 octets. OSError where the package for AES is missing."""
        self._network = CryptoPAn(key)
        self._link = CryptoPAn(hashlib.sha256(b"MAC" + key).digest())
        self._known = {octets: Known(octets) for octets in (IPV4, MAC, IPV6)}

    def of(self, addresses: Addresses) -> Addresses:
        """The pseudonyms of addresses of 4, 6 or 16 octets, a row each."""
        octets = addresses.shape[1]
        known = self._known[octets]
        different, places = np.unique(packed(addresses), return_inverse=True)
        pseudonyms, missing = known.look_up(different)
        if missing.any():
            new = different[missing]
            pseudonyms[missing] = self._compute(unpacked(new, octets))
            known.add(new, pseudonyms[missing])
        return pseudonyms[places]

    def _compute(self, addresses: Addresses) -> Addresses:
        octets = addresses.shape[1]
        scheme = self._link if octets == MAC else self._network
        still = _STILL[octets]
        singles = np.array([list(single) for single in _SINGLES[octets]], dtype=np.uint8)
        stays = _among(addresses, singles)
        pseudonyms = addresses.copy()
        pseudonyms[~stays] = scheme.anonymise(addresses[~stays], still(addresses[~stays]))
        while (taken := _among(pseudonyms, singles) & ~stays).any():  # on to a free one
            pseudonyms[taken] = scheme.anonymise(pseudonyms[taken], still(pseudonyms[taken]))
        if octets == MAC:
            self._follow_solicited(addresses, pseudonyms)
        return pseudonyms

    def _follow_solicited(self, addresses: Addresses, pseudonyms: Addresses) -> None:
        """A solicited node's Ethernet group goes with its IPv6 group (RFC 2464, 7)."""
        rows = (addresses[:, :3] == list(_SOLICITED_MAC)).all(axis=1)
        if rows.any():
            groups = np.empty((int(rows.sum()), IPV6), dtype=np.uint8)
            groups[:, :13] = list(_SOLICITED)
            groups[:, 13:] = addresses[rows, 3:]
            pseudonyms[rows, 3:] = self._compute(groups)[:, 13:]


class Known:
    """The pseudonyms of addresses of one length that were computed, in the addresses' order."""

    def __init__(self, octets: int) -> None:
        self._octets = octets
        self._forget()

    def _forget(self) -> None:
        self._addresses = packed(np.empty((0, self._octets), dtype=np.uint8))
        self._pseudonyms = np.empty((0, self._octets), dtype=np.uint8)

    def look_up(self, addresses: NDArray[Any]) -> tuple[Addresses, Marks]:
        """The pseudonyms of packed addresses, and marks of those that are not known."""
        pseudonyms = np.zeros((len(addresses), self._octets), dtype=np.uint8)
        if not len(self._addresses):
            return pseudonyms, np.ones(len(addresses), dtype=np.bool_)
        at = np.searchsorted(self._addresses, addresses)
        at[at == len(self._addresses)] = 0
        found = self._addresses[at] == addresses
        pseudonyms[found] = self._pseudonyms[at[found]]
        return pseudonyms, ~found

    def add(self, addresses: NDArray[Any], pseudonyms: Addresses) -> None:
        """Remember what was not known."""
        if len(self._addresses) + len(addresses) > MOST_KNOWN:
            self._forget()
        places = np.searchsorted(self._addresses, addresses)
        self._addresses = np.insert(self._addresses, places, addresses)
        self._pseudonyms = np.insert(self._pseudonyms, places, pseudonyms, axis=0)


def packed(addresses: Addresses) -> NDArray[Any]:
    """Each address as one value; values are in the order of the octets."""
    rows = np.ascontiguousarray(addresses)
    octets = rows.shape[1]
    if octets == IPV6:
        return rows.view("V16").reshape(len(rows))
    if octets == IPV4:
        return rows.view(">u4").reshape(len(rows)).astype(np.uint32)
    wide = np.zeros((len(rows), 8), dtype=np.uint8)
    wide[:, 8 - octets :] = rows
    return wide.view(">u8").reshape(len(rows)).astype(np.uint64)


def unpacked(values: NDArray[Any], octets: int) -> Addresses:
    """The addresses that `packed` made values of."""
    if octets == IPV6:
        return np.ascontiguousarray(values).view(np.uint8).reshape(-1, IPV6)
    size = 4 if octets == IPV4 else 8
    wide = values.astype(f">u{size}").view(np.uint8).reshape(-1, size)
    return np.ascontiguousarray(wide[:, size - octets :])


def _among(addresses: Addresses, singles: Addresses) -> Marks:
    marks: Marks = (addresses[:, None] == singles[None]).all(axis=2).any(axis=1)
    return marks


# Which bits stay. Each mark depends on the bits before it alone, as Crypto-PAn wants it.


def _towards(addresses: Addresses, network: bytes, bits: int) -> Marks:
    """The bits by which an address comes to lie in a network or not: it stays in or out of it."""
    size = 8 * addresses.shape[1]
    want = np.unpackbits(np.frombuffer(network, dtype=np.uint8))[:bits]
    same = np.unpackbits(addresses, axis=1, count=bits) == want
    still = np.zeros((len(addresses), size), dtype=np.bool_)
    still[:, 0] = True
    still[:, 1:bits] = np.logical_and.accumulate(same, axis=1)[:, : bits - 1]
    return still


def _still_ipv4(addresses: Addresses) -> Marks:
    still = _towards(addresses, b"\xe0", 4)
    still[(addresses[:, 0] & 0xF0) == 0xE0] = True  # multicast (RFC 1112, 4)
    return still


def _still_ipv6(addresses: Addresses) -> Marks:
    still = _towards(addresses, b"\xff", 8) | _towards(addresses, b"\xfe\x80", 10)
    first, second = addresses[:, 0], addresses[:, 1]
    local = (first == 0xFE) & ((second & 0xC0) == 0x80)
    still[local, :64] = True
    group = first == 0xFF
    still[group, :16] = True
    still[group & (second < 0x10)] = True  # well-known groups (RFC 4291, 2.7)
    solicited = (addresses[:, : len(_SOLICITED)] == list(_SOLICITED)).all(axis=1)
    still[solicited, 8 * len(_SOLICITED) :] = False
    return still


def _still_mac(addresses: Addresses) -> Marks:
    still = np.zeros((len(addresses), 8 * MAC), dtype=np.bool_)
    still[:, 6:8] = True  # locally administered, group
    still[(addresses[:, 0] & 1).astype(np.bool_)] = True
    return still


_STILL = {IPV4: _still_ipv4, IPV6: _still_ipv6, MAC: _still_mac}
