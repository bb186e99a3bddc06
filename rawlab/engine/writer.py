# cython: language_level=3
"""Text as octets: numbers and addresses, written one after the other into a buffer.

What does not fit sets `full` and is left out. Types stand in `writer.pxd`.
"""

import cython

ASCII = b"0123456789abcdef"
MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)


class Writer:
    """Writes into `out`, from `at` on; one writer serves one thread at a time."""

    def __init__(self):
        self.out = bytearray(1)
        self.at = 0
        self.full = False
        self.dotted = False
        self.hexadecimal = ASCII

    def put(self, octet):
        """One octet."""
        if self.at >= len(self.out):
            self.full = True
            return
        self.out[self.at] = octet
        self.at += 1

    def put_octets(self, octets, start, size):
        """`size` octets of `octets` from `start` on, which the caller has checked to be there."""
        at: cython.Py_ssize_t = self.at
        i: cython.Py_ssize_t
        if size > len(self.out) - at:
            self.full = True
            return
        for i in range(size):
            self.out[at + i] = octets[start + i]
        self.at = at + size

    def put_number(self, value, width):
        """A decimal number, with zeros before it up to `width` digits (20 at the most)."""
        digits: cython.Py_ssize_t = 1
        bound: cython.ulonglong = 10
        i: cython.Py_ssize_t
        while digits < 20 and value >= bound:
            digits += 1
            if digits < 20:
                bound *= 10
        digits = max(digits, width)
        if digits > len(self.out) - self.at:
            self.full = True
            return
        for i in range(self.at + digits - 1, self.at - 1, -1):
            self.out[i] = 48 + value % 10
            value //= 10
        self.at += digits

    def put_signed(self, value):
        """A decimal number, perhaps negative."""
        if value >= 0:
            self.put_number(value, 1)
        else:
            self.put(45)  # -
            self.put_number(cython.cast(cython.ulonglong, -(value + 1)) + 1, 1)

    def put_hexadecimal(self, value, width):
        """A number in digits of base 16, with zeros before it up to `width` of them."""
        digits: cython.Py_ssize_t = 1
        rest: cython.ulonglong = value >> 4
        i: cython.Py_ssize_t
        while rest:
            rest >>= 4
            digits += 1
        digits = max(digits, width)
        if digits > len(self.out) - self.at:
            self.full = True
            return
        for i in range(self.at + digits - 1, self.at - 1, -1):
            self.out[i] = self.hexadecimal[value & 15]
            value >>= 4
        self.at += digits

    def put_hex(self, octets, start, size):
        """Octets, two digits each."""
        i: cython.Py_ssize_t
        if size > (len(self.out) - self.at) // 2:
            self.full = True
            return
        for i in range(start, start + size):
            self.out[self.at] = self.hexadecimal[octets[i] >> 4]
            self.out[self.at + 1] = self.hexadecimal[octets[i] & 15]
            self.at += 2

    def put_mac(self, value):
        """A link-layer address of 48 bits: `02:00:00:00:00:01`."""
        i: cython.Py_ssize_t
        for i in range(6):
            if i:
                self.put(58)  # :
            self.put_hexadecimal((value >> (40 - 8 * i)) & 0xFF, 2)

    def put_ipv4(self, value):
        """An IPv4 address: `192.0.2.1`."""
        i: cython.Py_ssize_t
        for i in range(4):
            if i:
                self.put(46)  # .
            self.put_number((value >> (24 - 8 * i)) & 0xFF, 1)

    def put_ipv6(self, octets, start):
        """An IPv6 address as RFC 5952 (section 4) writes it.

        With `dotted`, the last 32 bits of one that stands for an IPv4 address are written as such.
        """
        begin: cython.Py_ssize_t = 8
        end: cython.Py_ssize_t = 8
        run: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        last: cython.Py_ssize_t = 8
        for i in range(8):  # the first of the longest runs of zeros, of two groups or more
            if octets[start + 2 * i] | octets[start + 2 * i + 1]:
                run = 0
                continue
            run += 1
            if run > 1 and (begin == 8 or run > end - begin):
                begin = i + 1 - run
                end = i + 1
        if (self.dotted and begin == 0 and end == 5
                and octets[start + 10] & octets[start + 11] == 0xFF):
            last = 6
        i = 0
        while i < last:
            if i == begin:
                self.put(58)
                if i == 0:
                    self.put(58)
                i = end
                if i == 8 and begin > 0:
                    self.put(58)
                continue
            if i and not (i == end and begin == 0):
                self.put(58)
            self.put_hexadecimal((octets[start + 2 * i] << 8) | octets[start + 2 * i + 1], 1)
            i += 1
        if last == 6:
            self.put(58)
            self.put_ipv4(
                (cython.cast(cython.ulonglong, octets[start + 12]) << 24)
                | (octets[start + 13] << 16) | (octets[start + 14] << 8) | octets[start + 15])

    def domain_name(self, octets, message, start, end, shown):
        """Read the domain name at `start` of the message from `message` to `end`.

        As DNS compresses it (RFC 1035, section 4.1.4). Returns the position after it, or -1 where
        it is damaged. Where it is `shown`, its text is written (section 5.1): not the root's.
        """
        at: cython.Py_ssize_t = start
        limit: cython.Py_ssize_t = end
        floor: cython.Py_ssize_t = start
        after: cython.Py_ssize_t = -1
        target: cython.Py_ssize_t
        length: cython.Py_ssize_t = 1
        size: cython.Py_ssize_t
        while True:
            if at >= limit:
                return -1
            size = octets[at]
            if size == 0:
                return at + 1 if after < 0 else after
            if size >= 0xC0:
                if at + 2 > limit:
                    return -1
                target = message + (((size & 0x3F) << 8) | octets[at + 1])
                if target >= floor:
                    return -1
                after = at + 2 if after < 0 else after
                at = target
                limit = floor
                floor = target
                continue
            length += size + 1
            if size >= 0x40 or length > 255 or at + 1 + size > limit:
                return -1
            if shown:
                if length > size + 2:
                    self.put(46)  # .
                self.put_label(octets, at + 1, size)
            at += 1 + size

    def put_label(self, octets, start, size):
        """A label of a domain name: what is no plain letter, digit or mark stands escaped."""
        i: cython.Py_ssize_t
        for i in range(start, start + size):
            if octets[i] == 46 or octets[i] == 92 or octets[i] <= 32 or octets[i] >= 127:
                self.put(92)  # a backslash
                if octets[i] <= 32 or octets[i] >= 127:
                    self.put_number(octets[i], 3)
                    continue
            self.put(octets[i])
