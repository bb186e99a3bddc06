"""What other engine modules use of the layer walk at C speed."""

cimport cython

from rawlab.engine.lookup cimport Lookup
from rawlab.engine.paths cimport Paths
from rawlab.engine.program cimport Machine

@cython.final
cdef class Walker:
    cdef Machine machine
    cdef const long long[::1] headers
    cdef const long long[::1] checks
    cdef const long long[::1] opens
    cdef const long long[::1] tables
    cdef Lookup lookup
    cdef Paths paths
    cdef const long long[::1] choices
    cdef const long long[::1] guesses
    cdef const long long[::1] places
    cdef const long long[::1] told
    cdef const unsigned char[::1] octets
    cdef long long[::1] layers
    cdef long long[:, ::1] faults
    cdef Py_ssize_t layer_count
    cdef Py_ssize_t fault_count
    cdef Py_ssize_t captured
    cdef Py_ssize_t wire
    cdef bint bounded
    cdef bint in_stream
    cdef bint part

    cdef void look_at(self, const unsigned char[::1] octets)
    cdef Py_ssize_t walk(self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t wire, long long linktype) noexcept nogil
    cdef Py_ssize_t cut_short(self, Py_ssize_t h, Py_ssize_t row, Py_ssize_t at, Py_ssize_t limit) noexcept nogil
    cdef bint holds(self, Py_ssize_t h, Py_ssize_t at, Py_ssize_t limit) noexcept nogil
    cdef void end_after(self, Py_ssize_t p, Py_ssize_t at) noexcept nogil
    cdef Py_ssize_t damaged(self, Py_ssize_t h, Py_ssize_t row, Py_ssize_t at, long long value, Py_ssize_t limit) noexcept nogil
    cdef Py_ssize_t too_short(self, Py_ssize_t h, Py_ssize_t at, Py_ssize_t length) noexcept nogil
    cdef Py_ssize_t measure(self, Py_ssize_t h, Py_ssize_t row, Py_ssize_t at, Py_ssize_t limit) noexcept nogil
    cdef long long holds_when(self, Py_ssize_t code, Py_ssize_t at, Py_ssize_t limit) noexcept nogil
    cdef Py_ssize_t follow(self, Py_ssize_t table, Py_ssize_t at, Py_ssize_t limit) noexcept nogil
    cdef Py_ssize_t guess(self, Py_ssize_t h, Py_ssize_t at, Py_ssize_t end, Py_ssize_t limit) noexcept nogil
    cdef Py_ssize_t choose(self, Py_ssize_t choice, Py_ssize_t at, Py_ssize_t limit) noexcept nogil
    cdef void complain(self, long long kind, Py_ssize_t field, Py_ssize_t at, long long want, long long got) noexcept nogil
    cdef int lacking(self, Py_ssize_t limit) noexcept nogil
