"""Crypto-PAn: pseudonyms of addresses that share just those prefixes which the addresses share.

Xu, Fan, Ammar, Moon: Prefix-Preserving IP Address Anonymization (ICNP 2002).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KEY_OCTETS = 32
_BLOCK = 16
_CHUNK = 1 << 12
"""Addresses that are encrypted at a time; one of 16 octets takes 2 KiB meanwhile."""

Addresses = NDArray[np.uint8]
"""Addresses of one length, a row each; the first octet is the most significant."""
Marks = NDArray[np.bool_]


class MissingCryptography(OSError):
    """AES is not there."""


class CryptoPAn:
    """The mapping that a key of 32 octets chooses, for addresses of 1 to 16 octets.

    The first 16 octets are the key of AES, the others make the padding. One key maps IPv4 and
    IPv6 addresses as other programs do that are faithful to the reference.
    """

    def __init__(self, key: bytes) -> None:
        """ValueError for a key of another length, OSError where the package for AES is missing."""
        if len(key) != KEY_OCTETS:
            raise ValueError(f"a Crypto-PAn key has {KEY_OCTETS} octets, not {len(key)}")
        try:
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        except ModuleNotFoundError:
            raise MissingCryptography(
                "anonymising addresses takes the package cryptography"
                " (pip install 'rawlab[anonymise]')"
            ) from None
        # Single blocks are the random function of the scheme: ECB is no mode of hiding here.
        self._encrypt = Cipher(algorithms.AES(key[:_BLOCK]), modes.ECB()).encryptor().update
        self._padding = np.frombuffer(self._encrypt(key[_BLOCK:]), dtype=np.uint8)

    def anonymise(self, addresses: Addresses, still: Marks | None = None) -> Addresses:
        """The pseudonyms of `addresses`.

        `still` marks, for each address, bits that keep their value. As long as a mark depends on
        the bits before it alone, the mapping stays one to one and keeps prefixes.
        """
        pseudonyms = np.empty_like(addresses)
        for first in range(0, len(addresses), _CHUNK):
            part = slice(first, first + _CHUNK)
            flips = self._flips(addresses[part])
            if still is not None:
                flips &= ~still[part]
            pseudonyms[part] = addresses[part] ^ np.packbits(flips, axis=1)
        return pseudonyms

    def _flips(self, addresses: Addresses) -> Marks:
        """Which bits change: bit i by a random function of the bits before it."""
        count, octets = addresses.shape
        bits = 8 * octets
        whole = np.broadcast_to(self._padding, (count, _BLOCK)).copy()
        whole[:, :octets] = addresses
        before = _leading_ones(bits)
        blocks = (whole[:, None] & before) | (self._padding & ~before)
        random = np.frombuffer(self._encrypt(blocks.tobytes()), dtype=np.uint8)
        flips: Marks = random.reshape(count, bits, _BLOCK)[:, :, 0] >= 0x80
        return flips


def _leading_ones(bits: int) -> NDArray[np.uint8]:
    """Row i: a block whose first i bits are ones."""
    ones = np.tri(bits, 8 * _BLOCK, -1, dtype=np.bool_)
    return np.packbits(ones, axis=1)
