"""What other engine modules use of the known paths at C speed."""

cimport cython

from rawlab.engine.lookup cimport Lookup

@cython.final
cdef class Paths:
    cdef Lookup lookup
    cdef const unsigned char[::1] filters
    cdef const unsigned char[::1] octets
    cdef long long[::1] nodes
    cdef long long[::1] trace
    cdef long long[::1] layers
    cdef const long long[::1] places
    cdef Py_ssize_t count
    cdef Py_ssize_t steps
    cdef Py_ssize_t origin
    cdef bint plain

    cdef void look_at(self, const unsigned char[::1] octets)
    cdef Py_ssize_t run(self, Py_ssize_t start, Py_ssize_t end, long long linktype) noexcept nogil
    cdef void begin(self, Py_ssize_t origin, long long linktype) noexcept nogil
    cdef void note(self, long long kind, Py_ssize_t p, Py_ssize_t at, long long a, long long b, long long c, long long key) noexcept nogil
    cdef long long simplify(self, Py_ssize_t step, long long key) noexcept nogil
    cdef void insert(self) noexcept nogil
    cdef Py_ssize_t grow(self, Py_ssize_t node, Py_ssize_t step) noexcept nogil
