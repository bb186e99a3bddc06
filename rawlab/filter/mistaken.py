"""What may have been meant by a text that is no display filter."""

from __future__ import annotations

import difflib
import re

_KEYWORDS = ("and or not xor in contains matches any all eq ne lt le gt ge any_eq all_eq any_ne"
             " all_ne bitwise_and").split()
_CAPTURE_WORDS = frozenset(
    "ah and arp atalk broadcast bpf decnet direction dst ether esp fddi gateway greater gt host"
    " icmp icmp6 igmp igrp ip ip6 less link lt mask moprc mpls multicast net not on or pim port"
    " portrange pppoed pppoes proto protochain radio rarp sctp src tcp tr type udp vlan vrrp"
    " wlan".split())
_CAPTURE_ALONE = frozenset("dst gateway greater host less net port portrange proto src".split())
_WORD = re.compile(r"[A-Za-z][\w.\-]*|[\d.:/\-]+")
_DISPLAY = re.compile(r"==|!=|~|\b(contains|matches|eq|ne|in)\b|[a-z]\.[a-z]")


def is_capture_filter(text: str) -> bool:
    """Whether `text` looks like libpcap's language: `udp port 53`, and not `udp.port == 53`."""
    words = _WORD.findall(text)
    if _DISPLAY.search(text) or not _CAPTURE_ALONE.intersection(words):
        return False
    return words[0] in _CAPTURE_WORDS


def advice(text: str, word: str) -> str:
    """What to do instead, to stand after a complaint about `word`; or nothing."""
    if is_capture_filter(text):
        return ("; this looks like a capture filter (udp port 53), which is given without -Y; a"
                " display filter compares fields (udp.port == 53)")
    if word.lower() in _KEYWORDS and word not in _KEYWORDS:
        return f"; did you mean {word.lower()!r}?"
    if word == "=":
        return "; to compare say =="
    if word and word.isidentifier() and word not in _KEYWORDS:
        near = difflib.get_close_matches(word, _KEYWORDS, 1, 0.75)
        return f"; did you mean {near[0]!r}?" if near else ""
    return ""
