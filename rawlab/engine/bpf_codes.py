"""The numbers of classic BPF (McCanne and Jacobson, 1993): operation codes of instructions.

Plain Python, never compiled: the build turns every number here into a C constant
(`bpf_codes.pxd`). A name says the class, the size or the operation, and the operand.
"""

from typing import Final

# Columns of an instruction.
CODE = 0
IF_TRUE = 1
IF_FALSE = 2
OPERAND = 3
INSTRUCTION_COLUMNS = 4

# Loads into the accumulator: from a place, a place after the index register, and otherwise.
LD_WORD_ABS = 0x20
LD_HALF_ABS = 0x28
LD_BYTE_ABS = 0x30
LD_WORD_IND = 0x40
LD_HALF_IND = 0x48
LD_BYTE_IND = 0x50
LD_IMM = 0x00
LD_MEM = 0x60
LD_LEN = 0x80  # octets on the wire

# Loads into the index register.
LDX_IMM = 0x01
LDX_MEM = 0x61
LDX_LEN = 0x81
LDX_MSH = 0xB1  # four times the low half of an octet: the length of an IPv4 header

ST = 0x02
STX = 0x03

# Arithmetic on the accumulator, with the operand or with the index register.
ADD_K = 0x04
ADD_X = 0x0C
SUB_K = 0x14
SUB_X = 0x1C
MUL_K = 0x24
MUL_X = 0x2C
DIV_K = 0x34
DIV_X = 0x3C
OR_K = 0x44
OR_X = 0x4C
AND_K = 0x54
AND_X = 0x5C
LSH_K = 0x64
LSH_X = 0x6C
RSH_K = 0x74
RSH_X = 0x7C
NEG = 0x84
MOD_K = 0x94
MOD_X = 0x9C
XOR_K = 0xA4
XOR_X = 0xAC

# Jumps; all but JA go forwards.
JA = 0x05
JEQ_K = 0x15
JEQ_X = 0x1D
JGT_K = 0x25
JGT_X = 0x2D
JGE_K = 0x35
JGE_X = 0x3D
JSET_K = 0x45
JSET_X = 0x4D

RET_K = 0x06
RET_A = 0x16
TAX = 0x07
TXA = 0x87

MEMORY = 16  # words of scratch memory
MOST_INSTRUCTIONS = 65536
MOST_LOOPS = 4096

# What a packet's verdict is.
REJECTED = 0
ACCEPTED = 1
UNASKED = 2

RETURNS: Final = frozenset((RET_K, RET_A))
SCRATCH: Final = frozenset((LD_MEM, LDX_MEM, ST, STX))
DIVIDING: Final = frozenset((DIV_K, MOD_K))
SHIFTING: Final = frozenset((LSH_K, RSH_K))
BRANCHES: Final = frozenset((JEQ_K, JEQ_X, JGT_K, JGT_X, JGE_K, JGE_X, JSET_K, JSET_X))
KNOWN: Final = frozenset((
    *RETURNS, *SCRATCH, *DIVIDING, *SHIFTING, *BRANCHES, JA, TAX, TXA, NEG,
    LD_WORD_ABS, LD_HALF_ABS, LD_BYTE_ABS, LD_WORD_IND, LD_HALF_IND, LD_BYTE_IND,
    LD_IMM, LD_LEN, LDX_IMM, LDX_LEN, LDX_MSH, ADD_K, ADD_X, SUB_K, SUB_X,
    MUL_K, MUL_X, DIV_X, OR_K, OR_X, AND_K, AND_X, LSH_X, RSH_X,
    MOD_X, XOR_K, XOR_X,
))
