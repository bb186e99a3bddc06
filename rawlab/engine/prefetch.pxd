# Asks the processor to fetch memory that will be read soon. A hint: any address will do.
cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define rawlab_prefetch(address) __builtin_prefetch(address)
    #else
    #define rawlab_prefetch(address) ((void)(address))
    #endif
    """
    void prefetch "rawlab_prefetch"(const void *address) noexcept nogil
