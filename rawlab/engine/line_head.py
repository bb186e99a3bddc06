# cython: language_level=3
"""What stands at the beginning of a line: the packet's number, its time, its interface.

Types stand in `line_head.pxd`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import line_codes as c
    from cython.cimports.rawlab.engine import numbers as n
    from cython.cimports.rawlab.engine.writer import Writer
else:
    from rawlab.engine import line_codes as c
    from rawlab.engine import numbers as n
    from rawlab.engine.writer import Writer

from rawlab.engine.reader import flat, table

FAR = cython.declare(cython.longlong, 1 << 61)
SECOND_NS = cython.declare(cython.longlong, 1_000_000_000)


class LineHead(Writer):
    """Writes the beginnings of lines, in the form `stamp` with `digits` of a second's fraction."""

    def __init__(self, stamp, digits):
        Writer.__init__(self)
        self.index = table(n.ROWS, 1)
        self.stamp = stamp
        self.digits = digits
        self.divisor = 10 ** (9 - digits)
        self.numbered = False
        self.several = False
        self.low = 0
        self.high = 0
        self.midnight = 0
        self.date = b""
        self.referred = False
        self.reference = 0
        self.first_number = 1
        self.numbers = flat(table(1, 1))

    def set_day(self, low, high, midnight, date):
        """Of the seconds `low` to `high` less one, `midnight` is where the time of day is 0."""
        self.low = low
        self.high = high
        self.midnight = midnight
        self.date = date

    def tell_number(self):
        """Lines begin with the packet's number."""
        self.numbered = True

    def number_from(self, first_number, numbers):
        """Packets are numbered from `first_number` on; where that is 0, by `numbers`."""
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

    def head(self, p):
        """Number, time and interface; ALL, or why they cannot be told."""
        why: cython.int
        place: cython.Py_ssize_t
        if self.numbered:
            self.put_packet_number(p)
            self.put(32)
            self.put(32)
        if self.stamp != c.ABSENT:
            why = self.time(self.index[n.TIME_NS, p])
            if why != c.ALL:
                return why
            self.put(32)
        if self.several:
            place = 2 * self.index[n.INTERFACE, p]
            if not 0 <= place < len(self.interface_places) - 1:
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
            self.put_octets(self.date, 0, len(self.date))
            self.put_clock(second - self.midnight, time_ns - second * SECOND_NS)
        elif self.stamp == c.EPOCH:
            self.put_seconds(time_ns, self.digits)
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

    def put_packet_number(self, p):
        """The packet's number."""
        self.put_signed(self.first_number + p if self.first_number else self.numbers[p])

    def put_seconds(self, time_ns, digits):
        """Seconds, with so many digits (6 or 9) of the fraction; whether the time is near."""
        if time_ns > FAR or time_ns < -FAR:
            return False
        if time_ns < 0:
            self.put(45)
            time_ns = -time_ns
        self.put_number(time_ns // SECOND_NS, 1)
        self.put(46)
        time_ns = time_ns % SECOND_NS
        self.put_number(time_ns if digits == 9 else time_ns // 1000, digits)
        return True

    def put_clock(self, second, fraction_ns):
        """`19:41:35.135052`."""
        self.put_number(second // 3600, 2)
        self.put(58)
        self.put_number(second // 60 % 60, 2)
        self.put(58)
        self.put_number(second % 60, 2)
        self.put(46)
        self.put_number(fraction_ns // self.divisor, self.digits)
