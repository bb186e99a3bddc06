"""Which packets a client sent and which a server, as far as the packets tell."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rawlab.transform.conversations import Conversations

if TYPE_CHECKING:
    from rawlab.batch import Batch
    from rawlab.packet import Packet

CLIENT, SERVER = 0, 1
PRIVILEGED_PORTS = 1024
"""Servers have ports below this one, as a rule."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class ClientSide:
    """Tells clients' packets from servers'.

    By conversations: the client is who is in the list of clients (by address or MAC address), if
    either end is; or who sent the SYN, or did not send the SYN-ACK; or else who does not have the
    one port below 1024; or else who sent the first packet. Packets without network addresses (ARP)
    are of the side that their MAC address was seen on; before that, the client's.
    """

    def __init__(self, clients: Sequence[str] = ()) -> None:
        """`clients`: addresses, networks (10.0.0.0/8) and MAC addresses. Raises ValueError."""
        self._networks: list[Network] = []
        self._macs: set[str] = set()
        for text in clients:
            if _MAC.fullmatch(text.lower()):
                self._macs.add(text.lower())
                continue
            try:
                self._networks.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                raise ValueError(f"client {text!r} is no address, network or MAC address") from None
        self._conversations = Conversations()
        self._second_is_client: list[bool] = []
        """Of each conversation whether its second end is the client."""
        self._side_of_mac: dict[str, int] = {}

    def of(self, batch: Batch) -> NDArray[np.uint8]:
        """CLIENT or SERVER for each packet: which of them sent it."""
        numbers, from_second = self._conversations.directed(batch)
        known = len(self._second_is_client)
        fresh, firsts = np.unique(numbers, return_index=True)
        for number, position in zip(fresh.tolist(), firsts.tolist(), strict=True):
            if number >= known:
                is_client = self._sent_by_client(number, batch[position])
                self._second_is_client.append(is_client == bool(from_second[position]))
                if self._conversations.found[number].ends is not None:
                    self._remember(batch[position], CLIENT if is_client else SERVER)
        second_is_client = np.array(self._second_is_client, dtype=np.bool_)[numbers]
        sides = np.where(from_second == second_is_client, CLIENT, SERVER).astype(np.uint8)
        for number in fresh.tolist():
            if self._conversations.found[number].ends is None:
                for position in np.flatnonzero(numbers == number).tolist():
                    sides[position] = self._by_mac(batch[position])
        return sides

    def _sent_by_client(self, number: int, packet: Packet) -> bool:
        """Whether a client sent the first packet of a conversation."""
        found = self._conversations.found[number]
        if found.ends is None:
            return True
        for end, is_client in (("src", True), ("dst", False)):
            if self._is_listed(packet, end):
                return is_client
        tcp = packet.get("tcp") if found.protocol == "tcp" else None
        flags = None if tcp is None else tcp.flags
        if flags is not None and flags.syn:
            return not flags.ack
        transport = packet.get(found.protocol)
        ports = [getattr(transport, name, None) for name in ("srcport", "dstport")]
        if None not in ports:
            low = [int(port) < PRIVILEGED_PORTS for port in ports]  # type: ignore[arg-type]
            if low[0] != low[1]:
                return low[1]
        return True

    def _is_listed(self, packet: Packet, end: str) -> bool:
        """Whether an end of a packet, "src" or "dst", is in the list of clients."""
        if not self._networks and not self._macs:
            return False
        addresses = [getattr(packet.get(name), end, None) for name in ("ip", "ipv6")]
        return str(getattr(packet.get("eth"), end, "")) in self._macs or any(
            address in network for address in addresses if address for network in self._networks
        )

    def _remember(self, packet: Packet, side: int) -> None:
        eth = packet.get("eth")
        if eth is not None:
            self._side_of_mac.setdefault(str(eth.src), side)
            self._side_of_mac.setdefault(str(eth.dst), 1 - side)

    def _by_mac(self, packet: Packet) -> int:
        """The side of a packet without network addresses."""
        mac = str(getattr(packet.get("eth"), "src", ""))
        asking = getattr(packet.get("arp"), "src__proto_ipv4", None)
        if mac in self._macs or asking and any(asking in network for network in self._networks):
            return CLIENT
        return self._side_of_mac.get(mac, CLIENT)
