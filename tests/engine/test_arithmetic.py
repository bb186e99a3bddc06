"""Expressions compute as Python's integers do, held to 64 bits; what leaves them is a fault."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from declared import dissect, faults_of
from rawlab.schema import I64, Header, Octets
from rawlab.schema.expression import Constant, Expression, Operation

MOST = 2**63 - 1
Number = tuple[int, str]
"""A value, and the fault that its last troubled operation was."""


class Operands(Header, name="operands"):
    """Two numbers to compute with."""

    a: I64 = I64()
    b: I64 = I64()


def compute(expression: Any) -> Number:
    """What the engine computes, told by the length that it takes octets for to be."""

    class Probe(Operands, name="probe"):
        """Octets as long as the expression says."""

        body: Octets = Octets(length=expression.made)
        end: Octets = Octets(length=Operands.a - Operands.a)

    octets = expression.a.to_bytes(8, signed=True) + expression.b.to_bytes(8, signed=True)
    packet = dissect(octets, Probe)
    if not packet.faults:
        return 0, ""
    ((kind, _, field, offset, want, got),) = faults_of(packet)
    assert (field, offset) == ("body", 16)
    if kind in ("OVERFLOW", "DIVISION"):
        return 0, str(kind)
    return (got, "") if kind == "LENGTH" else (want, "")  # type: ignore[return-value]


class Case:
    """An expression over two values."""

    def __init__(self, made: Expression, a: int, b: int) -> None:
        self.made, self.a, self.b = made, a, b

    def __repr__(self) -> str:
        return f"{self.made!r} with a = {self.a}, b = {self.b}"


def clamp(value: int) -> int:
    return max(-MOST, min(MOST, value))


def model(expression: Expression, values: dict[Any, int]) -> Number:
    """What Python computes."""
    if isinstance(expression, Constant):
        return clamp(expression.value), ""
    if not isinstance(expression, Operation):
        return clamp(values[expression]), ""
    a, before = model(expression.left, values)
    b, then = model(expression.right, values)
    value, trouble = operate(expression.symbol, a, b)
    return value, trouble or then or before


def operate(symbol: str, a: int, b: int) -> Number:
    if symbol in ("//", "%"):
        if b == 0:
            return 0, "DIVISION"
        return (a // b if symbol == "//" else a % b), ""
    if symbol == "<<":
        fits = 0 <= b <= 62 and abs(a << b) <= MOST
        return (a << b, "") if fits else (MOST if a > 0 else -MOST, "OVERFLOW")
    if symbol == ">>":
        return (a >> b if 0 <= b < 63 else 0), ""
    exact = {
        "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "&": lambda: a & b,
        "|": lambda: a | b, "^": lambda: a ^ b, "==": lambda: int(a == b),
        "!=": lambda: int(a != b), "<": lambda: int(a < b), "<=": lambda: int(a <= b),
        ">": lambda: int(a > b), ">=": lambda: int(a >= b),
    }[symbol]()  # fmt: skip
    return clamp(exact), "OVERFLOW" if abs(exact) > MOST and symbol in "+-*" else ""


EDGES = st.sampled_from([0, 1, -1, 2, 7, 62, 63, 64, 2**31, 2**32, MOST, -MOST, -MOST - 1])
NUMBERS = EDGES | st.integers(-MOST - 1, MOST) | st.integers(-200, 200)
SYMBOLS = st.sampled_from("+ - * // % << >> & | ^ == != < <= > >=".split())
LEAVES = st.sampled_from([Operands.a, Operands.b]) | NUMBERS.map(Constant)
TREES = st.recursive(
    LEAVES, lambda inner: st.builds(Operation, SYMBOLS, inner, inner), max_leaves=8
)


@settings(max_examples=600)
@given(tree=TREES, a=NUMBERS, b=NUMBERS)
@example(tree=Operation("//", Operands.a, Operands.b), a=-7, b=2)
@example(tree=Operation("%", Operands.a, Operands.b), a=-7, b=-2)
@example(tree=Operation("%", Operands.a, Operands.b), a=-MOST - 1, b=-1)
@example(tree=Operation("//", Operands.a, Operands.b), a=-MOST - 1, b=-1)
@example(tree=Operation("*", Operands.a, Operands.b), a=-MOST - 1, b=-MOST - 1)
@example(tree=Operation(">>", Operands.a, Operands.b), a=-5, b=1)
@example(tree=Operation("<<", Operands.a, Operands.b), a=-1, b=62)
@example(tree=Operation("-", Constant(0), Operands.a), a=-MOST - 1, b=0)
def test_computes_as_python_does(tree: Expression, a: int, b: int) -> None:
    value, trouble = model(tree, {Operands.a: a, Operands.b: b})
    assume((value != 0 or trouble) and not isinstance(tree, Constant))
    assert compute(Case(tree, a, b)) == ((0, trouble) if trouble else (value, ""))


@given(a=NUMBERS, b=NUMBERS)
def test_zero_takes_no_octets(a: int, b: int) -> None:
    assert compute(Case(Operands.a - Operands.a, a, b)) == (0, "")
