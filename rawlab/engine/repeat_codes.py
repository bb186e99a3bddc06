"""What the columns of a template's tables mean."""

# Columns of a place where a value varies; positions are from the packet's first octet.
R_AT = 0
R_SIZE = 1
R_SHIFT = 2
R_MASK = 3
PLACE_COLUMNS = 4

# Columns of a checksum, the innermost first.
R_SUM_AT = 0
R_STATIC = 1  # the sum of all that does not vary
R_UNSET = 2  # the value that is never computed; -1: none
R_PARTS = 3  # the first row of its parts, and how many there are
R_PART_COUNT = 4
R_CRC = 5  # 1: CRC-32C of the octets between the next two; else nothing is read there
R_START = 6
R_END = 7
SUM_COLUMNS = 8

# Columns of a part of a sum: a value that varies and is covered by it.
R_SLOT = 0  # the place; or, counted on from the last one, an earlier checksum
R_LIFT = 1  # how many bits its lowest one stands above that of a 16-bit word
PART_COLUMNS = 2
