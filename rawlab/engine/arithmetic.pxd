"""What other engine modules use of the arithmetic at C speed."""

cdef long long join(long long operation, long long a, long long b) noexcept nogil
cdef int trouble(long long operation, long long a, long long b) noexcept nogil
