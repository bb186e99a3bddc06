"""What the columns of a mould's tables mean."""

# Columns of a store: where a given value stands in its header.
W_OFFSET = 0
W_SIZE = 1  # octets of the word that holds it; above 8: octets as they are
W_SHIFT = 2
W_MASK = 3
W_PLAIN = 4  # the most that an integer may be to stand there as it is; 0: its field says
STORE_COLUMNS = 5

# Columns of a length, after the same first four.
W_HEADER = 4  # octets that it counts in any case
W_PAYLOAD = 5  # 1: it also counts the payload
W_DIVISOR = 6
W_ADD = 7
W_SCALE = 8
LENGTH_COLUMNS = 9

# Columns of a checksum.
U_OFFSET = 0
U_SIZE = 1
U_HEADER = 2  # 1: it covers the header alone
U_PSEUDO = 3
U_UNSET = 4  # the value that is never computed; -1: none
U_CRC = 5  # 1: CRC-32C
SUM_COLUMNS = 6

NO_SUM = 0x4000000000000000
