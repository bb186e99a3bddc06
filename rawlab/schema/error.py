"""What is raised to the author of a declaration, and by custom fields."""

from __future__ import annotations


class DeclarationError(TypeError):
    """A declaration is wrong: which class, which field, and why."""

    def __init__(self, owner: str, field: str, reason: str) -> None:
        place = f"{owner}.{field}" if field else owner
        super().__init__(f"{place}: {reason}")


class Malformed(Exception):
    """Raised by a custom field's `read`: the octets are not what it can read.

    `at` is a position in the message, `want` and `got` numbers that say what was expected there.
    It never leaves the schema: it becomes a fault.
    """

    def __init__(self, reason: str, at: int = 0, want: int = 0, got: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.want = want
        self.got = got
