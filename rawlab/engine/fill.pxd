"""What other engine modules use of the column loops at C speed."""

cdef void fill_column(
    const unsigned char[::1] octets,
    const long long[:, ::1] index,
    long long[:, ::1] seats,
    long long[:, ::1] ends,
    long long[:, ::1] tails,
    Py_ssize_t first,
    Py_ssize_t last,
    const long long[:, ::1] plan,
    Py_ssize_t i,
    unsigned char[::1] out,
    Py_ssize_t row,
) noexcept nogil
