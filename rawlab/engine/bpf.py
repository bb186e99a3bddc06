# cython: language_level=3
"""Classic BPF over a whole batch: which packets a program accepts.

A program is checked before it runs: its jumps stay inside, and its last instruction returns. What
a packet does to it is checked as it runs: a load outside the captured octets, or a division by
zero, rejects the packet. Only `protochain` makes libpcap jump backwards; a packet that keeps such
a loop running is rejected after MOST_LOOPS turns.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import bpf_codes as b
    from cython.cimports.rawlab.engine import numbers as n
else:
    from rawlab.engine import bpf_codes as b
    from rawlab.engine import numbers as n

from rawlab.engine.bpf_codes import BRANCHES, DIVIDING, KNOWN, RETURNS, SCRATCH, SHIFTING

WORD = cython.declare(cython.ulonglong, 0xFFFFFFFF)


def check(program: cython.const[cython.longlong][:, ::1]):
    """Raises ValueError where a program, a row an instruction, might not end or is no BPF."""
    at: cython.Py_ssize_t
    left: cython.Py_ssize_t
    code: cython.longlong
    operand: cython.longlong
    count: cython.Py_ssize_t = program.shape[0]
    if program.shape[1] != b.INSTRUCTION_COLUMNS or not 0 < count <= b.MOST_INSTRUCTIONS:
        raise ValueError(f"a BPF program has 1 to {b.MOST_INSTRUCTIONS} instructions")
    for at in range(count):
        code = program[at, b.CODE]
        operand = program[at, b.OPERAND]
        left = count - at - 1
        if not 0 <= operand <= 0xFFFFFFFF or code not in KNOWN:
            raise ValueError(f"instruction {at} of the BPF program is none: {code:#x} {operand}")
        if code in BRANCHES:
            if not (0 <= program[at, b.IF_TRUE] < left and 0 <= program[at, b.IF_FALSE] < left):
                raise ValueError(f"instruction {at} of the BPF program jumps outside")
        elif code == b.JA and not -at <= signed(operand) + 1 <= left:
            raise ValueError(f"instruction {at} of the BPF program jumps outside")
        elif code in SCRATCH and operand >= b.MEMORY:
            raise ValueError(f"instruction {at} of the BPF program: no memory {operand}")
        elif code in DIVIDING and operand == 0:
            raise ValueError(f"instruction {at} of the BPF program divides by zero")
        elif code in SHIFTING and operand > 31:
            raise ValueError(f"instruction {at} of the BPF program shifts all bits out")
    if program[count - 1, b.CODE] not in RETURNS:
        raise ValueError("the BPF program does not end with a return")


def signed(operand: cython.longlong) -> cython.longlong:
    """32 bits as a signed number."""
    return operand - 0x100000000 if operand >> 31 else operand


@cython.final
@cython.cclass
class Program:
    """A checked program with its working memory; one serves one thread at a time."""

    rows: cython.const[cython.longlong][:, ::1]
    code: cython.const[cython.longlong][::1]
    memory: cython.ulonglong[::1]
    remembers: cython.bint

    def __init__(self, rows):
        check(rows)
        self.rows = rows
        self.code = memoryview(rows).cast("B").cast("q")
        self.memory = memoryview(bytearray(8 * b.MEMORY)).cast("Q")
        self.remembers = any(rows[at, b.CODE] in SCRATCH for at in range(len(rows)))

    def run(
        self,
        octets: cython.const[cython.uchar][::1],
        index: cython.const[cython.longlong][:, ::1],
        count: cython.Py_ssize_t,
        linktype: cython.longlong,
        verdicts: cython.uchar[::1],
    ):
        """Ask of packets 0..count-1 those of a link type that nobody was asked for: `verdicts`.

        Returns how many are of other link types and still unasked.
        """
        p: cython.Py_ssize_t
        left: cython.Py_ssize_t = 0
        start: cython.Py_ssize_t
        with cython.nogil:
            for p in range(count):
                if verdicts[p] != b.UNASKED:
                    continue
                if index[n.LINKTYPE, p] != linktype:
                    left += 1
                    continue
                start = index[n.OFFSET, p]
                verdicts[p] = self.accepts(octets, start, start + index[n.CAPLEN, p],
                                           index[n.WIRE_LENGTH, p])
        return left

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def accepts(
        self,
        octets: cython.const[cython.uchar][::1],
        start: cython.Py_ssize_t,
        end: cython.Py_ssize_t,
        wire: cython.longlong,
    ) -> cython.uchar:
        """Whether the program accepts the packet in octets start..end."""
        at: cython.Py_ssize_t = 0
        loops: cython.int = 0
        place: cython.Py_ssize_t
        code: cython.longlong
        k: cython.ulonglong
        a: cython.ulonglong = 0
        x: cython.ulonglong = 0
        captured: cython.ulonglong = end - start
        length: cython.ulonglong = wire
        program: cython.const[cython.longlong][::1] = self.code
        length = length if length < WORD else WORD
        if self.remembers:
            for place in range(b.MEMORY):
                self.memory[place] = 0
        while True:
            code = program[at + b.CODE]
            k = program[at + b.OPERAND]
            if code == b.LD_HALF_ABS:
                if k + 2 > captured:
                    return b.REJECTED
                place = start + k
                a = (octets[place] << 8) | octets[place + 1]
            elif code == b.JEQ_K:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a == k else b.IF_FALSE)]
            elif code == b.LD_BYTE_ABS:
                if k + 1 > captured:
                    return b.REJECTED
                a = octets[start + k]
            elif code == b.LD_WORD_ABS:
                if k + 4 > captured:
                    return b.REJECTED
                a = word(octets, start + k)
            elif code == b.LD_WORD_IND:
                if x + k + 4 > captured:
                    return b.REJECTED
                a = word(octets, start + x + k)
            elif code == b.LD_HALF_IND:
                if x + k + 2 > captured:
                    return b.REJECTED
                place = start + x + k
                a = (octets[place] << 8) | octets[place + 1]
            elif code == b.LD_BYTE_IND:
                if x + k + 1 > captured:
                    return b.REJECTED
                a = octets[start + x + k]
            elif code == b.LDX_MSH:
                if k + 1 > captured:
                    return b.REJECTED
                x = (octets[start + k] & 15) << 2
            elif code == b.JGT_K:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a > k else b.IF_FALSE)]
            elif code == b.JGE_K:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a >= k else b.IF_FALSE)]
            elif code == b.JSET_K:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a & k else b.IF_FALSE)]
            elif code == b.JEQ_X:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a == x else b.IF_FALSE)]
            elif code == b.JGT_X:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a > x else b.IF_FALSE)]
            elif code == b.JGE_X:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a >= x else b.IF_FALSE)]
            elif code == b.JSET_X:
                at += b.INSTRUCTION_COLUMNS * program[at + (b.IF_TRUE if a & x else b.IF_FALSE)]
            elif code == b.JA:
                if k >> 31:
                    loops += 1
                    if loops > b.MOST_LOOPS:
                        return b.REJECTED
                    at -= b.INSTRUCTION_COLUMNS * ((~k & WORD) + 1)
                else:
                    at += b.INSTRUCTION_COLUMNS * k
            elif code == b.RET_K:
                return b.ACCEPTED if k else b.REJECTED
            elif code == b.RET_A:
                return b.ACCEPTED if a else b.REJECTED
            elif code == b.AND_K:
                a &= k
            elif code == b.ADD_K:
                a = (a + k) & WORD
            elif code == b.LD_IMM:
                a = k
            elif code == b.LD_MEM:
                a = self.memory[k]
            elif code == b.LD_LEN:
                a = length
            elif code == b.LDX_IMM:
                x = k
            elif code == b.LDX_MEM:
                x = self.memory[k]
            elif code == b.LDX_LEN:
                x = length
            elif code == b.ST:
                self.memory[k] = a
            elif code == b.STX:
                self.memory[k] = x
            elif code == b.TAX:
                x = a
            elif code == b.TXA:
                a = x
            elif code == b.NEG:
                a = (~a + 1) & WORD
            else:
                if code & 8:  # the operand is the index register
                    k = x
                    code ^= 8
                if k == 0 and (code == b.DIV_K or code == b.MOD_K):
                    return b.REJECTED
                a = combined(code, a, k)
            at += b.INSTRUCTION_COLUMNS


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def word(octets: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.ulonglong:
    """The 32 bits at `at`."""
    return ((cython.cast(cython.ulonglong, octets[at]) << 24) | (octets[at + 1] << 16)
            | (octets[at + 2] << 8) | octets[at + 3])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def combined(
    code: cython.longlong, a: cython.ulonglong, k: cython.ulonglong
) -> cython.ulonglong:
    """The result of an arithmetic instruction on two values of 32 bits."""
    if code == b.ADD_K:
        a += k
    elif code == b.SUB_K:
        a += (~k & WORD) + 1
    elif code == b.MUL_K:
        a *= k
    elif code == b.DIV_K:
        a //= k
    elif code == b.MOD_K:
        a %= k
    elif code == b.OR_K:
        a |= k
    elif code == b.AND_K:
        a &= k
    elif code == b.XOR_K:
        a ^= k
    elif code == b.LSH_K:
        a = a << k if k < 32 else 0
    else:
        a = a >> k if k < 32 else 0
    return a & WORD
