# cython: language_level=3
"""Checksums over octets: the Internet's (RFC 1071) and CRC-32C (RFC 9260, appendix A).

Types stand in `checksum.pxd`.
"""

import cython


def add_words(octets, start, end, total):
    """`total` and the 16-bit words in octets start..end-1; an odd last octet has a zero after it.

    The range lies inside the octets.
    """
    i: cython.Py_ssize_t
    for i in range(start, end - 1, 2):
        total += (cython.cast(cython.uint, octets[i]) << 8) | octets[i + 1]
    if (end - start) & 1:
        total += cython.cast(cython.uint, octets[end - 1]) << 8
    return total


def folded(total):
    """A sum of words as 16 bits: what is carried out comes in again."""
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def crc_of(octets, start, end, initial):
    """The CRC-32C of octets start..end-1; the range lies inside them."""
    register: cython.uint = initial ^ cython.cast(cython.uint, 0xFFFFFFFF)
    polynomial: cython.uint = 0x82F63B78
    odd: cython.bint
    i: cython.Py_ssize_t
    j: cython.int
    for i in range(start, end):
        register ^= octets[i]
        for j in range(8):
            odd = register & 1
            register >>= 1
            if odd:
                register ^= polynomial
    return register ^ cython.cast(cython.uint, 0xFFFFFFFF)


def internet_sum(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    initial: cython.ulonglong = 0,
):
    """The ones' complement sum of the 16-bit words in octets start..end-1, added to `initial`.

    An odd last octet counts as followed by a zero. Returns 0..0xFFFF; the checksum is its
    complement. ValueError where the range lies outside the octets.
    """
    total: cython.ulonglong
    if not 0 <= start <= end <= len(octets):
        raise ValueError("the range lies outside the octets")
    with cython.nogil:
        total = folded(add_words(octets, start, end, initial))
    return total


def crc32c(
    octets: cython.const[cython.uchar][::1],
    start: cython.Py_ssize_t,
    end: cython.Py_ssize_t,
    initial: cython.uint = 0,
):
    """The CRC-32C of octets start..end-1, going on from `initial`, that of what came before.

    ValueError where the range lies outside the octets.
    """
    register: cython.uint
    if not 0 <= start <= end <= len(octets):
        raise ValueError("the range lies outside the octets")
    with cython.nogil:
        register = crc_of(octets, start, end, initial)
    return register
