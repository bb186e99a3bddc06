"""What other engine modules use of the reader at C speed."""

cdef unsigned long long low(unsigned long long raw, Py_ssize_t width) noexcept nogil

cdef class Reader:
    cdef const long long[::1] code
    cdef const long long[:, ::1] fields
    cdef const long long[:, ::1] scopes
    cdef const long long[:, ::1] variants
    cdef const long long[::1] places
    cdef const unsigned char[::1] octets
    cdef long long[::1] values
    cdef long long[::1] places_read
    cdef long long[::1] stack
    cdef long long[:, ::1] frames
    cdef long long[:, ::1] spans
    cdef Py_ssize_t depth
    cdef Py_ssize_t span_count
    cdef Py_ssize_t cursor
    cdef Py_ssize_t captured
    cdef long long error
    cdef long long fault_kind
    cdef long long fault_field
    cdef long long fault_at
    cdef long long fault_want
    cdef long long fault_got

    cdef unsigned long long word(self, Py_ssize_t octet, Py_ssize_t size) noexcept nogil
    cdef unsigned long long bits(self, Py_ssize_t bit, Py_ssize_t width) noexcept nogil
    cdef long long number(self, unsigned long long raw, Py_ssize_t width, bint signed) noexcept nogil
    cdef long long place(self, Py_ssize_t row, Py_ssize_t start, Py_ssize_t end) noexcept nogil
    cdef long long evaluate(self, Py_ssize_t at, Py_ssize_t start, Py_ssize_t end) noexcept nogil
    cdef int emit(self, Py_ssize_t row, Py_ssize_t bit, Py_ssize_t width, long long value, long long scope) noexcept nogil
    cdef int needs(self, Py_ssize_t row, Py_ssize_t width) noexcept nogil
    cdef int lacking(self, Py_ssize_t end) noexcept nogil
    cdef void note(self, long long kind, Py_ssize_t row, Py_ssize_t at, long long want, long long got) noexcept nogil
    cdef int fault(self, long long kind, Py_ssize_t row, Py_ssize_t at, long long want, long long got) noexcept nogil
