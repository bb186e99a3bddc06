"""Cutting packets to size: IPv4 and IPv6 fragments, TCP segments."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from rawlab.engine.view import bounds_of, source_of
from rawlab.packet import Packet
from rawlab.schema.declaration import Header, header_name
from rawlab.schema.draft import Draft, Layer, as_layer
from rawlab.schema.redraft import redraft

_UNIT = 8
"""Octets in which fragment offsets are counted."""
_REPEATED = frozenset({"ipv6.hopopts", "ipv6.routing"})
"""Extension headers that every IPv6 fragment repeats (RFC 8200 section 4.5)."""
_FRAGMENT_HEADER_OCTETS = 8


def fragment(packet: Packet | Draft, mtu_octets: int, *, ident: int | None = None) -> list[Packet]:
    """The IP fragments of a packet that is too large for a link (RFC 791, RFC 8200 section 4.5).

    `mtu_octets` is what the link carries, IP header included. A packet that fits is given back
    alone. IPv6 fragments need an identification: by chance, unless `ident` gives it. ValueError
    for a packet without IP, one that must not be fragmented (DF), or an MTU that leaves no room
    for 8 octets.
    """
    whole = _whole(packet)
    place = _place(whole, {"ip", "ipv6"}, "IP")
    _, start, _, limit, _ = bounds_of(whole.layers[place])
    if limit - start <= mtu_octets:
        return [whole]
    if header_name(type(whole.layers[place])) == "ip":
        return _fragments_of_4(whole, place, mtu_octets)
    return _fragments_of_6(
        whole, place, mtu_octets, random.getrandbits(32) if ident is None else ident)


def _fragments_of_4(whole: Packet, place: int, mtu_octets: int) -> list[Packet]:
    ip: Any = whole.layers[place]
    if ip.flags.df:
        raise ValueError("the packet says that it must not be fragmented (ip.flags.df)")
    payload = _carried(ip)
    room = _room(mtu_octets - ip.hdr_len)
    found = []
    for start in range(0, len(payload), room):
        end = start + room
        more = ip.flags | (end < len(payload))
        offset = ip.frag_offset + start // _UNIT
        edits = {"frag_offset": offset, "flags": more, "payload": payload[start:end]}
        found.append(_edited(whole, {place: edits}))
    return found


def _fragments_of_6(whole: Packet, place: int, mtu_octets: int, ident: int) -> list[Packet]:
    from rawlab.plugins import default_registry

    (fragment_header,) = default_registry()["ipv6.fraghdr"]
    last = _last_repeated(whole, place)
    before: Any = whole.layers[last]
    leading = _bare(redraft(whole.layers[: last + 1]).layers)
    _, start, _, _, _ = bounds_of(whole.layers[place])
    _, _, end, _, _ = bounds_of(before)
    payload = _carried(before)
    room = _room(mtu_octets - (end - start) - _FRAGMENT_HEADER_OCTETS)
    found = []
    for at in range(0, len(payload), room):
        more = at + room < len(payload)
        cut = fragment_header(nxt=before.nxt, offset=at // _UNIT, more=more, ident=ident)
        found.append(_packet(whole, Draft((*leading, cut), payload[at : at + room])))
    return found


def _last_repeated(whole: Packet, place: int) -> int:
    """The last header that every fragment repeats: what comes before a routing header, too."""
    names = [header_name(type(layer)) for layer in whole.layers[place:]]
    extensions = 1
    while extensions < len(names) and names[extensions] in (*_REPEATED, "ipv6.dstopts"):
        extensions += 1
    repeated = [i for i in range(extensions) if i == 0 or names[i] in _REPEATED]
    return place + repeated[-1]


def segment(packet: Packet | Draft, mss_octets: int) -> list[Packet]:
    """The TCP segments of a packet that holds more than `mss_octets` of data (RFC 9293, 3.7).

    Sequence numbers and IPv4's identification go on from one to the next; FIN and PSH stay with the
    last, CWR with the first. ValueError for a packet without TCP.
    """
    whole = _whole(packet)
    place = _place(whole, {"tcp"}, "TCP")
    if mss_octets < 1:
        raise ValueError(f"a segment holds one octet at least, not {mss_octets}")
    tcp: Any = whole.layers[place]
    payload = _carried(tcp)
    found = []
    for i, start in enumerate(range(0, max(len(payload), 1), mss_octets)):
        dropped = {"cwr"} if start else set()
        if start + mss_octets < len(payload):
            dropped |= {"fin", "push"}
        edits: dict[int, Mapping[str, Any]] = {place: {
            "seq_raw": (tcp.seq_raw + start) & 0xFFFFFFFF,
            "flags": [name for name in tcp.flags.set_names() if name not in dropped],
            "payload": payload[start : start + mss_octets],
        }}  # fmt: skip
        for number, layer in enumerate(whole.layers[:place]):
            if header_name(type(layer)) == "ip":
                before: Any = layer
                edits[number] = {"id": (before.id + i) & 0xFFFF}
        found.append(_edited(whole, edits))
    return found


def _whole(packet: Packet | Draft) -> Packet:
    """A draft, built; ValueError for a packet of which octets are missing."""
    whole = packet
    if isinstance(whole, Draft):
        whole = Packet(bytes(whole), linktype=whole.linktype)
    if whole.caplen < whole.length:
        raise ValueError(f"only {whole.caplen} of the packet's {whole.length} octets are here")
    return whole


def _place(whole: Packet, names: set[str], called: str) -> int:
    """The number of the outermost layer of one of these names."""
    for i, layer in enumerate(whole.layers):
        if header_name(type(layer)) in names:
            return i
    raise ValueError(f"{whole!r} has no {called} header")


def _room(octets: int) -> int:
    if octets < _UNIT:
        raise ValueError(f"the MTU leaves room for {octets} octets, and a fragment needs {_UNIT}")
    return octets // _UNIT * _UNIT


def _carried(layer: Header) -> bytes:
    """The octets that a layer carries."""
    _, _, end, limit, _ = bounds_of(layer)
    return bytes(memoryview(source_of(layer).whole())[end:limit])


def _bare(layers: Iterable[Header | Layer]) -> tuple[Layer, ...]:
    """Layers without what follows their payload: padding is not repeated."""
    return tuple(as_layer(layer)._replace(trailer=b"") for layer in layers)


def _edited(whole: Packet, edits: Mapping[int, Mapping[str, Any]]) -> Packet:
    draft = redraft(whole.layers, edits=edits)
    return _packet(whole, Draft(_bare(draft.layers), draft.payload))


def _packet(whole: Packet, draft: Draft) -> Packet:
    return Packet(bytes(draft), time_ns=whole.time_ns, linktype=whole.linktype,
                  interface=whole.interface)
