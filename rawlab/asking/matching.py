"""Whether a packet answers another, layer by layer, by the rules that their headers declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rawlab.schema.answering import (
    announces_the_same,
    counts,
    is_answer,
    is_quote_of,
    is_quoting,
    mirrored_in,
    reaches_sender,
)
from rawlab.schema.declaration import Header

if TYPE_CHECKING:
    from rawlab.packet import Packet


def answers(request: Packet, reply: Packet) -> bool:
    """Whether `reply` answers `request`, by what the declarations of their headers say.

    Every header of the request has its counterpart in the reply, which holds to its rule
    (`answers=`) if it has one; headers in front that one of both lacks are passed over (a frame,
    and a packet without one), and so are those that have no say. An error (ICMP) answers the
    request that it quotes.
    """
    return layers_answer(request.layers, reply.layers)


def layers_answer(asked: Sequence[Header], told: Sequence[Header]) -> bool:
    """As `answers`, of the layers of two packets."""
    return answers_at(asked, told, quoting_layer(told))


def answers_at(asked: Sequence[Header], told: Sequence[Header], at: int | None) -> bool:
    """As `layers_answer`, where layer `at` of the reply, if any, is an error."""
    if at is not None:
        return _addresses_sender(asked, told[:at]) and _quotes(asked, told[at + 1 :])
    requests, replies = aligned(counted(asked), counted(told))
    if not requests or len(replies) < len(requests):
        return False
    for request, reply in zip(requests, replies, strict=False):
        if type(request) is not type(reply) or not is_answer(request, reply):
            return False
    last = requests[-1]
    return last is not asked[-1] or announces_the_same(last, replies[len(requests) - 1])


def counted(layers: Sequence[Header]) -> list[Header]:
    """The layers that a reply has to have as well."""
    return [layer for layer in layers if counts(layer)]


def aligned(
    asked: Sequence[Header], told: Sequence[Header]
) -> tuple[Sequence[Header], Sequence[Header]]:
    """Both from the outermost header on that they share; nothing where they share none."""
    if not asked or not told:
        return (), ()
    for at, layer in enumerate(told):
        if type(layer) is type(asked[0]):
            return asked, told[at:]
    for at, layer in enumerate(asked):
        if type(layer) is type(told[0]):
            return asked[at:], told
    return (), ()


def quoting_layer(layers: Sequence[Header]) -> int | None:
    """The number of the layer that is an error about the packet inside it."""
    return next((at for at, layer in enumerate(layers) if is_quoting(layer)), None)


def _addresses_sender(asked: Sequence[Header], outside: Sequence[Header]) -> bool:
    """Whether the headers around an error lead to whom the request came from."""
    requests, replies = aligned(counted(asked), counted(outside))
    for request, reply in zip(requests, replies, strict=False):
        if type(request) is not type(reply):
            break
        if not all(reaches_sender(term, request, reply) for term in mirrored_in(type(request))):
            return False
    return True


def _quotes(asked: Sequence[Header], inside: Sequence[Header]) -> bool:
    """Whether the quoted headers are those of the request, from one of its headers on."""
    sent, quoted = counted(asked), counted(inside)
    if not quoted:
        return False
    return any(type(layer) is type(quoted[0]) and _same_packet(sent[at:], quoted)
               for at, layer in enumerate(sent))


def _same_packet(sent: Sequence[Header], quoted: Sequence[Header]) -> bool:
    """Whether the quoted headers, of which the last may be cut, are the first of those sent."""
    for was, is_now in zip(sent, quoted, strict=False):
        if type(was) is not type(is_now) or not is_quote_of(was, is_now):
            return False
    return len(quoted) >= len(sent) or announces_the_same(sent[len(quoted) - 1], quoted[-1])
