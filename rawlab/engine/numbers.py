"""The numbers that declarations and the engine share: columns of the tables, and operations.

Plain Python, never compiled: the build turns every line here into a C constant
(`numbers.pxd`), so that the compiled engine pays nothing for a name.
"""

# Rows of a batch's index.
OFFSET = 0
CAPLEN = 1
WIRE_LENGTH = 2
TIME_NS = 3
INTERFACE = 4
LINKTYPE = 5
ROWS = 6

# Columns of a field row.
F_OP = 0
F_BITS = 1  # INTEGER: width; UNTIL: octets of the delimiter
F_LITTLE = 2  # INTEGER: octets of the little-endian word that holds it, 0 for big-endian
F_BEFORE = 3  # INTEGER: bits of that word that come before it
F_SIGNED = 4
F_SCALE = 5
F_WHEN = 6  # code of the condition, or -1
F_LENGTH = 7  # code of the length, count or end, or -1; UNTIL: the delimiter
F_BY = 8  # what F_LENGTH means: BY_*
F_GROUP = 9  # ITEMS, ONE: scope of the item
F_ALIGN = 10  # ITEMS: octets that each item is padded to
F_ROLE = 11  # ROLE_*: which end the value sets
F_UNLESS = 12  # value of a role that says nothing, or -1
F_MINIMUM = 13
F_MAXIMUM = 14
F_REQUIRE = 15  # code of the constraint, or -1
F_SLOT = 16
F_OVER = 17  # OVERLAY: slot of the field whose place it shares
F_SHIFT = 18  # OVERLAY: bits from the start of that place; of a little-endian word: to its start
F_CHECKED = 19  # minimum or maximum is given
F_FACTOR = 20  # the value of a role times this, plus F_ADD, is octets
F_ADD = 21
F_LAST = 22  # ITEMS: code of the condition that an item is the last, or -1
F_IF_SLOT = 23  # slot whose value lies in bounds or in a set where the field is there, or -1
F_LEAST = 24
F_MOST = 25
F_SET = 26  # bit v is set: the value v is in the set; 0: bounds count
F_VITAL = 27  # nothing after a value out of bounds can be read
F_EVEN = 28  # its length follows from the prefix alone
FIELD_COLUMNS = 29

INTEGER = 0
OCTETS = 1
UNTIL = 2
VARINT_QUIC = 3
VARINT_LEB128 = 4
ITEMS = 5
ONE = 6
CUSTOM = 7
OVERLAY = 8
ALIGNMENT = 9

BY_REST = 0
BY_LENGTH = 1
BY_COUNT = 2
BY_END = 3  # octets from the scope's first one

ROLE_NONE = 0
ROLE_HEADER = 1  # length of the header, or of the whole item
ROLE_TOTAL = 2  # length from the header's first octet to the payload's end
ROLE_PAYLOAD = 3  # length of the payload, or of what the variant adds

# Columns of a scope row and of a variant row.
S_FIRST = 0
S_COUNT = 1
S_VARIANTS = 2
S_VARIANT_COUNT = 3
S_REST = 4  # field row for octets that no field covers, or -1
SCOPE_COLUMNS = 5
V_WHEN = 0
V_SCOPE = 1
VARIANT_COLUMNS = 2

# Instructions: pairs of an operation and its argument.
PUSH = 0
SLOT = 1
PLACE = 2
REMAIN = 3
END = 4
ADD = 5
SUB = 6
MUL = 7
DIV = 8
MOD = 9
SHL = 10
SHR = 11
AND = 12
OR = 13
XOR = 14
EQ = 15
NE = 16
LT = 17
LE = 18
GT = 19
GE = 20

# Columns of a place: where an integer of a header's fixed prefix lies.
P_OFFSET = 0
P_SIZE = 1
P_SHIFT = 2
P_BITS = 3
P_LITTLE = 4
P_SCALE = 5
P_SIGNED = 6
P_MASK = 7  # P_BITS ones
PLACE_COLUMNS = 8

# Columns of a span.
SPAN_FIELD = 0
SPAN_BIT = 1
SPAN_BITS = 2
SPAN_PARENT = 3
SPAN_VALUE = 4
SPAN_SCOPE = 5  # of an item: its scope, the variant's once that is known; else -1
SPAN_COLUMNS = 6

# Columns of a frame, one for each group that the interpreter is inside.
FR_SCOPE = 0
FR_PC = 1  # field row
FR_LAST = 2  # the row after the scope's last
FR_START = 3  # bit
FR_END = 4  # octet that nothing inside may pass
FR_KNOWN = 5  # a length has set FR_END to the item's own
FR_PAYLOAD = 6  # length of what the variant adds, or -1
FR_SPAN = 7  # the span that holds the fields, or -1
FR_ROW = 8  # field row of the list that the item belongs to
FR_LIST = 9  # span of the list
FR_LIST_START = 10  # octet
FR_LIST_END = 11
FR_LEFT = 12  # items that are still to come, -1: until the end
FRAME_COLUMNS = 13

MAX_SPANS = 4096
MAX_DEPTH = 8
MAX_SLOTS = 128
STACK = 32

# How a run ended.
DONE = 0
FAULTED = 1
WANTS_CUSTOM = 2
LEFT_ALL = 3

# Fault kinds, as in rawlab.schema.fault.
TRUNCATED = 1
OVERRUN = 2
LENGTH = 3
VALUE = 4
LIMIT = 5
OVERFLOW = 6
DIVISION = 7
PROGRESS = 8

# Columns of a header row: how the layer walk passes over a header.
H_FIXED = 0  # octets of the fixed prefix
H_KIND = 1  # how the header's end is found: END_*
H_LENGTH = 2  # END_PLACE: the place of the length
H_ADD = 3  # END_PLACE: octets to add
H_NARROW = 4  # what narrows the payload: ROLE_TOTAL or ROLE_PAYLOAD, else 0
H_NARROW_PLACE = 5
H_NARROW_UNLESS = 6
H_CHECK = 7  # first row of the checks
H_CHECKS = 8
H_OPEN = 9  # first row of the tables that it opens
H_OPENS = 10
H_SCOPE = 11
H_LENGTH_FIELD = 12  # field rows that a fault of the length or the end names
H_NARROW_FIELD = 13
H_NARROW_IF = 14  # place of a condition's value, or -1
H_NARROW_LEAST = 15
H_NARROW_MOST = 16
H_NARROW_WHEN = 17  # code of a condition that bounds cannot say, or -1
H_NARROW_ADD = 18
H_GUESSES = 19  # some table that it opens has entries for other values
H_TOLD = 20  # END_PROGRAM: first of the places that tell the length
H_TOLDS = 21  # 0 where places alone do not
HEADER_COLUMNS = 22

END_FIXED = 0
END_PLACE = 1
END_REST = 2
END_PROGRAM = 3

# Columns of a check row: a place whose value lies within bounds.
C_PLACE = 0
C_MINIMUM = 1
C_MAXIMUM = 2
C_FIELD = 3
C_LENGTH = 4  # a violation is a LENGTH fault, not a VALUE fault
C_VITAL = 5  # nothing after a violation can be read
CHECK_COLUMNS = 6

# Columns of an opens row: a place whose value picks the next header in a table.
O_PLACE = 0
O_TABLE = 1
O_IF = 2  # place of a condition's value, or -1
O_LEAST = 3  # bounds of that value; with no place, of the code's value or 1
O_MOST = 4
O_WHEN = 5  # code of a condition that bounds cannot say, or -1
O_STREAM = 6  # the payload is a byte stream
O_PART_IF = 7  # place whose value tells that only a part of the payload is here, or -1
O_PART_LEAST = 8  # with no place: 1 where that is always so, else 0
O_PART_MOST = 9
OPEN_COLUMNS = 10

# Columns of a table row, and of the slots of its hash.
T_BASE = 0  # first slot
T_MASK = 1  # slots less one; their number is a power of two
T_OTHERS = 2  # the choice for any other value
TABLE_COLUMNS = 3
K_VALUE = 0
K_EDGE = 1  # -1: a free slot
SLOT_COLUMNS = 2
LINKTYPES = 0  # the table of link types
FILTER = 1024  # octets of a table's filter: 0 where no value with these low bits is claimed

# An edge is a header's number times 2, plus 1 where it is a message that repeats on a stream.

# An edge below -1 is -2 minus the number of a choice: guesses among which looks decide.

# Columns of a choice row.
Z_FIRST = 0  # guess row
Z_COUNT = 1
Z_DEFAULT = 2  # edge where nothing looks right, or -1
CHOICE_COLUMNS = 3

# Columns of a guess row.
G_EDGE = 0
G_WHEN = 1
G_NEEDS = 2  # octets that the condition looks at
GUESS_COLUMNS = 3

# Columns of a layer row; positions are in octets from the batch's first one.
L_HEADER = 0
L_START = 1
L_END = 2  # of the header
L_LIMIT = 3  # of its payload
L_FLAGS = 4
LAYER_COLUMNS = 5
INCOMPLETE = 1  # octets that it lacks are elsewhere: in a later segment, another fragment
PART = 2  # only a part of the payload around it is here

# Columns of a fault row.
X_PACKET = 0
X_KIND = 1
X_LAYER = 2
X_FIELD = 3  # field row, or -1 for the header
X_AT = 4
X_WANT = 5
X_GOT = 6
FAULT_COLUMNS = 7

# Columns of a node of the known paths, and of a noted step.
N_KIND = 0
N_AT = 1  # octet of the packet that it looks at
N_SIZE = 2
N_SHIFT = 3
N_MASK = 4
N_SCALE = 5
N_LITTLE = 6
N_A = 7
N_B = 8
N_C = 9
N_KEY = 10  # what the node before found
N_CHILD = 11
N_SIBLING = 12
N_PLACE = 13  # row of the place
NODE_COLUMNS = 14

LEAF = 0
LAYER = 1  # A: octet, B: its fixed prefix, C: header
LAYER_END = 2  # A: octet
NARROWED = 3  # by the value, from octet A on; B: the value that says nothing, C: octets to add
LAYER_REST = 4  # the header takes all that is left
ON_EMPTY = 5  # whether the payload, from octet A on, has no octets
ON_TABLE = 6  # A: table
ON_VALUE = 7
ON_OCTET = 8  # the value of an octet under a mask
ON_PAIR = 9

MAX_NODES = 2048
MAX_CHILDREN = 32
MAX_STEPS = 128

MAX_LAYERS = 32
MAX_FAULTS = 8

# Columns of a column row: one column of a table that is being filled.
Q_KIND = 0  # FROM_*
Q_SLOT = 1  # FROM_LAYER: which occurrence of which header; FROM_INDEX: row of the index
Q_OFFSET = 2
Q_SIZE = 3
Q_SHIFT = 4
Q_BITS = 5
Q_LITTLE = 6
Q_SCALE = 7
Q_SIGNED = 8
Q_IF_OFFSET = 9  # a condition on the header: place and bounds; size 0: none
Q_IF_SIZE = 10
Q_IF_SHIFT = 11
Q_IF_BITS = 12
Q_IF_LITTLE = 13
Q_IF_SCALE = 14
Q_LEAST = 15
Q_MOST = 16
Q_OUT = 17  # where the column's values begin in the output
Q_WIDTH = 18  # octets of a value in the output
Q_MISSING = 19  # where its marks of missing values begin
Q_ELSE = 20  # 1: fills only what the row before left missing
COLUMN_COLUMNS = 21
FROM_INDEX = 0
FROM_LAYER = 1
FROM_PAYLOAD = 2  # octets after the header, up to its payload's end
