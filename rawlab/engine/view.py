# cython: language_level=3
"""Headers as objects over octets: a field is read from its place when it is asked for."""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
else:
    from rawlab.engine import numbers as n

CACHED = cython.declare(cython.int, 4096)


@cython.final
@cython.cclass
class Source:
    """A buffer that views read from; it is held as long as one of them lives."""

    octets: cython.const[cython.uchar][::1]
    buffer: object

    def __init__(self, buffer):
        self.buffer = buffer
        self.octets = buffer

    def cut(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Octets start..end-1, as bytes."""
        return bytes(self.buffer[start:end])

    def whole(self):
        """The buffer itself."""
        return self.buffer


@cython.cclass
class View:
    """A header or a group over its octets; or one that was given values and has no octets yet."""

    _source: Source
    _origin: cython.Py_ssize_t  # the packet's first octet
    _start: cython.Py_ssize_t
    _end: cython.Py_ssize_t  # of the header
    _limit: cython.Py_ssize_t  # of what the header may use
    _captured: cython.Py_ssize_t  # of the packet
    _values: dict  # values of fields that are not read from a fixed place
    _tables: object
    _flags: cython.int

    def __cinit__(self):
        self._source = None
        self._values = None

    def __init__(self, **values):
        """Keep values by the attributes of the declaration that a subclass has."""
        known = self._declaration.attributes
        for name in values:
            if name not in known:
                values = self._by_attribute(values)
                break
        self._values = values


def see(view: View, source: Source, origin, start, end, limit, captured, tables, flags=0):
    """Lay `view` over the octets of `source`."""
    view._source = source
    view._origin = origin
    view._start = start
    view._end = end
    view._limit = limit
    view._captured = captured
    view._tables = tables
    view._flags = flags
    return view


def source_of(view: View):
    """What the view reads from, or None."""
    return view._source


def bounds_of(view: View):
    """(origin, start, end, limit, captured): octets of the source."""
    return view._origin, view._start, view._end, view._limit, view._captured


def tables_of(view: View):
    """The tables by which the view's program runs."""
    return view._tables


def flags_of(view: View):
    """Flags of the layer."""
    return view._flags


def values_of(view: View):
    """The values that were given or have been read by the program, or None."""
    return view._values


def keep_values(view: View, values):
    """Remember values, by attribute."""
    view._values = values


@cython.cclass
class Access:
    """A descriptor that reads an integer from its fixed place in a header.

    A field that has no such place, or whose value is not a plain integer, says so by `size` 0
    or by a `natural` method that turns the integer into its value; such values are kept.
    """

    _offset: cython.Py_ssize_t
    _size: cython.Py_ssize_t
    _shift: cython.int
    _mask: cython.ulonglong
    _little: cython.bint
    _scale: cython.longlong
    _plain: cython.bint
    _wide: cython.Py_ssize_t
    _natural: dict

    def __cinit__(self, *args, **kwargs):
        self._size = 0
        self._wide = 0
        self._natural = {}

    def _lie_at(self, offset, size, shift, bits, little, scale, plain):
        """The field lies there, in octets of its header."""
        self._offset = offset
        self._size = size
        self._shift = shift
        self._mask = (1 << bits) - 1
        self._little = little
        self._scale = scale
        self._plain = plain

    def _lie_wide(self, offset, size):
        """The field is octets of a fixed place, whose natural value is kept."""
        self._offset = offset
        self._wide = size

    def __get__(self, instance, owner):
        if instance is None:
            return self
        view: View = instance
        at: cython.Py_ssize_t
        i: cython.Py_ssize_t
        raw: cython.ulonglong
        if view._source is None or (self._size == 0 and self._wide == 0):
            return self._read(view)
        at = view._start + self._offset
        if self._wide:
            if at + self._wide > view._end:
                return None
            return self._known(bytes(view._source.buffer[at : at + self._wide]))
        if at + self._size > view._end:
            return None
        raw = 0
        if self._little:
            for i in range(self._size - 1, -1, -1):
                raw = (raw << 8) | view._source.octets[at + i]
        else:
            for i in range(self._size):
                raw = (raw << 8) | view._source.octets[at + i]
        raw = (raw >> self._shift) & self._mask
        if self._plain:
            return raw * self._scale if self._scale != 1 else raw
        return self._known(raw)

    @cython.cfunc
    def _known(self, raw):
        """The natural value of `raw`, from those seen before where it is among them."""
        value = self._natural.get(raw)
        if value is None:
            value = self._as_natural(raw)
            if len(self._natural) >= CACHED:
                self._natural.clear()
            self._natural[raw] = value
        return value

    def _read(self, view):
        raise NotImplementedError

    def _as_natural(self, raw):
        raise NotImplementedError


@cython.final
@cython.cclass
class Layers:
    """The layers of a batch's packets, as the layer walk found them."""

    begins: cython.const[cython.longlong][::1]
    rows: cython.const[cython.longlong][:, ::1]
    index: cython.const[cython.longlong][:, ::1]
    source: Source
    tables: object
    classes: tuple
    numbers: dict
    number_of: dict

    def __init__(self, source: Source, begins, rows, index, tables):
        self.source = source
        self.begins = begins
        self.rows = rows
        self.index = index
        self.tables = tables
        self.classes = tables.classes
        self.numbers = tables.by_name
        self.number_of = tables.number

    def count(self, packet: cython.Py_ssize_t):
        """How many layers a packet has."""
        return self.begins[packet + 1] - self.begins[packet]

    def packet(self, cls, batch, position: cython.Py_ssize_t):
        """The packet at `position` of `batch`, as an object of class `cls`, a subclass of Stack."""
        return self.made(cls, batch, position)

    @cython.cfunc
    def made(self, cls, batch, position: cython.Py_ssize_t):
        packet: Stack = cls.__new__(cls)
        packet._layers = self
        packet._batch = batch
        packet._position = position
        packet._start = self.index[n.OFFSET, position]
        packet._stop = packet._start + self.index[n.CAPLEN, position]
        return packet

    def packets(self, cls, batch, count: cython.Py_ssize_t):
        """The packets 0..count-1 of `batch`, one after the other."""
        position: cython.Py_ssize_t
        for position in range(count):
            yield self.made(cls, batch, position)

    def row(self, packet: cython.Py_ssize_t, layer: cython.Py_ssize_t):
        """A layer's (header, start, end, limit, flags)."""
        at: cython.Py_ssize_t = self.begins[packet] + layer
        return (self.rows[at, 0], self.rows[at, 1], self.rows[at, 2], self.rows[at, 3],
                self.rows[at, 4])


@cython.cclass
class Stack:
    """A packet as the layers that were found in it; each is made an object when it is asked for."""

    _layers: Layers
    _position: cython.Py_ssize_t
    _start: cython.Py_ssize_t
    _stop: cython.Py_ssize_t
    _views: list
    _batch: object

    def __cinit__(self, *args, **kwargs):
        self._layers = None
        self._views = None

    def _stand_on(self, layers: Layers, batch, position: cython.Py_ssize_t):
        """The packet is number `position` of `batch`, whose layers these are."""
        self._layers = layers
        self._batch = batch
        self._position = position
        self._start = layers.index[n.OFFSET, position]
        self._stop = self._start + layers.index[n.CAPLEN, position]

    def _place(self):
        """(layers, batch, position, start, stop)."""
        return self._layers, self._batch, self._position, self._start, self._stop

    @property
    def time_ns(self):
        """When it was captured, nanoseconds since the epoch."""
        return self._layers.index[n.TIME_NS, self._position]

    @property
    def caplen(self):
        """Octets captured."""
        return self._stop - self._start

    @property
    def length(self):
        """Octets on the wire."""
        return self._layers.index[n.WIRE_LENGTH, self._position]

    @property
    def linktype(self):
        """LINKTYPE_ value of the first layer."""
        return self._layers.index[n.LINKTYPE, self._position]

    def get(self, key):
        """The outermost layer of a class or a name, or None."""
        layers: Layers = self._layers
        at: cython.Py_ssize_t
        begin: cython.Py_ssize_t
        wanted: cython.longlong
        if isinstance(key, str):
            return self._named(key)
        number = layers.number_of.get(key)
        if number is None:
            return None
        wanted = number
        begin = layers.begins[self._position]
        for at in range(begin, layers.begins[self._position + 1]):
            if layers.rows[at, n.L_HEADER] == wanted:
                return self._seen(at - begin)
        return None

    def _view(self, layer: cython.Py_ssize_t):
        """The layer as an object; the same one each time."""
        return self._seen(layer)

    @cython.cfunc
    def _seen(self, layer: cython.Py_ssize_t):
        layers: Layers = self._layers
        at: cython.Py_ssize_t = layers.begins[self._position] + layer
        if self._views is None:
            self._views = [None] * (layers.begins[self._position + 1] - at + layer)
        else:
            made = self._views[layer]
            if made is not None:
                return made
        cls = layers.classes[layers.rows[at, n.L_HEADER]]
        view: View = cls.__new__(cls)
        view._source = layers.source
        view._origin = self._start
        view._start = layers.rows[at, n.L_START]
        view._end = layers.rows[at, n.L_END]
        view._limit = layers.rows[at, n.L_LIMIT]
        view._flags = layers.rows[at, n.L_FLAGS]
        view._captured = self._stop
        view._tables = layers.tables
        self._views[layer] = view
        return view

    def _every(self, kinds):
        """The layers whose class is among `kinds`, outermost first."""
        layers: Layers = self._layers
        at: cython.Py_ssize_t
        begin: cython.Py_ssize_t = layers.begins[self._position]
        found = []
        for at in range(begin, layers.begins[self._position + 1]):
            if layers.classes[layers.rows[at, n.L_HEADER]] in kinds:
                found.append(self._seen(at - begin))
        return found

    def _first(self, numbers):
        """The outermost layer whose header is among `numbers`, or None."""
        layers: Layers = self._layers
        at: cython.Py_ssize_t
        begin: cython.Py_ssize_t = layers.begins[self._position]
        for at in range(begin, layers.begins[self._position + 1]):
            if layers.rows[at, n.L_HEADER] in numbers:
                return self._seen(at - begin)
        return None

    def _named(self, name):
        """The outermost layer called `name`, or None."""
        numbers = self._layers.numbers.get(name)
        return None if numbers is None else self._first(numbers)

    def __getattr__(self, name):
        view = self._named(name)
        if view is None:
            if "__" in name and not name.startswith("_"):
                view = self._named(name.replace("__", "."))
            if view is None:
                raise AttributeError(self._no_layer(name))
        return view

    def _no_layer(self, name):
        return f"no layer {name!r}"


def _made(cls, *given, **named):
    """A new object as Cython makes it, which `__cinit__` fills first."""
    self = object.__new__(cls)
    self.__cinit__()
    return self


if not cython.compiled:  # Python itself calls no __cinit__
    View.__new__ = Access.__new__ = Stack.__new__ = _made
