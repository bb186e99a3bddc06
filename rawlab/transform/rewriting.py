"""Batches with other addresses and ports; checksums as good or as bad as before, or made right."""

from __future__ import annotations

import ipaddress
import re
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch
from rawlab.transform.places import Found, Layers, Places, is_port, layers_of
from rawlab.transform.resealing import resealed
from rawlab.transform.seals import NO_CHANGES, Changes, Octets, Seals, changes_of

if TYPE_CHECKING:
    from rawlab.schema.field import Field
    from rawlab.schema.tables import Tables

B = TypeVar("B", bound=Batch)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAC = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")


@dataclass(frozen=True)
class Rewrite:
    """What is to become of addresses and ports; the first rule that fits a value counts.

    Addresses and ports are replaced wherever a header declares one: in tunnels, in what ICMP
    quotes, in ARP. MAC addresses are those of the outermost header.
    """

    networks: tuple[tuple[Network, Network], ...] = ()
    """From which network into which; of one size, or any into a single address."""
    ports: tuple[tuple[int, int, int], ...] = ()
    """(first, last, new): ports first to last become new, new + 1 and so on."""
    src_mac: bytes | None = None
    dst_mac: bytes | None = None
    fix_checksums: bool = False
    """Checksums are computed anew, also those that were wrong."""

    def __bool__(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self.networks or self.ports or self.fix_checksums
                    or self.src_mac is not None or self.dst_mac is not None)


def parse_networks(text: str) -> tuple[Network, Network]:
    """A rule such as "10.0.0.0/8=192.0.0.0/8" or "10.0.0.1=10.9.9.9"; raises ValueError."""
    old, equals, new = text.partition("=")
    try:
        if not equals:
            raise ValueError
        pair = ipaddress.ip_network(old.strip()), ipaddress.ip_network(new.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not OLD=NEW, two addresses or networks with no bit after"
                         " the prefix, as in 10.0.0.0/8=192.0.0.0/8") from None
    if pair[0].version != pair[1].version:
        raise ValueError(f"{text!r}: one is of IPv4 and the other of IPv6")
    return pair


def parse_ports(text: str) -> tuple[int, int, int]:
    """A rule such as "80=8080" or "8000-8010=9000"; raises ValueError."""
    found = re.fullmatch(r"\s*(\d{1,5})(?:-(\d{1,5}))?\s*=\s*(\d{1,5})\s*", text, re.ASCII)
    if found is None:
        raise ValueError(f"{text!r} is not OLD=NEW, as in 80=8080 or 8000-8010=9000")
    first, last, new = int(found[1]), int(found[2] or found[1]), int(found[3])
    if not first <= last <= 0xFFFF or new + last - first > 0xFFFF:
        raise ValueError(f"{text!r}: ports are 0 to 65535, the smaller one first")
    return first, last, new


def parse_mac(text: str) -> bytes:
    """A MAC address such as 02:00:00:00:00:01; raises ValueError."""
    if not _MAC.fullmatch(text):
        raise ValueError(f"{text!r} is no MAC address such as 02:00:00:00:00:01")
    return bytes.fromhex(text.replace(":", ""))


class Rewriter:
    """Does to batches what a `Rewrite` says."""

    def __init__(self, rewrite: Rewrite) -> None:
        self._rewrite = rewrite
        self._tables: Tables | None = None

    def change(self, batch: B) -> B:
        """The same packets, rewritten, over octets of their own."""
        if not batch.count:
            return batch
        if self._tables is not batch.tables:
            self._tables = batch.tables
            self._places = Places(self._tables, ports=True)
            self._seals = Seals(self._tables, self._places.fields)
        before = np.frombuffer(batch.octets, dtype=np.uint8)
        after = before.copy()
        layers = layers_of(batch)
        found = self._places.find(batch, layers)
        sealed = np.array([field.seal is not None for field in self._fields], dtype=np.bool_)
        changes = self._replace(before, after, found.where(~sealed[found.fields]), layers)
        self._seals.correct(before, after, found.where(sealed[found.fields]), changes, layers)
        changed = copy(batch)
        changed._found = None
        changed.octets = memoryview(after.tobytes())
        return resealed(changed) if self._rewrite.fix_checksums else changed

    @property
    def _fields(self) -> list[Field[Any]]:
        return self._places.fields

    def _replace(self, before: Octets, after: Octets, found: Found, layers: Layers) -> Changes:
        """Put new values into `after`; returns what they changed."""
        sizes = np.array([(field.bits or 0) // 8 for field in self._fields])
        ports = np.array([is_port(field) for field in self._fields], dtype=np.bool_)
        changes = NO_CHANGES
        for size in (2, 4, 6, 16):
            part = found.where(sizes[found.fields] == size)
            if size == 2:
                part = part.where(ports[part.fields])
            if not len(part.positions):
                continue
            window = part.positions[:, None] + np.arange(size)
            values = np.ascontiguousarray(before[window])
            if size == 2:
                values = self._new_ports(values)
            elif size == 6:
                values = self._new_macs(values, part, layers)
            else:
                values = self._new_addresses(values)
            after[window] = values
            changes = changes.joined(changes_of(before, after, part, size, self._fields, layers))
        return changes

    def _new_ports(self, values: Octets) -> Octets:
        old = values.view(">u2").reshape(-1).astype(np.int64)
        new = old.copy()
        open_ = np.ones(len(old), dtype=np.bool_)
        for first, last, to in self._rewrite.ports:
            fits = open_ & (old >= first) & (old <= last)
            new[fits] = old[fits] - first + to
            open_ &= ~fits
        return new.astype(">u2").view(np.uint8).reshape(-1, 2)

    def _new_addresses(self, values: Octets) -> Octets:
        new = values.copy()
        open_ = np.ones(len(values), dtype=np.bool_)
        for old_network, new_network in self._rewrite.networks:
            if old_network.max_prefixlen != 8 * values.shape[1]:
                continue
            old_mask, address = _octets(old_network.netmask), _octets(old_network.network_address)
            fits = open_ & ((values & old_mask) == address).all(axis=1)
            new_mask = _octets(new_network.netmask)
            new[fits] = values[fits] & ~new_mask | _octets(new_network.network_address)
            open_ &= ~fits
        return new

    def _new_macs(self, values: Octets, found: Found, layers: Layers) -> Octets:
        new = values.copy()
        outermost = found.layers == layers.begins[layers.packets[found.layers]]
        for end in ("src", "dst"):
            mac = getattr(self._rewrite, f"{end}_mac")
            if mac is not None:
                is_end = np.array([field.attribute == end for field in self._fields])
                new[outermost & is_end[found.fields]] = np.frombuffer(mac, dtype=np.uint8)
        return new


def _octets(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> NDArray[np.uint8]:
    return np.frombuffer(address.packed, dtype=np.uint8)
