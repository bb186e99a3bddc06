"""Link-layer and network addresses."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Unpack

from rawlab.engine import numbers as n
from rawlab.schema.field import Field, Options, Row, Span
from rawlab.schema.integer import Number
from rawlab.schema.layout import Place

if TYPE_CHECKING:
    from rawlab.engine.view import View


class MACAddress(Number[str]):
    """A 48-bit link-layer address, as "aa:bb:cc:dd:ee:ff"."""

    bits = 48

    if TYPE_CHECKING:

        def __set__(self, instance: View, value: str | bytes | int) -> None: ...

    def natural(self, number: int) -> str:
        return number.to_bytes(6).hex(":")

    def number(self, value: Any) -> int:
        """The number of an address as text, as six octets, or as an integer."""
        if isinstance(value, str):
            return _mac(value, self.name)
        if isinstance(value, (bytes, bytearray)):
            return _from_octets(value, 6, self.name)
        return super().number(value)

    def show(self, value: object) -> str:
        return str(value)


class IPv4Address(Number[ipaddress.IPv4Address]):
    """An IPv4 address."""

    bits = 32

    if TYPE_CHECKING:

        def __set__(
            self, instance: View, value: ipaddress.IPv4Address | str | bytes | int
        ) -> None: ...

    def natural(self, number: int) -> ipaddress.IPv4Address:
        return ipaddress.IPv4Address(number)

    def number(self, value: Any) -> int:
        """The number of an address: text, IPv4Address, four octets, or an integer."""
        if isinstance(value, str):
            return _ipv4(value, self.name)
        if isinstance(value, (bytes, bytearray)):
            return _from_octets(value, 4, self.name)
        if isinstance(value, ipaddress.IPv4Address):
            return int(value)
        return super().number(value)

    def show(self, value: object) -> str:
        return str(value)


class IPv6Address(Field[ipaddress.IPv6Address]):
    """An IPv6 address."""

    bits = 128

    if TYPE_CHECKING:

        def __set__(
            self, instance: View, value: ipaddress.IPv6Address | str | bytes | int
        ) -> None: ...

    def __init__(self, **options: Unpack[Options]) -> None:
        super().__init__(**options)

    def row(self) -> Row:
        return {n.F_OP: n.OCTETS, n.F_BY: n.BY_LENGTH}

    def settle(self, place: Place | None) -> None:
        if place is not None and self.when is None:
            self._lie_wide(place.offset, 16)

    def _as_natural(self, raw: bytes) -> ipaddress.IPv6Address:
        return ipaddress.IPv6Address(raw)

    def encode(self, value: Any) -> bytes:
        """The octets of an address: text, IPv6Address, sixteen octets, or an integer."""
        if isinstance(value, str):
            return _ipv6(value, self.name)
        try:
            return ipaddress.IPv6Address(value).packed
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None

    def value_at(self, octets: memoryview, span: Span) -> ipaddress.IPv6Address:
        return ipaddress.IPv6Address(bytes(octets[span[1] >> 3 : (span[1] >> 3) + 16]))


@lru_cache(maxsize=4096)
def _mac(text: str, name: str) -> int:
    digits = text.replace(":", "").replace("-", "").replace(".", "")
    try:
        if len(digits) == 12:
            return int(digits, 16)
    except ValueError:
        pass
    raise ValueError(f"{name}: {text!r} is no link-layer address such as 02:00:00:00:00:01")


@lru_cache(maxsize=4096)
def _ipv4(text: str, name: str) -> int:
    try:
        return int(ipaddress.IPv4Address(text))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


@lru_cache(maxsize=4096)
def _ipv6(text: str, name: str) -> bytes:
    try:
        return ipaddress.IPv6Address(text).packed
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _from_octets(value: bytes | bytearray, size: int, name: str) -> int:
    if len(value) != size:
        raise ValueError(f"{name}: an address of {size} octets, not of {len(value)}")
    return int.from_bytes(value)
