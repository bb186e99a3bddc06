"""The numbers of a line program: how packets of one stack of headers are told on a line.

Plain Python, never compiled: the build turns every line here into a C constant
(`line_codes.pxd`).
"""

# Columns of a node of the tree of stacks. The first node is the empty stack's.
N_HEADER = 0
N_CHILD = 1  # node of a stack of one header more, or 0
N_SIBLING = 2  # another of these, or 0
N_FIRST = 3  # first step, or UNKNOWN or NONE
N_LAST = 4  # the step after the last
NODE_COLUMNS = 5
UNKNOWN = -1  # nobody has looked at the stack yet
NONE = -2  # steps cannot tell such packets

# Columns of a step.
S_OP = 0
S_BEFORE = 1  # text before the value, or the literal: where it begins, and its size
S_BEFORE_SIZE = 2
S_AFTER = 3
S_AFTER_SIZE = 4
S_NEXT = 5  # VALUE: the step after one that had a value
S_LAYER = 6
S_FROM = 7  # FROM_*
S_OFFSET = 8  # octets from the header's first one; FROM_FIELD: field row
S_SIZE = 9
S_SHIFT = 10
S_MASK = 11
S_LITTLE = 12
S_SCALE = 13
S_SIGNED = 14  # FROM_FIELD: what the field found may be negative
S_FORM = 15
S_DIGITS = 16  # of a hexadecimal number; 0: it is decimal
S_NAME = 17  # first row of its names
S_NAMES = 18
S_INSIDE = 19  # FROM_GROUPS: the field row within each group
STEP_COLUMNS = 20

# Operations.
LITERAL = 0
VALUE = 1
SUMMARY = 2  # a header's summary begins, a blank before it
SUMMARY_END = 3  # no blanks at its ends; without words, not even the one before it
OCTETS = 4  # how many octets the packet has
CELL = 5  # a cell of a row begins
JOINED = 6  # a VALUE whose text before it stands only between the values of a cell
INDEX = 7  # a number of the packet's column of the index: row S_OFFSET
PACKET_NUMBER = 8
SECONDS = 9  # the packet's time, with nine decimals

FROM_PLACE = 0  # a fixed place of the header
FROM_FIELD = 1  # what the header's program finds
FROM_GROUPS = 2  # a field of each group of a list, which that program finds

# Forms of a value.
NUMBER = 0  # by its name, if it has one
FLAGS = 1  # the names of the bits that are set, or the number
MAC = 2
IPV4 = 3
IPV6 = 4
TEXT = 5
HEX = 6  # octets
DOMAIN = 7  # its only name is the root's

# Columns of a name: of a number, or of the bit that is so many places to the left. Sorted by it.
M_VALUE = 0
M_TEXT = 1
M_SIZE = 2
NAME_COLUMNS = 3

# Forms of a time stamp.
CLOCK = 0  # local time of day, after what `set_day` gives
ABSENT = 1
EPOCH = 2
DELTA = 3
ELAPSED = 5

# Why writing stopped.
ALL = 0  # all packets are told
FULL = 1  # there is no room for the next line
LEFT = 2  # the next packet is for others to tell
DAY = 3  # the next packet's time is not within the day that is known
STRANGE = 4  # the next packet's stack is UNKNOWN
