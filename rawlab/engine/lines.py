# cython: language_level=3
"""Lines of text for the packets of a batch, by line programs: steps for each stack of headers.

A packet is told here only if nothing is wrong with it, and if its stack has steps; writing stops
at every other packet, for others to tell it. Types stand in `lines.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import line_codes as c
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.line_head import LineHead
    from cython.cimports.rawlab.engine.program import Machine
else:
    from rawlab.engine import line_codes as c
    from rawlab.engine import numbers as n
    from rawlab.engine.line_head import LineHead
    from rawlab.engine.program import Machine

from rawlab.engine.reader import flat

MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def load(
    octets: cython.const[cython.uchar][::1],
    at: cython.Py_ssize_t,
    size: cython.Py_ssize_t,
    little: cython.longlong,
) -> cython.ulonglong:
    """The integer of `size` octets at `at`."""
    value: cython.ulonglong = 0
    i: cython.Py_ssize_t
    if little:
        for i in range(size - 1, -1, -1):
            value = (value << 8) | octets[at + i]
    else:
        for i in range(size):
            value = (value << 8) | octets[at + i]
    return value


class Liner(LineHead):
    """Writes the lines of one printer; it serves one thread at a time.

    The octets of its buffer are given with each batch, its programs whenever there are more.
    """

    def __init__(self, tables, plain, domains, stamp, digits, dotted):
        """How headers are read, and how times and addresses are written.

        `plain[header]`: no fault can be in a header of just its fixed prefix that the layer walk
        has not found. `domains[row]`: a custom field is a domain name.
        """
        LineHead.__init__(self, stamp, digits)
        self.machine = Machine(tables)
        self.headers = flat(tables.headers)
        self.dotted = dotted
        self.plain = plain
        self.domains = domains
        self.words = b" of  octets"
        self.any = False
        self.current = -1
        self.mark = 0

    def learn(self, nodes, steps, names, texts):
        """The programs from now on."""
        self.nodes = nodes
        self.steps = steps
        self.names = names
        self.texts = texts

    def look_at(self, octets, index, begins, layers, faulty, out):
        """The packets are these from now on, and lines go to `out`.

        `begins` and `layers` are what the layer walk found; `faulty[p]` is not 0 where it found
        something wrong with packet p.
        """
        self.octets = octets
        self.index = index
        self.begins = begins
        self.layers = layers
        self.faulty = faulty
        self.out = out
        self.machine.octets = octets

    def tell_any(self):
        """Lines are rows of cells, for packets with faults too, and have no beginnings."""
        self.any = True

    def let_go(self):
        """The packets' octets are no longer looked at."""
        self.octets = b""
        self.machine.octets = self.octets

    def write(self, first: cython.Py_ssize_t, count: cython.Py_ssize_t):
        """Write the lines of packets from `first` on, to the one before `count` at the most.

        Returns (the packet before which it stopped, octets written, why it stopped).
        """
        p: cython.Py_ssize_t = first
        stop: cython.Py_ssize_t = 0
        why: cython.int = c.ALL
        referred: cython.bint
        reference: cython.longlong
        self.at = 0
        with cython.nogil:
            while p < count:
                referred = self.referred
                reference = self.reference
                self.full = False
                why = self.line(p)
                if why == c.ALL and self.full:
                    why = c.FULL
                if why != c.ALL:
                    self.referred = referred
                    self.reference = reference
                    break
                stop = self.at
                p += 1
        return p, stop, why

    def line(self, p):
        """The line of one packet; ALL, or why it cannot be written."""
        node: cython.Py_ssize_t = self.find(p)
        why: cython.int
        if self.faulty[p] and not self.any:
            return c.LEFT
        if node < 0:
            return c.STRANGE
        if self.nodes[node + c.N_FIRST] < 0:
            return c.STRANGE if self.nodes[node + c.N_FIRST] == c.UNKNOWN else c.LEFT
        self.current = -1
        if not self.any:
            if not self.sound(p):
                return c.LEFT
            why = self.head(p)
            if why != c.ALL:
                return why
        if not self.tell(p, self.nodes[node + c.N_FIRST], self.nodes[node + c.N_LAST]):
            return c.LEFT
        self.put(10)
        return c.ALL

    def find(self, p):
        """Where the node of a packet's stack begins, or -1."""
        at: cython.Py_ssize_t
        node: cython.Py_ssize_t = 0
        header: cython.longlong
        for at in range(self.begins[p], self.begins[p + 1]):
            header = self.layers[at, n.L_HEADER]
            node = self.nodes[node + c.N_CHILD] * c.NODE_COLUMNS
            while node > 0 and self.nodes[node + c.N_HEADER] != header:
                node = self.nodes[node + c.N_SIBLING] * c.NODE_COLUMNS
            if node <= 0:
                return -1
        return node

    def sound(self, p):
        """Whether all headers are whole, and nothing is wrong inside of them."""
        at: cython.Py_ssize_t
        header: cython.Py_ssize_t
        size: cython.Py_ssize_t
        fixed: cython.Py_ssize_t
        for at in range(self.begins[p], self.begins[p + 1]):
            header = self.layers[at, n.L_HEADER]
            size = self.layers[at, n.L_END] - self.layers[at, n.L_START]
            fixed = self.headers[header * n.HEADER_COLUMNS + n.H_FIXED]
            if size < fixed:
                return False
            if size > fixed or not self.plain[header]:
                if not self.look_into(p, at):
                    return False
        return True

    def look_into(self, p, at):
        """Run the program of the header in a layer row; whether nothing is wrong."""
        scope: cython.Py_ssize_t
        status: cython.int
        if self.current == at:
            return True
        self.current = -1
        scope = self.headers[self.layers[at, n.L_HEADER] * n.HEADER_COLUMNS + n.H_SCOPE]
        self.machine.begin(scope, self.layers[at, n.L_START], self.layers[at, n.L_LIMIT],
                           self.index[n.OFFSET, p] + self.index[n.CAPLEN, p])
        status = self.machine.run()
        while status == n.WANTS_CUSTOM:
            status = self.pass_name(self.layers[at, n.L_START])
        if status != n.DONE or self.machine.fault_kind:
            return False
        self.current = at
        return True

    def pass_name(self, message):
        """Read the domain name at which the machine waits, and go on; FAULTED where it is none."""
        frame: cython.Py_ssize_t = self.machine.depth
        row: cython.Py_ssize_t = self.machine.frames[frame, n.FR_PC]
        at: cython.Py_ssize_t = self.machine.cursor >> 3
        after: cython.Py_ssize_t
        if not self.domains[row]:
            return n.FAULTED
        after = self.domain_name(
            self.octets, message, at, self.machine.frames[frame, n.FR_END], False)
        if after < 0 or self.machine.emit(
            row, self.machine.cursor, 8 * (after - at), 0, -1) != n.DONE:
            return n.FAULTED
        self.machine.cursor = 8 * after
        self.machine.frames[frame, n.FR_PC] = row + 1
        return self.machine.run()

    # The steps.

    def tell(self, p, first, last):
        """Take the steps of a program; whether they could tell the packet."""
        step: cython.Py_ssize_t = first
        s: cython.Py_ssize_t
        op: cython.longlong
        told: cython.int
        while step < last:
            s = step * c.STEP_COLUMNS
            op = self.steps[s + c.S_OP]
            step += 1
            if op == c.VALUE or op == c.JOINED:
                told = self.value(p, s)
                if told < 0:
                    return False
                if told:
                    step = self.steps[s + c.S_NEXT]
            elif op == c.LITERAL:
                self.before(s)
            elif op == c.SUMMARY:
                self.put(32)
                self.mark = self.at
            elif op == c.SUMMARY_END:
                self.strip()
            elif op == c.OCTETS:
                self.put_size(p)
            elif op == c.CELL:
                self.mark = self.at
            elif op == c.INDEX:
                self.put_signed(self.index[self.steps[s + c.S_OFFSET], p])
            elif op == c.PACKET_NUMBER:
                self.put_packet_number(p)
            elif not self.put_seconds(self.index[n.TIME_NS, p], 9):
                return False
        return True

    def before(self, s):
        """The text before the value of a step."""
        if self.steps[s + c.S_OP] == c.JOINED and self.at == self.mark:
            return
        self.put_octets(
            self.texts, self.steps[s + c.S_BEFORE], self.steps[s + c.S_BEFORE_SIZE])

    def strip(self):
        """Take the blanks at both ends off the summary that began at `mark`."""
        start: cython.Py_ssize_t = self.mark
        i: cython.Py_ssize_t
        while self.at > start and self.out[self.at - 1] == 32:
            self.at -= 1
        while start < self.at and self.out[start] == 32:
            start += 1
        if start == self.at:
            self.at = self.mark - 1 if self.mark > 0 else 0
        elif start > self.mark:
            for i in range(start, self.at):
                self.out[self.mark + i - start] = self.out[i]
            self.at -= start - self.mark

    def put_size(self, p):
        """How many octets the packet has, and how many of them were captured."""
        self.put(44)
        self.put(32)
        if self.index[n.CAPLEN, p] != self.index[n.WIRE_LENGTH, p]:
            self.put_signed(self.index[n.CAPLEN, p])
            self.put_octets(self.words, 0, 4)
        self.put_signed(self.index[n.WIRE_LENGTH, p])
        self.put_octets(self.words, 4, 7)

    def value(self, p, s):
        """The value of a step, with the text around it: 1; 0 where it is absent; -1: cannot."""
        row: cython.Py_ssize_t = self.begins[p] + self.steps[s + c.S_LAYER]
        at: cython.Py_ssize_t = self.at
        told: cython.int
        if self.steps[s + c.S_FROM] == c.FROM_PLACE:
            return self.placed(s, self.layers[row, n.L_START], self.layers[row, n.L_END])
        if not self.look_into(p, row):
            return -1
        self.before(s)
        if self.steps[s + c.S_FROM] == c.FROM_FIELD:
            told = self.field(s, row)
        else:
            told = self.groups(s, row)
        if told > 0:
            self.after(s)
        else:
            self.at = at
        return told

    def placed(self, s, start, end):
        """The value at a fixed place of the header from `start` to `end`."""
        form: cython.longlong = self.steps[s + c.S_FORM]
        size: cython.Py_ssize_t = self.steps[s + c.S_SIZE]
        number: cython.ulonglong
        start += self.steps[s + c.S_OFFSET]
        if start + size > end:
            return 0
        self.before(s)
        if form == c.IPV6:
            self.put_ipv6(self.octets, start)
        else:
            number = load(self.octets, start, size, self.steps[s + c.S_LITTLE])
            number = (number >> self.steps[s + c.S_SHIFT]) & cython.cast(
                cython.ulonglong, self.steps[s + c.S_MASK])
            self.put_value(s, form, number * self.steps[s + c.S_SCALE])
        self.after(s)
        return 1

    def field(self, s, row):
        """The value of a field of the header in a layer row, which `look_into` has read."""
        span: cython.Py_ssize_t = self.span_of(
            self.steps[s + c.S_OFFSET], self.layers[row, n.L_END])
        return 0 if span < 0 else self.put_span(s, row, span)

    def groups(self, s, row):
        """The values of a field of all groups in a list, with commas between."""
        at: cython.Py_ssize_t = self.at
        group: cython.Py_ssize_t = -1
        some: cython.bint = False
        span: cython.Py_ssize_t
        items: cython.Py_ssize_t = self.span_of(
            self.steps[s + c.S_OFFSET], self.layers[row, n.L_END])
        if items < 0:
            return 0
        for span in range(items + 1, self.machine.span_count):
            if self.machine.spans[span, n.SPAN_PARENT] == items:
                group = span
            elif group >= 0 and self.machine.spans[span, n.SPAN_PARENT] == group and (
                self.machine.spans[span, n.SPAN_FIELD] == self.steps[s + c.S_INSIDE]
            ):
                if some:
                    self.put(44)
                    self.put(32)
                if self.put_span(s, row, span) < 0:
                    return -1
                some = True
        return 1 if self.at > at else 0

    def put_span(self, s, row, span):
        """The value at a span of the header in a layer row: 1; 0 where it is empty; -1: cannot."""
        form: cython.longlong = self.steps[s + c.S_FORM]
        value: cython.longlong = self.machine.spans[span, n.SPAN_VALUE]
        start: cython.Py_ssize_t = self.machine.spans[span, n.SPAN_BIT] >> 3
        limit: cython.Py_ssize_t = self.layers[row, n.L_LIMIT]
        number: cython.ulonglong
        if form == c.DOMAIN:
            return self.put_domain(s, self.layers[row, n.L_START], start, limit)
        if form == c.IPV6:
            if start + 16 > limit:
                return -1
            self.put_ipv6(self.octets, start)
            return 1
        if form == c.TEXT or form == c.HEX:
            if value < 0 or start + value > limit:
                return -1
            if form == c.HEX:
                self.put_hex(self.octets, start, value)
            elif not self.put_text(start, value):
                return -1
            return 1 if value else 0
        if value < 0 and self.steps[s + c.S_SIGNED]:
            self.put_negative(s, value)
            return 1
        number = cython.cast(cython.ulonglong, value & MOST)
        if value < 0:  # the bit pattern of a number that 63 bits do not hold
            number += MOST
            number += 1
        self.put_value(s, form, number)
        return 1

    def put_domain(self, s, message, start, limit):
        """A domain name; the root by its own name."""
        if start < limit and self.octets[start] == 0:
            self.put_name(self.steps[s + c.S_NAME])
            return 1
        return 1 if self.domain_name(self.octets, message, start, limit, True) >= 0 else -1

    def after(self, s):
        """The text after the value of a step."""
        self.put_octets(self.texts, self.steps[s + c.S_AFTER], self.steps[s + c.S_AFTER_SIZE])

    def span_of(self, field, end):
        """The span of a header's own field, if that lies before octet `end`; else -1."""
        i: cython.Py_ssize_t
        for i in range(self.machine.span_count):
            if self.machine.spans[i, n.SPAN_FIELD] == field and (
                self.machine.spans[i, n.SPAN_PARENT] < 0
            ):
                if (self.machine.spans[i, n.SPAN_BIT] + self.machine.spans[i, n.SPAN_BITS]
                        + 7) >> 3 > end:
                    return -1
                return i
        return -1

    def put_negative(self, s, value):
        """A negative number, or its name."""
        name: cython.Py_ssize_t = self.name_of(s, value)
        if name < 0:
            self.put_signed(value)
        else:
            self.put_name(name)

    def put_value(self, s, form, number):
        """A number or an address of up to 64 bits."""
        name: cython.Py_ssize_t = -1
        if form == c.IPV4:
            self.put_ipv4(number)
            return
        if form == c.MAC:
            self.put_mac(number)
            return
        if form == c.FLAGS:
            if self.put_flags(s, number):
                return
        elif number <= cython.cast(cython.ulonglong, MOST):
            name = self.name_of(s, cython.cast(cython.longlong, number))
        if name >= 0:
            self.put_name(name)
        elif self.steps[s + c.S_DIGITS]:
            self.put(48)  # 0x
            self.put(120)
            self.put_hexadecimal(number, self.steps[s + c.S_DIGITS])
        else:
            self.put_number(number, 1)

    def put_flags(self, s, number):
        """The names of the bits that are set; whether there are any."""
        row: cython.Py_ssize_t
        first: cython.Py_ssize_t = self.steps[s + c.S_NAME]
        some: cython.bint = False
        for row in range(first, first + self.steps[s + c.S_NAMES]):
            if (number >> self.names[row * c.NAME_COLUMNS + c.M_VALUE]) & 1:
                if some:
                    self.put(44)
                self.put_name(row)
                some = True
        return some

    def name_of(self, s, value):
        """The row of a number's name, or -1."""
        low: cython.Py_ssize_t = self.steps[s + c.S_NAME]
        high: cython.Py_ssize_t = low + self.steps[s + c.S_NAMES]
        last: cython.Py_ssize_t = high
        middle: cython.Py_ssize_t
        while low < high:
            middle = (low + high) >> 1
            if self.names[middle * c.NAME_COLUMNS + c.M_VALUE] < value:
                low = middle + 1
            else:
                high = middle
        if low < last and self.names[low * c.NAME_COLUMNS + c.M_VALUE] == value:
            return low
        return -1

    def put_name(self, row):
        """The name in a row."""
        self.put_octets(self.texts, self.names[row * c.NAME_COLUMNS + c.M_TEXT],
                        self.names[row * c.NAME_COLUMNS + c.M_SIZE])

    def put_text(self, start, size):
        """Octets that are letters, digits, marks and blanks; whether they are just that."""
        i: cython.Py_ssize_t
        for i in range(start, start + size):
            if self.octets[i] < 32 or self.octets[i] > 126:
                return False
        self.put_octets(self.octets, start, size)
        return True
