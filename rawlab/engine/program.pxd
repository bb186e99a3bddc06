"""What other engine modules use of the interpreter at C speed."""

from rawlab.engine.reader cimport Reader

cimport cython

@cython.final
cdef class Machine(Reader):
    cdef void begin(self, Py_ssize_t scope, Py_ssize_t start, Py_ssize_t limit, Py_ssize_t captured) noexcept nogil
    cdef int run(self) noexcept nogil
    cdef bint even(self) noexcept nogil
    cdef bint told(self, Py_ssize_t row, long long value) noexcept nogil
    cdef int step(self, Py_ssize_t row) noexcept nogil
    cdef int read_integer(self, Py_ssize_t row) noexcept nogil
    cdef int read_overlay(self, Py_ssize_t row) noexcept nogil
    cdef int keep_integer(self, Py_ssize_t row, Py_ssize_t bit, Py_ssize_t width, unsigned long long raw) noexcept nogil
    cdef int obey(self, Py_ssize_t row, long long value) noexcept nogil
    cdef int stop_here(self) noexcept nogil
    cdef int read_octets(self, Py_ssize_t row) noexcept nogil
    cdef int read_until(self, Py_ssize_t row) noexcept nogil
    cdef int read_varint(self, Py_ssize_t row) noexcept nogil
    cdef int open_items(self, Py_ssize_t row) noexcept nogil
    cdef int enter_item(self) noexcept nogil
    cdef int leave_scope(self) noexcept nogil
    cdef int leave_item(self) noexcept nogil
