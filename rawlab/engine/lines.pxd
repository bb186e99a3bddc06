"""What writing lines holds, for C speed."""

cimport cython

from rawlab.engine.line_head cimport LineHead
from rawlab.engine.program cimport Machine

@cython.final
cdef class Liner(LineHead):
    cdef Machine machine
    cdef const long long[::1] headers
    cdef const unsigned char[::1] plain
    cdef const unsigned char[::1] domains
    cdef const long long[::1] nodes
    cdef const long long[::1] steps
    cdef const long long[::1] names
    cdef const unsigned char[::1] texts
    cdef const unsigned char[::1] octets
    cdef const long long[::1] begins
    cdef const long long[:, ::1] layers
    cdef const unsigned char[::1] faulty
    cdef const unsigned char[::1] words
    cdef bint any
    cdef Py_ssize_t current
    cdef Py_ssize_t mark

    cdef int line(self, Py_ssize_t p) noexcept nogil
    cdef Py_ssize_t find(self, Py_ssize_t p) noexcept nogil
    cdef bint sound(self, Py_ssize_t p) noexcept nogil
    cdef int pass_name(self, Py_ssize_t message) noexcept nogil
    cdef bint look_into(self, Py_ssize_t p, Py_ssize_t at) noexcept nogil
    cdef bint tell(self, Py_ssize_t p, Py_ssize_t first, Py_ssize_t last) noexcept nogil
    cdef void before(self, Py_ssize_t s) noexcept nogil
    cdef void after(self, Py_ssize_t s) noexcept nogil
    cdef void strip(self) noexcept nogil
    cdef void put_size(self, Py_ssize_t p) noexcept nogil
    cdef int value(self, Py_ssize_t p, Py_ssize_t s) noexcept nogil
    cdef Py_ssize_t span_of(self, long long field, Py_ssize_t end) noexcept nogil
    cdef int placed(self, Py_ssize_t s, Py_ssize_t start, Py_ssize_t end) noexcept nogil
    cdef int field(self, Py_ssize_t s, Py_ssize_t row) noexcept nogil
    cdef int groups(self, Py_ssize_t s, Py_ssize_t row) noexcept nogil
    cdef int put_span(self, Py_ssize_t s, Py_ssize_t row, Py_ssize_t span) noexcept nogil
    cdef int put_domain(self, Py_ssize_t s, Py_ssize_t message, Py_ssize_t start, Py_ssize_t limit) noexcept nogil
    cdef void put_negative(self, Py_ssize_t s, long long value) noexcept nogil
    cdef void put_value(self, Py_ssize_t s, long long form, unsigned long long number) noexcept nogil
    cdef bint put_flags(self, Py_ssize_t s, unsigned long long number) noexcept nogil
    cdef Py_ssize_t name_of(self, Py_ssize_t s, long long value) noexcept nogil
    cdef void put_name(self, Py_ssize_t row) noexcept nogil
    cdef bint put_text(self, Py_ssize_t start, Py_ssize_t size) noexcept nogil
