"""Arithmetic of display filters."""

from __future__ import annotations


def calculate(op: str, left: int, right: int) -> int | None:
    """Arithmetic as Wireshark's: division truncates; None for a division by zero."""
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if op == "&":
        return left & right
    if right == 0:
        return None
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if op == "/" else left - quotient * right
