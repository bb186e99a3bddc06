"""What other engine modules use of the framing loops at C speed."""

cdef Py_ssize_t put_pcap(
    const unsigned char[::1] octets,
    const long long[:, ::1] index,
    Py_ssize_t first,
    Py_ssize_t count,
    long long linktype,
    unsigned char[::1] out,
    Py_ssize_t at,
    long long[::1] state,
) noexcept nogil
cdef Py_ssize_t put_pcapng(
    const unsigned char[::1] octets,
    const long long[:, ::1] index,
    Py_ssize_t first,
    Py_ssize_t count,
    const long long[::1] table,
    unsigned char[::1] out,
    Py_ssize_t at,
    long long[::1] state,
) noexcept nogil
