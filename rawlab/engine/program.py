# cython: language_level=3
"""Reading a header's fields one by one: an interpreter over integer tables.

A *scope* is a header or a group: a run of field rows, then perhaps variants, each a scope that
goes on where its base ended. The interpreter keeps a stack of frames, one for each group that it
is inside, and writes *spans*: which field lay where, with its value. It reads no octet outside
the bounds of its frame, writes at most MAX_SPANS spans, and stops at the first fault that leaves
it without a place to go on. Types stand in `program.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.arithmetic import join
    from cython.cimports.rawlab.engine.reader import Reader, low
else:
    from rawlab.engine import numbers as n
    from rawlab.engine.arithmetic import join
    from rawlab.engine.reader import Reader, low

MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)


class Machine(Reader):
    """Reads headers by their programs. One machine serves one thread at a time."""

    # What Python calls.

    def start(
        self,
        octets: cython.const[cython.uchar][::1],
        scope: cython.Py_ssize_t,
        start: cython.Py_ssize_t,
        limit: cython.Py_ssize_t,
        captured: cython.Py_ssize_t,
    ):
        """Read the header `scope` at octet `start`; returns DONE, FAULTED or WANTS_CUSTOM.

        It may use the octets up to `limit`; those of the packet end at `captured`.
        """
        if not 0 <= start <= limit <= captured <= len(octets):
            raise ValueError("the header lies outside the octets")
        self.octets = octets
        self.begin(scope, start, limit, captured)
        return self.run()

    def custom(self):
        """Where a custom field waits: (field row, octet, end of scope, header's first octet)."""
        row = self.frames[self.depth, n.FR_PC]
        return (row, self.cursor >> 3, self.frames[self.depth, n.FR_END],
                self.frames[0, n.FR_START] >> 3)

    def resume(self, position: cython.Py_ssize_t, value: cython.longlong):
        """The custom field ended before octet `position`; goes on."""
        row: cython.Py_ssize_t = self.frames[self.depth, n.FR_PC]
        at: cython.Py_ssize_t = self.cursor >> 3
        position = max(at, min(position, self.frames[self.depth, n.FR_END]))
        if self.emit(row, self.cursor, (position - at) * 8, value, -1) != n.DONE:
            return n.FAULTED
        self.cursor = position * 8
        self.frames[self.depth, n.FR_PC] = row + 1
        return self.run()

    def found(self):
        """The spans of the last run, rows of (field, bit, bits, parent, value, scope)."""
        for frame in range(1, self.depth + 1):  # what a fault broke off ends there
            for column in (n.FR_LIST, n.FR_SPAN):
                span = self.frames[frame, column]
                self.spans[span, n.SPAN_BITS] = self.cursor - self.spans[span, n.SPAN_BIT]
        return [tuple([self.spans[i, j] for j in range(n.SPAN_COLUMNS)])
                for i in range(self.span_count)]

    def fault_found(self):
        """The fault of the last run as (kind, field row, octet, want, got), or None."""
        if self.fault_kind == 0:
            return None
        return (self.fault_kind, self.fault_field, self.fault_at, self.fault_want, self.fault_got)

    def end(self):
        """The octet before which the last run stopped."""
        return (self.cursor + 7) >> 3

    # Running a program.

    def begin(self, scope, start, limit, captured):
        self.depth = 0
        self.span_count = 0
        self.cursor = 8 * start
        self.captured = captured
        self.fault_kind = 0
        self.fault_field = -1
        self.frames[0, n.FR_SCOPE] = scope
        self.frames[0, n.FR_PC] = self.scopes[scope, n.S_FIRST]
        self.frames[0, n.FR_LAST] = self.scopes[scope, n.S_FIRST] + self.scopes[scope, n.S_COUNT]
        self.frames[0, n.FR_START] = 8 * start
        self.frames[0, n.FR_END] = limit
        self.frames[0, n.FR_KNOWN] = 0
        self.frames[0, n.FR_PAYLOAD] = -1
        self.frames[0, n.FR_SPAN] = -1
        self.frames[0, n.FR_ROW] = -1

    def run(self):
        row: cython.Py_ssize_t
        status: cython.int
        while True:
            row = self.frames[self.depth, n.FR_PC]
            if row < self.frames[self.depth, n.FR_LAST]:
                status = self.step(row)
                if status != n.DONE:
                    return status
            else:
                status = self.leave_scope()
                if status == n.LEFT_ALL:
                    return n.DONE
                if status != n.DONE:
                    return status

    def step(self, row):
        """Read one field, and move on; an items field moves into its first item."""
        frame: cython.Py_ssize_t = self.depth
        slot: cython.Py_ssize_t = frame * n.MAX_SLOTS + self.fields[row, n.F_SLOT]
        operation: cython.longlong = self.fields[row, n.F_OP]
        status: cython.int
        self.values[slot] = 0
        self.places_read[slot] = -1
        if self.fields[row, n.F_IF_SLOT] >= 0:
            if not self.told(row, self.values[frame * n.MAX_SLOTS + self.fields[row, n.F_IF_SLOT]]):
                self.frames[frame, n.FR_PC] = row + 1
                return n.DONE
        elif self.fields[row, n.F_WHEN] >= 0:
            if self.evaluate(self.fields[row, n.F_WHEN], 0, self.frames[frame, n.FR_END]) == 0:
                if self.error:
                    return self.fault(self.error, row, self.cursor >> 3, 0, 0)
                self.frames[frame, n.FR_PC] = row + 1
                return n.DONE
        if operation == n.CUSTOM:
            return n.WANTS_CUSTOM
        if operation == n.ITEMS or operation == n.ONE:
            self.frames[frame, n.FR_PC] = row + 1
            return self.open_items(row)
        if operation == n.INTEGER:
            status = self.read_integer(row)
        elif operation == n.OVERLAY:
            status = self.read_overlay(row)
        elif operation == n.UNTIL:
            status = self.read_until(row)
        elif operation == n.VARINT_QUIC or operation == n.VARINT_LEB128:
            status = self.read_varint(row)
        else:
            status = self.read_octets(row)
        self.frames[frame, n.FR_PC] = row + 1
        return status

    def even(self):
        """Whether the fields found have lengths that follow from the header's prefix alone."""
        i: cython.Py_ssize_t
        for i in range(self.span_count):
            if not self.fields[self.spans[i, n.SPAN_FIELD], n.F_EVEN]:
                return False
        return True

    def told(self, row, value):
        """Whether a field is there, by the value of the one field that its condition is about."""
        one: cython.ulonglong = 1
        among: cython.ulonglong = self.fields[row, n.F_SET]
        if among:
            return 0 <= value < 63 and (among >> value) & one
        return self.fields[row, n.F_LEAST] <= value <= self.fields[row, n.F_MOST]

    def read_integer(self, row):
        width: cython.Py_ssize_t = self.fields[row, n.F_BITS]
        size: cython.Py_ssize_t = self.fields[row, n.F_LITTLE]
        before: cython.Py_ssize_t = self.fields[row, n.F_BEFORE]
        bit: cython.Py_ssize_t = self.cursor
        raw: cython.ulonglong
        if size:
            if self.needs(row, 8 * size - before):
                return n.FAULTED
            raw = low(self.word((bit - before) >> 3, size) >> before, width)
        else:
            if self.needs(row, width):
                return n.FAULTED
            raw = self.bits(bit, width)
        self.cursor = bit + width
        return self.keep_integer(row, bit, width, raw)

    def read_overlay(self, row):
        width: cython.Py_ssize_t = self.fields[row, n.F_BITS]
        size: cython.Py_ssize_t = self.fields[row, n.F_LITTLE]
        bit: cython.Py_ssize_t = self.places_read[
            self.depth * n.MAX_SLOTS + self.fields[row, n.F_OVER]]
        raw: cython.ulonglong
        if bit < 0:
            return n.DONE
        if size:
            bit -= self.fields[row, n.F_SHIFT]
            raw = low(self.word(bit >> 3, size) >> self.fields[row, n.F_BEFORE], width)
            return self.keep_integer(row, bit + self.fields[row, n.F_BEFORE], width, raw)
        bit += self.fields[row, n.F_SHIFT]
        return self.keep_integer(row, bit, width, self.bits(bit, width))

    def keep_integer(self, row, bit, width, raw):
        """Note an integer's span and value, and do what the value asks for."""
        slot: cython.Py_ssize_t = self.depth * n.MAX_SLOTS + self.fields[row, n.F_SLOT]
        value: cython.longlong = self.number(raw, width, self.fields[row, n.F_SIGNED])
        shown: cython.longlong = value
        if raw > MOST:
            shown = cython.cast(cython.longlong, raw - MOST - 1) - MOST - 1  # the bit pattern
        if self.fields[row, n.F_SCALE] != 1:
            value = join(n.MUL, value, self.fields[row, n.F_SCALE])
            shown = value
        self.values[slot] = value
        self.places_read[slot] = bit
        if self.emit(row, bit, width, shown, -1):
            return n.FAULTED
        return self.obey(row, value)

    def obey(self, row, value):
        """Hold the value against its bounds, and narrow the end of what it is the length of."""
        frame: cython.Py_ssize_t = self.depth
        role: cython.longlong = self.fields[row, n.F_ROLE]
        at: cython.Py_ssize_t = (self.cursor - self.fields[row, n.F_BITS]) >> 3
        end: cython.Py_ssize_t = self.frames[frame, n.FR_END]
        start: cython.Py_ssize_t = self.frames[frame, n.FR_START] >> 3
        if self.fields[row, n.F_CHECKED]:
            if value < self.fields[row, n.F_MINIMUM]:
                self.note(n.LENGTH if role else n.VALUE, row, at,
                          self.fields[row, n.F_MINIMUM], value)
                if role or self.fields[row, n.F_VITAL]:
                    return self.stop_here()
            elif value > self.fields[row, n.F_MAXIMUM]:
                self.note(n.VALUE, row, at, self.fields[row, n.F_MAXIMUM], value)
                if self.fields[row, n.F_VITAL]:
                    return self.stop_here()
        if self.fields[row, n.F_REQUIRE] >= 0:
            if self.evaluate(self.fields[row, n.F_REQUIRE], start, end) == 0:
                self.note(n.VALUE, row, at, 1, value)
        if role == n.ROLE_NONE or value == self.fields[row, n.F_UNLESS]:
            return n.DONE
        value = join(n.ADD, join(n.MUL, value, self.fields[row, n.F_FACTOR]),
                     self.fields[row, n.F_ADD])
        if role == n.ROLE_PAYLOAD:
            self.frames[frame, n.FR_PAYLOAD] = value
            return n.DONE
        if frame == 0 and role == n.ROLE_TOTAL:
            return n.DONE  # the layer walk has narrowed the end
        if start + value < (self.cursor + 7) >> 3:
            return self.fault(n.LENGTH, row, at, ((self.cursor + 7) >> 3) - start, value)
        if start + value > end:
            if frame == 0:
                return n.DONE  # the field that does not fit tells
            return self.fault(self.lacking(end), row, at, value, end - start)
        self.frames[frame, n.FR_END] = start + value
        self.frames[frame, n.FR_KNOWN] = 1
        return n.DONE

    def stop_here(self):
        """Nothing is read after this field but what shares its octet, as in a fixed place."""
        if self.depth > 0 or self.cursor & 7 == 0:
            return n.FAULTED
        self.frames[0, n.FR_END] = (self.cursor + 7) >> 3
        return n.DONE

    def read_octets(self, row):
        """Octets by length, the rest, or padding to a boundary."""
        frame: cython.Py_ssize_t = self.depth
        at: cython.Py_ssize_t = self.cursor >> 3
        end: cython.Py_ssize_t = self.frames[frame, n.FR_END]
        length: cython.longlong = end - at
        if self.fields[row, n.F_OP] == n.ALIGNMENT:
            length = at - (self.frames[frame, n.FR_START] >> 3)
            length = -length & (self.fields[row, n.F_ALIGN] - 1)
            length = min(length, end - at)
        elif self.fields[row, n.F_BY] == n.BY_LENGTH:
            length = self.evaluate(self.fields[row, n.F_LENGTH], 0, end)
        elif self.fields[row, n.F_BY] == n.BY_END:
            length = self.evaluate(self.fields[row, n.F_LENGTH], 0, end)
            length = join(n.ADD, length, (self.frames[frame, n.FR_START] >> 3) - at)
        if self.fields[row, n.F_LENGTH] >= 0 and self.error:
            return self.fault(self.error, row, at, 0, 0)
        if length < 0:
            return self.fault(n.LENGTH, row, at, 0, length)
        if length > end - at:
            return self.fault(self.lacking(end), row, at, length, end - at)
        self.cursor = 8 * (at + length)
        return self.emit(row, 8 * at, 8 * length, length, -1)

    def read_until(self, row):
        """Octets up to a delimiter, which is passed over."""
        at: cython.Py_ssize_t = self.cursor >> 3
        end: cython.Py_ssize_t = self.frames[self.depth, n.FR_END]
        size: cython.Py_ssize_t = self.fields[row, n.F_BITS]
        here: cython.Py_ssize_t = at
        while here + size <= end:
            if self.bits(8 * here, 8 * size) == self.fields[row, n.F_LENGTH]:
                self.cursor = 8 * (here + size)
                return self.emit(row, 8 * at, 8 * (here + size - at), here - at, -1)
            here += 1
        return self.fault(self.lacking(end), row, at, end - at + size, end - at)

    def read_varint(self, row):
        """An integer of varying length: QUIC's (RFC 9000, 16) or LEB128."""
        at: cython.Py_ssize_t = self.cursor >> 3
        end: cython.Py_ssize_t = self.frames[self.depth, n.FR_END]
        slot: cython.Py_ssize_t = self.depth * n.MAX_SLOTS + self.fields[row, n.F_SLOT]
        size: cython.Py_ssize_t = 1
        value: cython.longlong = 0
        i: cython.Py_ssize_t
        if self.needs(row, 8):
            return n.FAULTED
        if self.fields[row, n.F_OP] == n.VARINT_QUIC:
            size = 1 << (self.octets[at] >> 6)
            if self.needs(row, 8 * size):
                return n.FAULTED
            value = self.bits(8 * at + 2, 8 * size - 2)
        else:
            while self.octets[at + size - 1] & 0x80:
                size += 1
                if size > 9:
                    return self.fault(n.OVERFLOW, row, at, 9, size)
                if at + size > end:
                    return self.fault(self.lacking(end), row, at, size, end - at)
            for i in range(size - 1, -1, -1):
                value = (value << 7) | (self.octets[at + i] & 0x7F)
        self.values[slot] = value
        self.cursor = 8 * (at + size)
        return self.emit(row, 8 * at, 8 * size, value, -1)

    # Groups.

    def open_items(self, row):
        """Begin a list of items, or a single one, in a frame of its own."""
        frame: cython.Py_ssize_t = self.depth
        at: cython.Py_ssize_t = self.cursor >> 3
        start: cython.Py_ssize_t = self.frames[frame, n.FR_START] >> 3
        end: cython.Py_ssize_t = self.frames[frame, n.FR_END]
        by: cython.longlong = self.fields[row, n.F_BY]
        left: cython.longlong = 1 if self.fields[row, n.F_OP] == n.ONE else -1
        given: cython.longlong = 0
        if by != n.BY_REST:
            given = self.evaluate(self.fields[row, n.F_LENGTH], start, end)
            if self.error:
                return self.fault(self.error, row, at, 0, 0)
        if by == n.BY_COUNT:
            left = given
        elif by == n.BY_END:
            given = given - (at - start)
        if given < 0:
            return self.fault(n.LENGTH, row, at, 0, given)
        if by == n.BY_LENGTH or by == n.BY_END:
            if given > end - at:
                return self.fault(self.lacking(end), row, at, given, end - at)
            end = at + given
        if self.emit(row, self.cursor, 0, 0, -1):
            return n.FAULTED
        if frame == n.MAX_DEPTH:
            return self.fault(n.LIMIT, row, at, n.MAX_DEPTH, n.MAX_DEPTH + 1)
        self.depth = frame + 1
        self.frames[frame + 1, n.FR_ROW] = row
        self.frames[frame + 1, n.FR_LIST] = self.span_count - 1
        self.frames[frame + 1, n.FR_SPAN] = self.span_count - 1
        self.frames[frame + 1, n.FR_LIST_START] = at
        self.frames[frame + 1, n.FR_LIST_END] = end
        self.frames[frame + 1, n.FR_LEFT] = left
        return self.enter_item()

    def enter_item(self):
        """Begin the next item of the list, or end the list."""
        frame: cython.Py_ssize_t = self.depth
        row: cython.Py_ssize_t = self.frames[frame, n.FR_ROW]
        items: cython.Py_ssize_t = self.frames[frame, n.FR_LIST]
        scope: cython.Py_ssize_t = self.fields[row, n.F_GROUP]
        end: cython.Py_ssize_t = self.frames[frame, n.FR_LIST_END]
        left: cython.longlong = self.frames[frame, n.FR_LEFT]
        if left == 0 or (left < 0 and self.cursor >= 8 * end):
            self.spans[items, n.SPAN_BITS] = self.cursor - self.spans[items, n.SPAN_BIT]
            self.depth = frame - 1
            return n.DONE
        if left > 0:
            self.frames[frame, n.FR_LEFT] = left - 1
        self.spans[items, n.SPAN_VALUE] += 1
        if self.span_count == n.MAX_SPANS:
            return self.fault(n.LIMIT, row, self.cursor >> 3, n.MAX_SPANS, n.MAX_SPANS + 1)
        self.spans[self.span_count, n.SPAN_FIELD] = row
        self.spans[self.span_count, n.SPAN_BIT] = self.cursor
        self.spans[self.span_count, n.SPAN_BITS] = 0
        self.spans[self.span_count, n.SPAN_PARENT] = items
        self.spans[self.span_count, n.SPAN_VALUE] = 0
        self.spans[self.span_count, n.SPAN_SCOPE] = scope
        self.frames[frame, n.FR_SPAN] = self.span_count
        self.span_count += 1
        self.frames[frame, n.FR_SCOPE] = scope
        self.frames[frame, n.FR_PC] = self.scopes[scope, n.S_FIRST]
        self.frames[frame, n.FR_LAST] = (
            self.scopes[scope, n.S_FIRST] + self.scopes[scope, n.S_COUNT])
        self.frames[frame, n.FR_START] = self.cursor
        self.frames[frame, n.FR_END] = end
        self.frames[frame, n.FR_KNOWN] = 0
        self.frames[frame, n.FR_PAYLOAD] = -1
        return n.DONE

    def leave_scope(self):
        """A scope's last field is read: go on in its variant, or leave the item."""
        frame: cython.Py_ssize_t = self.depth
        scope: cython.Py_ssize_t = self.frames[frame, n.FR_SCOPE]
        at: cython.Py_ssize_t = (self.cursor + 7) >> 3
        end: cython.Py_ssize_t = self.frames[frame, n.FR_END]
        length: cython.longlong = self.frames[frame, n.FR_PAYLOAD]
        row: cython.Py_ssize_t
        i: cython.Py_ssize_t
        if frame > 0 and length >= 0:
            self.frames[frame, n.FR_PAYLOAD] = -1
            if length > end - at:
                return self.fault(
                    self.lacking(end), self.frames[frame, n.FR_ROW], at, length, end - at)
            self.frames[frame, n.FR_END] = at + length
            self.frames[frame, n.FR_KNOWN] = 1
        for i in range(self.scopes[scope, n.S_VARIANT_COUNT]):
            row = self.scopes[scope, n.S_VARIANTS] + i
            if self.evaluate(self.variants[row, n.V_WHEN], 0, self.frames[frame, n.FR_END]):
                scope = self.variants[row, n.V_SCOPE]
                self.frames[frame, n.FR_SCOPE] = scope
                self.frames[frame, n.FR_PC] = self.scopes[scope, n.S_FIRST]
                self.frames[frame, n.FR_LAST] = (
                    self.scopes[scope, n.S_FIRST] + self.scopes[scope, n.S_COUNT])
                if frame > 0:
                    self.spans[self.frames[frame, n.FR_SPAN], n.SPAN_SCOPE] = scope
                return n.DONE
        if frame == 0:
            return n.LEFT_ALL
        return self.leave_item()

    def leave_item(self):
        """Keep what the item's fields left over, pass over its padding, and go to the next."""
        frame: cython.Py_ssize_t = self.depth
        span: cython.Py_ssize_t = self.frames[frame, n.FR_SPAN]
        row: cython.Py_ssize_t = self.frames[frame, n.FR_ROW]
        rest: cython.Py_ssize_t = self.scopes[self.frames[frame, n.FR_SCOPE], n.S_REST]
        end: cython.Py_ssize_t = self.frames[frame, n.FR_END]
        align: cython.Py_ssize_t = self.fields[row, n.F_ALIGN]
        at: cython.Py_ssize_t = (self.cursor + 7) >> 3
        if self.frames[frame, n.FR_KNOWN] and end > at:
            if rest >= 0 and self.emit(rest, 8 * at, 8 * (end - at), end - at, -1):
                return n.FAULTED
            at = end
        self.cursor = 8 * at
        self.spans[span, n.SPAN_BITS] = self.cursor - self.spans[span, n.SPAN_BIT]
        if self.fields[row, n.F_LAST] >= 0:
            if self.evaluate(self.fields[row, n.F_LAST], 0, end):
                self.frames[frame, n.FR_LEFT] = 0
        if self.spans[span, n.SPAN_BITS] == 0:
            return self.fault(n.PROGRESS, row, at, 1, 0)
        if align > 1:
            at += -(at - self.frames[frame, n.FR_LIST_START]) & (align - 1)
            self.cursor = 8 * min(at, self.frames[frame, n.FR_LIST_END])
        return self.enter_item()
