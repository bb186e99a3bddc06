"""Which packets belong to one conversation: protocol, two addresses, two ports, either way."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch
from rawlab.engine import numbers as n
from rawlab.schema.declaration import declaration_of
from rawlab.schema.tables import Tables
from rawlab.transform.places import Layers, Numbers, layers_of

_ADDRESS = 16
_END = _ADDRESS + 2
_OTHERS = 0
"""The kind of packets without network addresses: all of them are one conversation."""
_TRANSPORTS = ("tcp", "udp", "sctp", "udplite")


class End(NamedTuple):
    """One end of a conversation."""

    address: str
    port: int


class Conversation(NamedTuple):
    """Two ends and what they speak: "tcp", or "ip" and "ipv6" where there are no ports."""

    protocol: str
    ends: tuple[End, End] | None
    """None: packets without network addresses."""

    @property
    def name(self) -> str:
        """A name that a file may have everywhere."""
        if self.ends is None:
            return self.protocol
        ends = (f"{end.address.replace(':', '_')}.{end.port}" if self.protocol in _TRANSPORTS
                else end.address.replace(":", "_") for end in self.ends)
        return "-".join((self.protocol, *ends))


class Conversations:
    """Numbers conversations in the order of their first packets, from 0.

    A packet is told by its outermost network header and by the transport header that follows, if
    one does: what a tunnel or an ICMP error holds inside does not count. Fragments after the
    first have no ports, and so belong to a conversation of the two addresses.
    """

    def __init__(self) -> None:
        self._tables: Tables | None = None
        self._numbers: dict[bytes, int] = {}
        self.found: list[Conversation] = []

    def of(self, batch: Batch) -> NDArray[np.int64]:
        """The number of each packet's conversation."""
        return self.directed(batch)[0]

    def directed(self, batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The number of each packet's conversation, and whether its second end sent it."""
        if self._tables is not batch.tables:
            self._tables = batch.tables
            self._learn(self._tables)
        keys, from_second = self._keys(batch, layers_of(batch))
        different, first, places = np.unique(
            keys.view(f"V{keys.shape[1]}").reshape(-1), return_index=True, return_inverse=True
        )
        numbers = np.empty(len(different), dtype=np.int64)
        for i in np.argsort(first).tolist():
            numbers[i] = self._number(different[i].tobytes())
        return numbers[places], from_second

    def _number(self, key: bytes) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.found)
            self.found.append(self._told(key))
        return number

    def _learn(self, tables: Tables) -> None:
        """Which headers have network addresses or ports, and where."""
        count = len(tables.classes)
        self._address = np.zeros((count, 3), dtype=np.int64)  # octets, source, destination
        self._transport = np.zeros(count, dtype=np.int64)  # its place among _TRANSPORTS, from 1
        self._names = [declaration_of(cls).name for cls in tables.classes]
        for number, cls in enumerate(tables.classes):
            declared = declaration_of(cls)
            places = declared.layout.places
            pair = [places[f] for f in declared.fields
                    if f.pseudo and (f.bits or 0) >= 32 and f in places]
            if len(pair) == 2:
                self._address[number] = pair[0].size, pair[0].offset, pair[1].offset
            if declared.name in _TRANSPORTS:
                self._transport[number] = 1 + _TRANSPORTS.index(declared.name)

    def _keys(
        self, batch: Batch, layers: Layers
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """For each packet: kind (network header, transport), then both ends, the lower first.

        And whether the source is the second of them.
        """
        octets = np.frombuffer(batch.octets, dtype=np.uint8)
        keys = np.zeros((batch.count, 3 + 2 * _END), dtype=np.uint8)
        headers = layers.rows[:, n.L_HEADER]
        network = self._first(layers, self._address[headers, 0] > 0)
        with_network = np.flatnonzero(network >= 0)
        sizes = self._address[headers[network[with_network]], 0]
        for size in np.unique(sizes).tolist():
            packets = with_network[sizes == size]
            rows = network[packets]
            start = layers.rows[rows, n.L_START]
            whole = start + self._address[headers[rows], 1:].max(axis=1) + size <= (
                layers.rows[rows, n.L_END])
            packets, rows, start = packets[whole], rows[whole], start[whole]
            keys[packets, 0] = size
            keys[packets, 1:3] = (headers[rows] + 1)[:, None] >> [8, 0]
            for end in (0, 1):
                window = (start + self._address[headers[rows], 1 + end])[:, None] + np.arange(size)
                keys[packets[:, None], 3 + _END * end + np.arange(size)] = octets[window]
        self._add_ports(keys, octets, layers, network)
        return _ordered(keys)

    def _add_ports(
        self, keys: NDArray[np.uint8], octets: NDArray[np.uint8], layers: Layers, network: Numbers
    ) -> None:
        headers = layers.rows[:, n.L_HEADER]
        # The first transport header after the network header, unless another thing comes between.
        after = np.arange(len(headers)) > network[layers.packets]
        after &= network[layers.packets] >= 0
        between = np.array([not _may_precede(name) for name in self._names], dtype=np.bool_)
        stops = self._first(layers, after & between[headers])
        packets = np.flatnonzero(stops >= 0)
        rows = stops[packets]
        start = layers.rows[rows, n.L_START]
        is_transport = (self._transport[headers[rows]] > 0) & (
            start + 4 <= layers.rows[rows, n.L_END])
        packets, rows, start = packets[is_transport], rows[is_transport], start[is_transport]
        keys[packets, 1] = 0xFF
        keys[packets, 2] = self._transport[headers[rows]]
        for end in (0, 1):
            window = (start + 2 * end)[:, None] + np.arange(2)
            keys[packets[:, None], 3 + _END * end + _ADDRESS + np.arange(2)] = octets[window]

    def _first(self, layers: Layers, marks: NDArray[np.bool_]) -> Numbers:
        """The first marked layer row of each packet, or -1."""
        rows = np.flatnonzero(marks)
        first: Numbers = np.full(len(layers.begins) - 1, -1, dtype=np.int64)
        first[layers.packets[rows[::-1]]] = rows[::-1]
        return first

    def _told(self, key: bytes) -> Conversation:
        size = key[0]
        if size == _OTHERS:
            return Conversation("other", None)
        named = key[1] << 8 | key[2]
        protocol = _TRANSPORTS[key[2] - 1] if key[1] == 0xFF else self._names[named - 1]
        low, high = (
            End(str(ipaddress.ip_address(key[at : at + size])),
                int.from_bytes(key[at + _ADDRESS : at + _END]))
            for at in (3, 3 + _END)
        )
        return Conversation(protocol, (low, high))


def _ordered(keys: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Keys whose lower end stands first, and which of them had to be turned for it."""
    ends = keys[:, 3:].reshape(-1, 2, _END)
    address = np.ascontiguousarray(ends[:, :, :_ADDRESS]).view(">u8")
    port = np.ascontiguousarray(ends[:, :, _ADDRESS:]).view(">u2")
    swap = port[:, 0, 0] > port[:, 1, 0]
    for word in (1, 0):
        one, other = address[:, 0, word], address[:, 1, word]
        swap = (one > other) | ((one == other) & swap)
    ends[swap] = ends[swap][:, ::-1]
    return keys, swap


def _may_precede(name: str) -> bool:
    """Whether a header may stand between a network header and its transport header."""
    return name.startswith("ipv6.") or name == "ah"
