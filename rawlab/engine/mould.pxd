cdef void put(
    unsigned char[::1] octets, Py_ssize_t at, Py_ssize_t size, long long shift,
    unsigned long long mask, unsigned long long value,
) noexcept nogil
