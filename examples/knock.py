"""A question and its answer over UDP, with the rule of what answers what.

    from rawlab import exchange, reply_to, respond

A request is asked by `exchange(IPv4(dst=...) / UDP(srcport=..., dstport=9911) / Knock(word="hi"))`;
`respond("veth0", reply_to, filter="udp dst port 9911", registry=...)` is the other side.
"""

from rawlab.schema import U8, U16, Enum, Header, Named, Text, becomes, on, same


class KnockKind(Named):
    """What is said."""

    WHO_IS_THERE = 1
    ME = 2
    GO_AWAY = 3


class Knock(
    Header,
    name="knock",
    follows=on("udp.port", 9911),
    summary="{kind} #{number} {word}",
    answers=lambda h: (same(h.number), becomes(h.kind, {1: (2, 3)})),
):
    """Knock."""

    kind: Enum[KnockKind] = Enum(KnockKind, bits=8, default=KnockKind.WHO_IS_THERE)
    number: U16 = U16(default=1, label="Number of the question")
    len: U8 = U8(unit="octets")
    word: Text = Text(length=len)
