"""Link-layer and network addresses."""

from __future__ import annotations

import ipaddress
from typing import Unpack

from rawlab.engine import numbers as n
from rawlab.schema.field import Field, Options, Row, Span
from rawlab.schema.integer import Number
from rawlab.schema.layout import Place


class MACAddress(Number[str]):
    """A 48-bit link-layer address, as "aa:bb:cc:dd:ee:ff"."""

    bits = 48

    def natural(self, number: int) -> str:
        return number.to_bytes(6).hex(":")

    def show(self, value: object) -> str:
        return str(value)


class IPv4Address(Number[ipaddress.IPv4Address]):
    """An IPv4 address."""

    bits = 32

    def natural(self, number: int) -> ipaddress.IPv4Address:
        return ipaddress.IPv4Address(number)

    def show(self, value: object) -> str:
        return str(value)


class IPv6Address(Field[ipaddress.IPv6Address]):
    """An IPv6 address."""

    bits = 128

    def __init__(self, **options: Unpack[Options]) -> None:
        super().__init__(**options)

    def row(self) -> Row:
        return {n.F_OP: n.OCTETS, n.F_BY: n.BY_LENGTH}

    def settle(self, place: Place | None) -> None:
        if place is not None and self.when is None:
            self._lie_wide(place.offset, 16)

    def _as_natural(self, raw: bytes) -> ipaddress.IPv6Address:
        return ipaddress.IPv6Address(raw)

    def value_at(self, octets: memoryview, span: Span) -> ipaddress.IPv6Address:
        return ipaddress.IPv6Address(bytes(octets[span[1] >> 3 : (span[1] >> 3) + 16]))
