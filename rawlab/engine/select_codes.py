"""The numbers of a selection program: what a display filter says, as rows of integers.

Plain Python, never compiled: the build turns every line here into a C constant
(`select_codes.pxd`).
"""

# Columns of a test row: whether some of its sources has a value in bounds. Where the filter goes
# on is a test with a smaller number, or a verdict less 3: it ends.
T_FIRST = 0  # source row
T_COUNT = 1
T_YES = 2
T_NO = 3
T_NEGATED = 4  # it stands under an odd number of negations
TEST_COLUMNS = 5

# Verdicts.
NO = 0
YES = 1
UNDECIDED = 2  # the rows cannot say
ENDS = 3  # a target is a verdict less this

# Columns of a source row.
S_KIND = 0  # FROM_*
S_HEADER = 1  # number of a header, or -1
S_OFFSET = 2  # FROM_FIELD: octets from the header's first; FROM_INDEX: row of the index
S_SIZE = 3
S_SHIFT = 4
S_MASK = 5
S_LITTLE = 6
S_SIGN = 7  # the sign's bit, or 0
S_SCALE = 8
S_AND = 9  # the value is taken under this mask
S_FLIP = 10  # 1: of 64 bits without sign, compared with the highest bit turned over
S_WIDE = 11  # 1: of 128 bits, the same in two halves
S_IF_OFFSET = 12  # a condition on the header: place and bounds; size 0: none
S_IF_SIZE = 13
S_IF_SHIFT = 14
S_IF_MASK = 15
S_IF_LITTLE = 16
S_IF_SCALE = 17
S_LEAST = 18
S_MOST = 19
S_RANGE = 20  # first range row
S_RANGES = 21  # 0: any value
SOURCE_COLUMNS = 22

FROM_LAYER = 0  # the layer is there
FROM_FIELD = 1
FROM_INDEX = 2
FROM_PAYLOAD = 3  # octets after the header, up to its payload's end
FROM_NUMBER = 4  # the packet's number
FROM_ELSEWHERE = 5  # where the layer is there, rows cannot say which values it has
FROM_ANYWHERE = 6  # rows cannot say, whatever the layers

# Columns of a range row, both bounds included; R_*_LOW are the lower halves of 128 bits.
R_LEAST = 0
R_MOST = 1
R_LEAST_LOW = 2
R_MOST_LOW = 3
RANGE_COLUMNS = 4

# Columns of a step: a test's source at a place that a known path tells.
P_SOURCE = 0
P_AT = 1  # of the header, from the packet's first octet
P_YES = 2  # step, or a verdict less 3
P_NO = 3
STEP_COLUMNS = 4

MOST_TESTS = 256
MOST_STEPS = 4096
NOT_LAID = -8  # nobody has asked yet what is left to ask at a node
WALKS = -9  # there is no room: the packet is walked
