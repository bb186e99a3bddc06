# cython: language_level=3
"""Headers of a fixed layout, cast from a mould: known octets with room for values.

A packet whose headers all have one is built in one pass: values and lengths from the outside in,
checksums from the inside out. Types of what others use stand in `mould.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import mould_codes as n
    from cython.cimports.rawlab.engine.checksum import add_words, crc_of, folded
else:
    from rawlab.engine import mould_codes as n
    from rawlab.engine.checksum import add_words, crc_of, folded

from rawlab.engine.view import View, source_of, values_of

KNOWN_TEXTS = cython.declare(cython.Py_ssize_t, 4096)


def put(octets, at, size, shift, mask, value):
    """Write the bits of `value` under `mask` into the big-endian word of `size` octets at `at`."""
    i: cython.Py_ssize_t
    for i in range(at + size - 1, at - 1, -1):
        if shift >= 8:
            shift -= 8
            continue
        octets[i] = (octets[i] & ~((mask << shift) & 0xFF)) | ((value << shift) & 0xFF)
        mask >>= 8 - shift
        value >>= 8 - shift
        shift = 0


@cython.final
@cython.cclass
class Mould:
    """How the headers of a class are cast that are made from the same fields.

    `fields`: for each given value (attribute, what turns it into bits or octets). `stores`: for
    each of them a row of W_*. `lengths`, `sums`, `addresses`: rows of W_*, U_* and A_*.
    """

    octets: bytes
    names: list
    fields: list
    texts: list
    stores: cython.longlong[:, ::1]
    lengths: cython.longlong[:, ::1]
    told: list
    sums: cython.longlong[:, ::1]
    addresses: cython.longlong[:, ::1]
    announced: cython.longlong
    opening: cython.Py_ssize_t
    size: cython.Py_ssize_t

    def __init__(self, octets, fields, stores, lengths, told, sums, addresses, announced, opening):
        self.octets = octets
        self.size = len(octets)
        self.names = [name for name, _ in fields]
        self.fields = [field for _, field in fields]
        self.texts = [{} for _ in fields]
        self.stores = stores
        self.lengths = lengths
        self.told = told
        self.sums = sums
        self.addresses = addresses
        self.announced = announced
        self.opening = opening

    @cython.cfunc
    def bits(self, i: cython.Py_ssize_t, value):
        """The bits of given value `i`, as an integer; errors are raised by its field."""
        known: dict = self.texts[i]
        if type(value) is str:
            found = known.get(value)
            if found is None:
                found = self.fields[i].wire(value)
                if len(known) >= KNOWN_TEXTS:
                    known.clear()
                known[value] = found
            return found
        if type(value) is int and self.stores[i, n.W_PLAIN]:
            if 0 <= value <= self.stores[i, n.W_PLAIN]:
                return value
        return self.fields[i].wire(value)

    @cython.cfunc
    def give(
        self, values: dict, octets: cython.uchar[::1], start: cython.Py_ssize_t,
        payload_octets: cython.Py_ssize_t,
    ) -> cython.longlong:
        """Write the values and lengths of the header at `start`; what it announces."""
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        size: cython.Py_ssize_t
        length: cython.longlong
        raw: cython.longlong
        announced: cython.longlong = self.announced
        for i in range(len(self.names)):
            value = values[self.names[i]]
            size = self.stores[i, n.W_SIZE]
            if size > 8:
                wide: bytes = self.fields[i].encode(value)
                for j in range(size):
                    octets[start + self.stores[i, n.W_OFFSET] + j] = wide[j]
                continue
            bits = self.bits(i, value)
            put(octets, start + self.stores[i, n.W_OFFSET], size, self.stores[i, n.W_SHIFT],
                cython.cast(cython.ulonglong, self.stores[i, n.W_MASK]), bits)
            if i == self.opening:
                announced = bits
        for i in range(len(self.told)):
            length = self.lengths[i, n.W_HEADER]
            if self.lengths[i, n.W_PAYLOAD]:
                length += payload_octets
            length = length // self.lengths[i, n.W_DIVISOR] + self.lengths[i, n.W_ADD]
            raw = length // self.lengths[i, n.W_SCALE]
            if raw > self.lengths[i, n.W_MASK] or raw * self.lengths[i, n.W_SCALE] != length:
                raw = self.told[i].wire(length)  # which raises
            put(octets, start + self.lengths[i, n.W_OFFSET], self.lengths[i, n.W_SIZE],
                self.lengths[i, n.W_SHIFT],
                cython.cast(cython.ulonglong, self.lengths[i, n.W_MASK]), raw)
        return announced


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def seal(
    octets: cython.uchar[::1], sums: cython.longlong[:, ::1], count: cython.Py_ssize_t,
    start: cython.Py_ssize_t, end: cython.Py_ssize_t, stop: cython.Py_ssize_t,
    around: cython.ulonglong,
) -> cython.void:
    """Fill in the checksums of the header in octets start..end-1, whose payload goes to `stop`.

    `around`: the sum of the pseudo header; NO_SUM where there is none.
    """
    i: cython.Py_ssize_t
    at: cython.Py_ssize_t
    size: cython.Py_ssize_t
    last: cython.Py_ssize_t
    value: cython.ulonglong
    for i in range(count):
        at = start + sums[i, n.U_OFFSET]
        size = sums[i, n.U_SIZE]
        last = end if sums[i, n.U_HEADER] else stop
        put(octets, at, size, 0, 0xFFFFFFFF, 0)
        if sums[i, n.U_CRC]:
            value = crc_of(octets, start, last, 0)
            value = (
                ((value & 0xFF) << 24) | ((value & 0xFF00) << 8)
                | ((value >> 8) & 0xFF00) | (value >> 24)
            )
        else:
            value = 0
            if sums[i, n.U_PSEUDO]:
                if around == n.NO_SUM:
                    continue
                value = around + ((stop - start) & 0xFFFF) + ((stop - start) >> 16)
            value = 0xFFFF ^ folded(add_words(octets, start, last, value))
            if cython.cast(cython.longlong, value) == sums[i, n.U_UNSET]:
                value ^= 0xFFFF  # in ones' complement the same number
        put(octets, at, size, 0, 0xFFFFFFFF, value)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def pseudo_sum(
    octets: cython.uchar[::1], addresses: cython.longlong[:, ::1], start: cython.Py_ssize_t,
    announced: cython.longlong,
) -> cython.ulonglong:
    """The sum of the addresses of the header at `start`, and of what is announced."""
    i: cython.Py_ssize_t
    total: cython.ulonglong = announced
    for i in range(addresses.shape[0]):
        total = add_words(octets, start + addresses[i, 0], start + addresses[i, 1], total)
    return total


@cython.cfunc
def settle(
    moulds: list, values: list, i: cython.Py_ssize_t, octets: cython.uchar[::1],
    stop: cython.Py_ssize_t, start: cython.Py_ssize_t, addresses: Mould, network: cython.Py_ssize_t,
    announced: cython.longlong,
):
    """Give values to header `i` at `start` and to those inside, which end at `stop`; then seal it.

    `addresses` is what made the header around it that has some, at `network`; -1: there is none.
    """
    mould: Mould = moulds[i]
    end: cython.Py_ssize_t = start + mould.size
    here: cython.longlong = mould.give(values[i], octets, start, stop - end)
    around: cython.ulonglong = n.NO_SUM
    if i + 1 < len(moulds):
        if mould.addresses.shape[0] > 1 or mould.addresses[0, 1] > 0:
            settle(moulds, values, i + 1, octets, stop, end, mould, start, here)
        else:
            settle(moulds, values, i + 1, octets, stop, end, addresses, network, here)
    if mould.sums[0, n.U_SIZE]:
        if network >= 0 and announced >= 0:
            around = pseudo_sum(octets, addresses.addresses, network, announced)
        seal(octets, mould.sums, mould.sums.shape[0], start, end, stop, around)


@cython.cclass
class Pile:
    """Headers around each other, outermost first, and the payload of the innermost.

    A subclass says, by `_mould` and `_build`, how a mould is found that is not known yet, and how
    octets are built where a header has none.
    """

    layers = cython.declare(tuple, visibility="readonly")
    payload = cython.declare(bytes, visibility="readonly")

    def __init__(self, layers, payload=b""):
        self.layers = layers
        self.payload = payload

    def __truediv__(self, other):
        """`other` inside the innermost header; octets come after those that are there."""
        if isinstance(other, View):
            if self.payload:
                raise ValueError("a header cannot follow octets: put the octets last")
            return type(self)((*self.layers, other), b"")
        if isinstance(other, Pile):
            if self.payload:
                raise ValueError("a header cannot follow octets: put the octets last")
            return type(self)(self.layers + other.layers, other.payload)
        if isinstance(other, (bytes, bytearray, memoryview)):
            return type(self)(self.layers, self.payload + other)
        return NotImplemented

    def __bytes__(self):
        mould: Mould
        moulds: list = []
        values: list = []
        parts: list = []
        follower = None
        for header in reversed(self.layers):
            if not isinstance(header, View) or source_of(header) is not None:
                return self._build()
            given = values_of(header)
            if given is None:
                given = {}
            found = header._declaration.moulds.get((tuple(given), follower))
            if found is None:
                found = self._mould(header, given, follower)
                if found is None:
                    return self._build()
            moulds.append(found)
            values.append(given)
            follower = type(header)
        moulds.reverse()
        values.reverse()
        for mould in moulds:
            parts.append(mould.octets)
        parts.append(self.payload)
        octets = bytearray().join(parts)
        if moulds:
            settle(moulds, values, 0, octets, len(octets), 0, moulds[0], -1, -1)
        return bytes(octets)
