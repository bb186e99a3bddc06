"""The grammar of display filters: from text to a tree of words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rawlab.filter.error import FilterError
from rawlab.filter.mistaken import advice

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

LONGEST = 65_536
"""Characters of a filter."""

GRAMMAR = r"""
?start: either
?either: exclusive (("or" | "||") exclusive)*
?exclusive: both (("xor" | "^^") both)*
?both: negated (("and" | "&&") negated)*
?negated: ("not" | "!") negated -> negation
        | relation
?relation: masked
         | QUANTIFIER masked (COMPARES masked)+  -> quantified
         | QUANTIFIER masked "in" set            -> quantified_in
         | QUANTIFIER masked "not" "in" set      -> quantified_not_in
         | masked (COMPARES masked)+             -> comparison
         | masked "in" set
         | masked "not" "in" set                 -> not_in
?masked: sum (("&" | "bitwise_and") sum)*
?sum: product (SIGN product)*
?product: signed (TIMES signed)*
?signed: SIGN signed -> sign
       | postfix
?postfix: atom
        | postfix SLICE -> slice
        | postfix LAYER -> layer
?atom: WORD      -> word
     | STRING    -> string
     | CHARACTER -> character
     | REFERENCE -> reference
     | WORD "(" [either ("," either)*] ")" -> call
     | "(" either ")"
     | "{" either "}"
set: "{" member ("," member)* "}"
member: sum [".." sum]

QUANTIFIER.2: /(any|all)(?![\w.:\/-])/
COMPARES.2: /===|!==|[=!~<>]=|[<>~]/
        | /(eq|ne|lt|le|gt|ge|contains|matches|any_eq|all_eq|any_ne|all_ne)(?![\w.:\/-])/
SIGN: "+" | "-"
TIMES: "*" | "/" | "%"
SLICE: /\[[^\]]*\]/
LAYER: /#[ \t]*(\d+|\[[^\]]*\])/
STRING.3: /r?"(\\.|[^"\\])*"/s
CHARACTER.3: /'(\\.[^']*|[^'\\])'/s
REFERENCE: /\$\{[^}]*\}/
WORD: /(?![-\/])([A-Za-z0-9_:\/\-]|\.(?!\.))+/
SPACE: /[ \t\r\n]+/
%ignore SPACE
"""


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse(text: str) -> Tree[Token] | Token:
    """The tree of a filter's words; FilterError where it is not in the language."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    if len(text) > LONGEST:
        raise FilterError(f"a filter has at most {LONGEST} characters, not {len(text)}")
    try:
        return _parser().parse(text)
    except UnexpectedCharacters as error:
        raise wrong_character(text, error.pos_in_stream or 0) from None
    except UnexpectedEOF:
        raise ended(text) from None
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            raise ended(text) from None
        reason = f"{str(token)!r} cannot stand here{advice(text, str(token))}"
        raise FilterError(reason, text, token.start_pos or 0, len(token)) from None


def ended(text: str) -> FilterError:
    """The filter ends too early."""
    return FilterError(f"it ends where more must follow{advice(text, '')}", text, len(text))


def wrong_character(text: str, place: int) -> FilterError:
    """A character that begins no word of the language."""
    character = text[place : place + 1]
    reason = f"{character!r} cannot stand here"
    if character == '"':
        reason = "the string has no closing quote"
    elif character == "'":
        reason = "one character stands between single quotes, as in 'A'; strings take \"...\""
    elif character == "@":
        reason = "raw fields (@) are not in the language here; use a slice"
    return FilterError(reason + advice(text, character), text, place)
