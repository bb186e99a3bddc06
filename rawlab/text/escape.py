"""Text from a wire, made safe for a terminal."""

from __future__ import annotations

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def escape(text: str) -> str:
    """`text` with nothing in it that steers a terminal.

    Control characters (C0, C1, DEL), overrides of the writing direction, other invisible
    formatting, line separators and lone surrogates become backslash escapes (`\\x1b`,
    `\\u202e`); all printable characters of any script stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
