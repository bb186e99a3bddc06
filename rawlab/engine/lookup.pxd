"""What other engine modules use of the lookup at C speed."""

cimport cython

@cython.final
cdef class Lookup:
    cdef const long long[::1] tables
    cdef const unsigned char[::1] filters
    cdef const long long[::1] slots

    cdef Py_ssize_t find(self, Py_ssize_t table, long long value) noexcept nogil
