# cython: language_level=3
"""What reading a field takes: integers of any width, expressions, spans and faults.

Types stand in `reader.pxd`. No method looks outside the octets that its caller has checked.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.arithmetic import join, trouble
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.arithmetic import join, trouble

MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)


def low(raw, width):
    """The `width` lowest bits of `raw`."""
    ones: cython.ulonglong = 1
    if width >= 64:
        return raw
    return raw & ((ones << width) - 1)


def table(rows: cython.Py_ssize_t, columns: cython.Py_ssize_t):
    """An empty table of int64."""
    rows = max(rows, 1)
    return memoryview(bytearray(8 * rows * columns)).cast("q", shape=[rows, columns])


def flat(rows):
    """A table as one row after the other."""
    return rows.cast("B").cast("q")


class Reader:
    """Holds the tables and the working memory of reading headers by their programs."""

    def __init__(self, tables):
        self.code = tables.code
        self.fields = tables.fields
        self.scopes = tables.scopes
        self.variants = tables.variants
        self.places = flat(tables.places)
        self.octets = b""
        self.values = memoryview(bytearray(8 * n.MAX_SLOTS * (n.MAX_DEPTH + 1))).cast("q")
        self.places_read = memoryview(bytearray(8 * n.MAX_SLOTS * (n.MAX_DEPTH + 1))).cast("q")
        self.stack = memoryview(bytearray(8 * (n.STACK + 2))).cast("q")
        self.frames = table(n.MAX_DEPTH + 1, n.FRAME_COLUMNS)
        self.spans = table(n.MAX_SPANS, n.SPAN_COLUMNS)
        self.depth = 0
        self.span_count = 0
        self.cursor = 0
        self.captured = 0
        self.error = 0
        self.fault_kind = 0
        self.fault_field = -1
        self.fault_at = 0
        self.fault_want = 0
        self.fault_got = 0

    # Integers.

    def word(self, octet, size):
        """The little-endian integer of `size` octets (at most 8) at `octet`."""
        value: cython.ulonglong = 0
        i: cython.Py_ssize_t
        for i in range(size - 1, -1, -1):
            value = (value << 8) | self.octets[octet + i]
        return value

    def bits(self, bit, width):
        """The big-endian integer of `width` bits (at most 64) from `bit` on."""
        value: cython.ulonglong = 0
        take: cython.Py_ssize_t
        piece: cython.ulonglong
        while width > 0:
            take = min(8 - (bit & 7), width)
            piece = (self.octets[bit >> 3] >> (8 - (bit & 7) - take)) & ((1 << take) - 1)
            value = (value << take) | piece
            bit += take
            width -= take
        return value

    def number(self, raw, width, signed):
        """`raw` of `width` bits as a signed number; what 63 bits cannot hold saturates."""
        half: cython.ulonglong = 1
        half = half << (width - 1)
        if signed and raw >= half:
            return -cython.cast(cython.longlong, min(half - (raw - half), MOST))
        if raw > MOST:
            return MOST
        return cython.cast(cython.longlong, raw)

    def place(self, row, start, end):
        """The value at a place of the header that begins at `start`; 0 where it is cut off."""
        at: cython.Py_ssize_t = start + self.places[row + n.P_OFFSET]
        size: cython.Py_ssize_t = self.places[row + n.P_SIZE]
        width: cython.Py_ssize_t = self.places[row + n.P_BITS]
        raw: cython.ulonglong
        if at + size > end:
            return 0
        if self.places[row + n.P_LITTLE]:
            raw = self.word(at, size) >> self.places[row + n.P_SHIFT]
            raw = low(raw, width)
        else:
            raw = self.bits(8 * (at + size) - self.places[row + n.P_SHIFT] - width, width)
        return join(n.MUL, self.number(raw, width, self.places[row + n.P_SIGNED]),
                    self.places[row + n.P_SCALE])

    # Expressions.

    def evaluate(self, at, start, end):
        """The value of the code at `at`, for a header that begins at `start`; notes self.error."""
        top: cython.Py_ssize_t = 0
        base: cython.Py_ssize_t = self.depth * n.MAX_SLOTS
        operation: cython.longlong
        argument: cython.longlong
        self.error = 0
        while True:
            operation = self.code[at]
            argument = self.code[at + 1]
            at += 2
            if operation == n.END:
                return self.stack[0]
            if operation == n.PUSH:
                self.stack[top] = argument
            elif operation == n.SLOT:
                self.stack[top] = self.values[base + argument]
            elif operation == n.PLACE:
                self.stack[top] = self.place(argument, start, end)
            elif operation == n.REMAIN:
                self.stack[top] = end - ((self.cursor + 7) >> 3)
            else:
                top -= 2
                if trouble(operation, self.stack[top], self.stack[top + 1]):
                    self.error = trouble(operation, self.stack[top], self.stack[top + 1])
                self.stack[top] = join(operation, self.stack[top], self.stack[top + 1])
            top += 1

    # Spans and faults.

    def emit(self, row, bit, width, value, scope):
        """Write a span; FAULTED where there are too many."""
        at: cython.Py_ssize_t = self.span_count
        if at == n.MAX_SPANS:
            return self.fault(n.LIMIT, row, bit >> 3, n.MAX_SPANS, n.MAX_SPANS + 1)
        self.spans[at, n.SPAN_FIELD] = row
        self.spans[at, n.SPAN_BIT] = bit
        self.spans[at, n.SPAN_BITS] = width
        self.spans[at, n.SPAN_PARENT] = self.frames[self.depth, n.FR_SPAN]
        self.spans[at, n.SPAN_VALUE] = value
        self.spans[at, n.SPAN_SCOPE] = scope
        self.span_count = at + 1
        return n.DONE

    def needs(self, row, width):
        """FAULTED where fewer than `width` bits are left in the frame."""
        end: cython.Py_ssize_t = self.frames[self.depth, n.FR_END]
        at: cython.Py_ssize_t = self.cursor >> 3
        if self.cursor + width <= 8 * end:
            return n.DONE
        width = ((self.cursor + width + 7) >> 3) - at
        return self.fault(self.lacking(end), row, at, width, end - at)

    def lacking(self, end):
        """Why octets are missing at `end`: the capture stops there, or a length says so."""
        return n.TRUNCATED if end == self.captured else n.OVERRUN

    def note(self, kind, row, at, want, got):
        """Remember a fault, unless there was one before."""
        if self.fault_kind == 0:
            self.fault_kind = kind
            self.fault_field = row
            self.fault_at = at
            self.fault_want = want
            self.fault_got = got

    def fault(self, kind, row, at, want, got):
        """Remember a fault that nothing can be read after."""
        self.note(kind, row, at, want, got)
        return n.FAULTED
