"""What other engine modules use of the writer at C speed."""

cdef class Writer:
    cdef unsigned char[::1] out
    cdef const unsigned char[::1] hexadecimal
    cdef Py_ssize_t at
    cdef bint full
    cdef bint dotted

    cdef void put(self, unsigned char octet) noexcept nogil
    cdef void put_octets(self, const unsigned char[::1] octets, Py_ssize_t start, Py_ssize_t size) noexcept nogil
    cdef void put_number(self, unsigned long long value, Py_ssize_t width) noexcept nogil
    cdef void put_signed(self, long long value) noexcept nogil
    cdef void put_hexadecimal(self, unsigned long long value, Py_ssize_t width) noexcept nogil
    cdef void put_hex(self, const unsigned char[::1] octets, Py_ssize_t start, Py_ssize_t size) noexcept nogil
    cdef void put_mac(self, unsigned long long value) noexcept nogil
    cdef void put_ipv4(self, unsigned long long value) noexcept nogil
    cdef void put_ipv6(self, const unsigned char[::1] octets, Py_ssize_t start) noexcept nogil
    cdef Py_ssize_t domain_name(self, const unsigned char[::1] octets, Py_ssize_t message, Py_ssize_t start, Py_ssize_t end, bint shown) noexcept nogil
    cdef void put_label(self, const unsigned char[::1] octets, Py_ssize_t start, Py_ssize_t size) noexcept nogil
