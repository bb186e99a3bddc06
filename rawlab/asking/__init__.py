"""Asking and answering: packets sent, and what comes back told by the declared rules.

    reply = rawlab.exchange(IPv4(dst="10.0.0.2") / ICMP(), timeout_s=1)
"""

from __future__ import annotations

from rawlab.asking.defaults import Unreachable, with_defaults
from rawlab.asking.exchange import exchange, exchange_all, exchange_all_async, exchange_async
from rawlab.asking.matching import answers
from rawlab.asking.outcome import Exchanged, Reply
from rawlab.asking.replying import reply_to
from rawlab.asking.responder import Responder, respond
from rawlab.schema.answering import NoAnswer

__all__ = [
    "Exchanged",
    "NoAnswer",
    "Reply",
    "Responder",
    "Unreachable",
    "answers",
    "exchange",
    "exchange_all",
    "exchange_all_async",
    "exchange_async",
    "reply_to",
    "respond",
    "with_defaults",
]
