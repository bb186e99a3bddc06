"""What the selection holds, for C speed."""

cimport cython

from rawlab.engine.walk cimport Walker

@cython.final
cdef class Selector:
    cdef Walker walker
    cdef const long long[::1] tests
    cdef const long long[::1] sources
    cdef const long long[::1] ranges
    cdef const unsigned char[::1] settled
    cdef const unsigned char[::1] octets
    cdef const long long[:, ::1] index
    cdef const long long[::1] numbers
    cdef long long[:, ::1] entries
    cdef long long[::1] steps
    cdef long long[::1] targets
    cdef long long[::1] path
    cdef long long[::1] told
    cdef const unsigned char[::1] filters
    cdef long long[::1] nodes
    cdef Py_ssize_t test_count
    cdef Py_ssize_t step_count
    cdef long long root
    cdef long long first_number
    cdef bint counted
    cdef bint doubtful
    cdef bint layered

    cdef unsigned char judge(self, Py_ssize_t p) noexcept nogil
    cdef unsigned char decide(self, Py_ssize_t p, Py_ssize_t start, Py_ssize_t node, Py_ssize_t found) noexcept nogil
    cdef long long ask(self, Py_ssize_t p, Py_ssize_t start, long long target) noexcept nogil
    cdef void lay(self, Py_ssize_t node, Py_ssize_t found) noexcept nogil
    cdef long long lay_all(self, Py_ssize_t found, bint upper) noexcept nogil
    cdef long long lay_test(self, Py_ssize_t t, Py_ssize_t found, bint upper) noexcept nogil
    cdef long long add_step(self, Py_ssize_t s, Py_ssize_t at, long long yes, long long no) noexcept nogil
    cdef unsigned char walked(self, Py_ssize_t p) noexcept nogil
    cdef long long ask_layers(self, Py_ssize_t p, Py_ssize_t found, bint upper) noexcept nogil
    cdef bint somewhere(self, Py_ssize_t t, Py_ssize_t p, Py_ssize_t found, bint upper) noexcept nogil
    cdef bint has(self, Py_ssize_t s, Py_ssize_t p, Py_ssize_t row) noexcept nogil
    cdef bint holds(self, Py_ssize_t s, Py_ssize_t p, Py_ssize_t at) noexcept nogil
    cdef bint lies_within(self, Py_ssize_t s, long long value) noexcept nogil
    cdef bint lies_within_wide(self, Py_ssize_t s, Py_ssize_t at) noexcept nogil
