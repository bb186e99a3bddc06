"""What is wrong with a display filter, and where."""

from __future__ import annotations


class FilterError(ValueError):
    """A display filter that means nothing: its message is one line, `pointed` shows the place."""

    def __init__(self, reason: str, text: str = "", position: int = 0, length: int = 1) -> None:
        super().__init__(reason, text, position, length)
        self.reason = reason
        self.text = text
        """The filter."""
        self.position = position
        """The character at which the trouble begins, from 0."""
        self.length = length

    def __str__(self) -> str:
        if not self.text:
            return self.reason
        return f"display filter {self.text!r}, column {self.position + 1}: {self.reason}"

    def located(self, text: str) -> FilterError:
        """The same, said of the filter `text`."""
        return FilterError(self.reason, text, self.position, self.length)

    @property
    def pointed(self) -> str:
        """The reason, the filter, and a line of carets under what is wrong."""
        shown = "".join(c if c.isprintable() else " " for c in self.text)
        room = max(1, len(shown) - self.position)
        return f"{self.reason}\n{shown}\n{' ' * self.position}{'^' * min(self.length, room)}"
