"""What other engine modules use of the index of a ring block at C speed."""

cdef long long index_packets(
    unsigned char[::1] octets,
    unsigned short[::1] halves,
    unsigned int[::1] words,
    long long[:, ::1] index,
    long long[::1] plan,
    long long most,
) noexcept nogil
cdef bint begin(
    unsigned char[::1] octets,
    unsigned short[::1] halves,
    unsigned int[::1] words,
    long long[:, ::1] index,
    long long[::1] plan,
) except -1
