"""What other engine modules use of the arithmetic at C speed."""

cdef long long join(long long operation, long long a, long long b) noexcept nogil
cdef int trouble(long long operation, long long a, long long b) noexcept nogil
cdef long long divide(long long a, long long b) noexcept nogil
cdef long long remain(long long a, long long b) noexcept nogil
