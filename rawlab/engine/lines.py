# cython: language_level=3
"""Lines of text for the packets of a batch, by line programs: steps for each stack of headers.

A packet is told here only if nothing is wrong with it, and if its stack has steps; writing stops
at every other packet, for others to tell it. Types stand in `lines.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import line_codes as c
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.program import Machine
    from cython.cimports.rawlab.engine.writer import Writer
else:
    from rawlab.engine import line_codes as c
    from rawlab.engine import numbers as n
    from rawlab.engine.program import Machine
    from rawlab.engine.writer import Writer

from rawlab.engine.reader import flat, table

MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)
FAR = cython.declare(cython.longlong, 1 << 61)
SECOND_NS = cython.declare(cython.longlong, 1_000_000_000)


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


class Liner(Writer):
    """Writes the lines of one printer; it serves one thread at a time.

    The octets of its buffer are given with each batch, its programs whenever there are more.
    """

    def __init__(self, tables, stamp, digits, dotted):
        Writer.__init__(self)
        self.machine = Machine(tables)
        self.headers = flat(tables.headers)
        self.stamp = stamp
        self.digits = digits
        self.divisor = 10 ** (9 - digits)
        self.dotted = dotted
        self.numbered = False
        self.several = False
        self.plain = b""
        self.words = b" of  octets"
        self.low = 0
        self.high = 0
        self.midnight = 0
        self.date = b""
        self.referred = False
        self.reference = 0
        self.current = -1
        self.mark = 0
        self.first_number = 1
        self.numbers = flat(table(1, 1))

    def learn(self, plain, nodes, steps, names, texts):
        """The programs from now on.

        `plain[header]`: no fault can be in a header of just its fixed prefix that the layer walk
        has not found.
        """
        self.plain = plain
        self.nodes = nodes
        self.steps = steps
        self.names = names
        self.texts = texts

    def set_day(self, low, high, midnight, date):
        """Of the seconds `low` to `high` less one, `midnight` is where the time of day is 0."""
        self.low = low
        self.high = high
        self.midnight = midnight
        self.date = date

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

    def let_go(self):
        """The packets' octets are no longer looked at."""
        self.octets = b""
        self.machine.octets = self.octets

    def tell_number(self, first_number, numbers):
        """Lines begin with the packet's number.

        The numbers follow one another from `first_number` on, or are `numbers`, if that is 0.
        """
        self.numbered = True
        self.first_number = first_number
        self.numbers = numbers

    def tell_interface(self, several, places, names):
        """With `several`, lines name the interface: rows of `places` are (start, size) in `names`.

        A size of -1: packets of that interface are for others to tell.
        """
        self.several = several
        self.interface_places = places
        self.interface_names = names

    def refer_to(self, reference):
        """The time that differences are counted from; None: the next packet's."""
        self.referred = reference is not None
        self.reference = reference or 0

    def referring_to(self):
        """The time that differences are counted from, or None."""
        return self.reference if self.referred else None

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
        if self.faulty[p]:
            return c.LEFT
        if node < 0:
            return c.STRANGE
        if self.nodes[node + c.N_FIRST] < 0:
            return c.STRANGE if self.nodes[node + c.N_FIRST] == c.UNKNOWN else c.LEFT
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
        self.current = -1
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
        if self.current == at:
            return True
        scope = self.headers[self.layers[at, n.L_HEADER] * n.HEADER_COLUMNS + n.H_SCOPE]
        self.machine.begin(scope, self.layers[at, n.L_START], self.layers[at, n.L_LIMIT],
                           self.index[n.OFFSET, p] + self.index[n.CAPLEN, p])
        if self.machine.run() != n.DONE or self.machine.fault_kind:
            return False
        self.current = at
        return True

    # What stands before the packet's ends.

    def head(self, p):
        """Number, time and interface; ALL, or why they cannot be told."""
        why: cython.int
        place: cython.Py_ssize_t
        if self.numbered:
            self.put_signed(self.first_number + p if self.first_number else self.numbers[p])
            self.put(32)
            self.put(32)
        if self.stamp != c.ABSENT:
            why = self.time(self.index[n.TIME_NS, p])
            if why != c.ALL:
                return why
            self.put(32)
        if self.several:
            place = 2 * self.index[n.INTERFACE, p]
            if not 0 <= place < self.interface_places.shape[0] - 1:
                return c.LEFT
            if self.interface_places[place + 1] < 0:
                return c.LEFT
            self.put_octets(self.interface_names, self.interface_places[place],
                            self.interface_places[place + 1])
            self.put(32)
        return c.ALL

    def time(self, time_ns):
        """The time stamp."""
        second: cython.longlong
        if time_ns > FAR or time_ns < -FAR:
            return c.LEFT
        if self.stamp == c.CLOCK:
            second = time_ns // SECOND_NS
            if second * SECOND_NS > time_ns:  # C rounds towards 0
                second -= 1
            if second < self.low or second >= self.high:
                return c.DAY
            self.put_octets(self.date, 0, self.date.shape[0])
            self.put_clock(second - self.midnight, time_ns - second * SECOND_NS)
        elif self.stamp == c.EPOCH:
            if time_ns < 0:
                self.put(45)
                time_ns = -time_ns
            self.put_number(time_ns // SECOND_NS, 1)
            self.put(46)
            self.put_number(time_ns % SECOND_NS // self.divisor, self.digits)
        else:
            second = time_ns // self.divisor * self.divisor
            if second > time_ns:
                second -= self.divisor
            time_ns = second - self.reference if self.referred else 0
            if self.stamp == c.DELTA or not self.referred:
                self.reference = second
            self.referred = True
            self.put(45 if time_ns < 0 else 32)
            time_ns = -time_ns if time_ns < 0 else time_ns
            self.put_clock(time_ns // SECOND_NS, time_ns % SECOND_NS)
        return c.ALL

    def put_clock(self, second, fraction_ns):
        """`19:41:35.135052`."""
        self.put_number(second // 3600, 2)
        self.put(58)
        self.put_number(second // 60 % 60, 2)
        self.put(58)
        self.put_number(second % 60, 2)
        self.put(46)
        self.put_number(fraction_ns // self.divisor, self.digits)

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
            if op == c.VALUE:
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
            else:
                self.put_size(p)
        return True

    def before(self, s):
        """The text before the value of a step."""
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
        start: cython.Py_ssize_t = self.layers[row, n.L_START]
        end: cython.Py_ssize_t = self.layers[row, n.L_END]
        size: cython.Py_ssize_t
        form: cython.longlong = self.steps[s + c.S_FORM]
        number: cython.ulonglong = 0
        found: cython.longlong
        if self.steps[s + c.S_FROM] == c.FROM_FIELD:
            if not self.look_into(p, row):
                return -1
            row = self.span_of(self.steps[s + c.S_OFFSET], end)
            if row < 0:
                return 0
            found = self.machine.spans[row, n.SPAN_VALUE]
            start = self.machine.spans[row, n.SPAN_BIT] >> 3
            size = found
            if form == c.TEXT or form == c.HEX:
                if size == 0:
                    return 0
            elif form == c.IPV6:
                size = 16
            else:
                size = 0
                if found < 0 and self.steps[s + c.S_SIGNED]:
                    return self.negative(s, found)
                number = cython.cast(cython.ulonglong, found & MOST)
                if found < 0:
                    number += MOST
                    number += 1
            if size < 0 or start + size > end:
                return -1
        else:
            start += self.steps[s + c.S_OFFSET]
            if start + self.steps[s + c.S_SIZE] > end:
                return 0
            size = 16
            if form != c.IPV6:
                number = load(self.octets, start, self.steps[s + c.S_SIZE],
                              self.steps[s + c.S_LITTLE])
                number = (number >> self.steps[s + c.S_SHIFT]) & cython.cast(
                    cython.ulonglong, self.steps[s + c.S_MASK])
                number *= self.steps[s + c.S_SCALE]
        self.before(s)
        if form == c.TEXT:
            if not self.put_text(start, size):
                return -1
        elif form == c.HEX:
            self.put_hex(self.octets, start, size)
        elif form == c.IPV6:
            self.put_ipv6(self.octets, start)
        else:
            self.put_value(s, form, number)
        self.after(s)
        return 1

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

    def negative(self, s, value):
        """A negative number with the text around it."""
        name: cython.Py_ssize_t = self.name_of(s, value)
        self.before(s)
        if name < 0:
            self.put_signed(value)
        else:
            self.put_name(name)
        self.after(s)
        return 1

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
