# cython: language_level=3
"""One packet many times, with values that vary: copies, stores, and checksums by difference.

A checksum costs as much as the values that vary, not as the octets that it covers: in ones'
complement (RFC 1071) the sum of what stays the same is added up once.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import repeat_codes as n
    from cython.cimports.rawlab.engine.checksum import crc_of, folded
    from cython.cimports.rawlab.engine.mould import put
else:
    from rawlab.engine import repeat_codes as n
    from rawlab.engine.checksum import crc_of, folded
    from rawlab.engine.mould import put


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def put_crc(
    out: cython.uchar[::1], at: cython.Py_ssize_t, start: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.void:
    """Write the CRC-32C of octets start..end-1, in which it counts as zero, at `at`."""
    value: cython.uint
    i: cython.Py_ssize_t
    put(out, at, 4, 0, 0xFFFFFFFF, 0)
    value = crc_of(out, start, end, 0)
    for i in range(4):  # the least significant octet first (RFC 9260, appendix A)
        out[at + i] = (value >> (8 * i)) & 0xFF


def repeat(
    template: cython.const[cython.uchar][::1],
    places: cython.const[cython.longlong][:, ::1],
    values: cython.const[cython.ulonglong][:, ::1],
    sums: cython.const[cython.longlong][:, ::1],
    parts: cython.const[cython.longlong][:, ::1],
    count: cython.Py_ssize_t,
    out: cython.uchar[::1],
):
    """Write `count` copies of `template` to `out`, one after the other.

    `values[i, p]` is what stands at `places[i]` in copy p. ValueError where the tables do not fit.
    """
    size: cython.Py_ssize_t = len(template)
    fields: cython.Py_ssize_t = values.shape[0]
    p: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    at: cython.Py_ssize_t
    slot: cython.Py_ssize_t
    value: cython.ulonglong
    total: cython.ulonglong
    found: cython.ulonglong[:]
    if size * count > len(out) or values.shape[1] < count or places.shape[0] < fields:
        raise ValueError("the copies do not fit, or there are not enough values")
    for i in range(fields):
        if not 0 <= places[i, n.R_AT] <= places[i, n.R_AT] + places[i, n.R_SIZE] <= size:
            raise ValueError("a value stands outside the template")
    for i in range(sums.shape[0]):
        if not 0 <= sums[i, n.R_SUM_AT] <= size - (4 if sums[i, n.R_CRC] else 2):
            raise ValueError("a checksum stands outside the template")
        if not 0 <= sums[i, n.R_START] <= sums[i, n.R_END] <= size:
            raise ValueError("a checksum covers more than the template")
        last = sums[i, n.R_PARTS] + sums[i, n.R_PART_COUNT]
        if not 0 <= sums[i, n.R_PARTS] <= last <= parts.shape[0]:
            raise ValueError("a checksum has parts outside the table")
        for j in range(sums[i, n.R_PARTS], last):
            if not 0 <= parts[j, n.R_SLOT] < fields + i:
                raise ValueError("a checksum covers what is not computed before it")
    found = memoryview(bytearray(8 * max(1, sums.shape[0]))).cast("Q")
    with cython.nogil:
        for p in range(count):
            at = p * size
            out[at : at + size] = template
            for i in range(fields):
                put(out, at + places[i, n.R_AT], places[i, n.R_SIZE], places[i, n.R_SHIFT],
                    cython.cast(cython.ulonglong, places[i, n.R_MASK]), values[i, p])
            for i in range(sums.shape[0]):
                if sums[i, n.R_CRC]:
                    put_crc(out, at + sums[i, n.R_SUM_AT], at + sums[i, n.R_START],
                            at + sums[i, n.R_END])
                    continue
                total = sums[i, n.R_STATIC]
                for j in range(sums[i, n.R_PARTS], sums[i, n.R_PARTS] + sums[i, n.R_PART_COUNT]):
                    slot = parts[j, n.R_SLOT]
                    value = values[slot, p] if slot < fields else found[slot - fields]
                    total += folded(value) << parts[j, n.R_LIFT]
                value = 0xFFFF ^ folded(total)
                if cython.cast(cython.longlong, value) == sums[i, n.R_UNSET]:
                    value ^= 0xFFFF
                found[i] = value
                put(out, at + sums[i, n.R_SUM_AT], 2, 0, 0xFFFF, value)
