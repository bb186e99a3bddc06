cdef unsigned long long add_words(
    const unsigned char[::1] octets, Py_ssize_t start, Py_ssize_t end, unsigned long long total
) noexcept nogil
cdef unsigned int folded(unsigned long long total) noexcept nogil
cdef unsigned int crc_of(
    const unsigned char[::1] octets, Py_ssize_t start, Py_ssize_t end, unsigned int initial
) noexcept nogil
