# cython: language_level=3
"""The operators of declarations' expressions: 64-bit signed arithmetic that saturates.

Types stand in `arithmetic.pxd`. Operands lie within -MOST..MOST, and so do results.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine import numbers as n
else:
    from rawlab.engine import numbers as n

MOST = cython.declare(cython.longlong, 0x7FFFFFFFFFFFFFFF)


def trouble(operation, a, b):
    """0, or the fault that `a operation b` is: OVERFLOW or DIVISION."""
    if operation == n.ADD:
        if (b > 0 and a > MOST - b) or (b < 0 and a < -MOST - b):
            return n.OVERFLOW
    elif operation == n.SUB:
        if (b < 0 and a > MOST + b) or (b > 0 and a < -MOST + b):
            return n.OVERFLOW
    elif operation == n.MUL:
        if b != 0 and abs(a) > MOST // abs(b):
            return n.OVERFLOW
    elif operation == n.SHL:
        if b < 0 or b > 62 or abs(a) > MOST >> b:
            return n.OVERFLOW
    elif operation == n.DIV or operation == n.MOD:
        if b == 0:
            return n.DIVISION
    return 0


def divide(a, b):
    """The quotient, rounded down as Python does; C rounds towards zero, so nothing is negative."""
    if b < 0:
        a, b = -a, -b
    return a // b if a >= 0 else -1 - (-a - 1) // b


def remain(a, b):
    """What division leaves over; it has the sign of `b`."""
    size: cython.longlong = abs(b)
    if b < 0:
        a = -a
    a = a % size if a >= 0 else size - 1 - (-a - 1) % size
    return -a if b < 0 else a


def join(operation, a, b):
    """`a operation b`; at the bound where it would overflow, 0 for a division by zero."""
    if trouble(operation, a, b):
        if operation == n.DIV or operation == n.MOD:
            return 0
        if operation == n.MUL:
            return MOST if (a > 0) == (b > 0) else -MOST
        return MOST if a > 0 else -MOST
    if operation == n.ADD:
        return a + b
    elif operation == n.SUB:
        return a - b
    elif operation == n.MUL:
        return a * b
    elif operation == n.DIV or operation == n.MOD:
        return divide(a, b) if operation == n.DIV else remain(a, b)
    elif operation == n.SHL:
        return a << b
    elif operation == n.SHR:
        return a >> b if 0 <= b < 63 else 0
    elif operation == n.AND:
        return max(a & b, -MOST)
    elif operation == n.OR:
        return a | b
    elif operation == n.XOR:
        return max(a ^ b, -MOST)
    elif operation == n.EQ:
        return 1 if a == b else 0
    elif operation == n.NE:
        return 1 if a != b else 0
    elif operation == n.LT:
        return 1 if a < b else 0
    elif operation == n.LE:
        return 1 if a <= b else 0
    elif operation == n.GT:
        return 1 if a > b else 0
    return 1 if a >= b else 0
