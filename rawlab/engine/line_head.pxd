"""What the beginnings of lines hold, for C speed."""

from rawlab.engine.writer cimport Writer

cdef class LineHead(Writer):
    cdef const long long[:, ::1] index
    cdef const long long[::1] numbers
    cdef const long long[::1] interface_places
    cdef const unsigned char[::1] interface_names
    cdef const unsigned char[::1] date
    cdef int stamp
    cdef long long digits
    cdef long long divisor
    cdef long long low
    cdef long long high
    cdef long long midnight
    cdef long long reference
    cdef long long first_number
    cdef bint referred
    cdef bint numbered
    cdef bint several

    cdef int head(self, Py_ssize_t p) noexcept nogil
    cdef int time(self, long long time_ns) noexcept nogil
    cdef void put_clock(self, long long second, long long fraction_ns) noexcept nogil
    cdef void put_packet_number(self, Py_ssize_t p) noexcept nogil
    cdef bint put_seconds(self, long long time_ns, Py_ssize_t digits) noexcept nogil
