"""IEEE 802.11, wireless LAN: frames, whose bits tell which addresses they hold."""

from __future__ import annotations

from rawlab.schema import (
    U2,
    U4,
    U12,
    U16,
    Expression,
    Flag,
    Header,
    MACAddress,
    looks_like,
    table,
)

MANAGEMENT, CONTROL, DATA = 0, 1, 2
WITH_TRANSMITTER = (4, 5, 8, 9, 10, 11, 14, 15)
"""Subtypes of control frames that hold a second address."""
WITHOUT_DATA = 4
"""A bit of a data frame's subtype."""


class WirelessFrame(Header, name="wlan"):
    """Wireless LAN (IEEE Std 802.11 clause 9.2.3): what every frame begins with."""

    fc__subtype: U4 = U4(default=0)
    fc__type: U2 = U2(
        default=DATA,
        names={MANAGEMENT: "management", CONTROL: "control", DATA: "data"},
        opens=table("llc", when=lambda h: carries_llc(h)),
    )
    fc__version: U2 = U2(default=0)
    fc__order: Flag = Flag(default=False)
    fc__protected: Flag = Flag(default=False)
    fc__moredata: Flag = Flag(default=False)
    fc__pwrmgt: Flag = Flag(default=False)
    fc__retry: Flag = Flag(default=False)
    fc__frag: Flag = Flag(default=False)
    fc__fromds: Flag = Flag(default=False)
    fc__tods: Flag = Flag(default=False)
    duration: U16 = U16(order="little", default=0, unit="microseconds")

    _has_qos = (fc__type == DATA) & (fc__subtype >= 8)


def carries_llc(h: type[WirelessFrame]) -> Expression:
    return (h.fc__type == DATA) & (h.fc__subtype & WITHOUT_DATA == 0) & ~h.fc__protected


def is_control(h: type[WirelessFrame]) -> Expression:
    return ~h.fc__type.among(MANAGEMENT, DATA)


def is_direct(h: type[WirelessFrame]) -> Expression:
    return ~is_control(h) & ~h.fc__tods & ~h.fc__fromds


def is_to_access_point(h: type[WirelessFrame]) -> Expression:
    return ~is_control(h) & h.fc__tods & ~h.fc__fromds


def is_from_access_point(h: type[WirelessFrame]) -> Expression:
    return ~is_control(h) & ~h.fc__tods & h.fc__fromds


def is_between_access_points(h: type[WirelessFrame]) -> Expression:
    return ~is_control(h) & h.fc__tods & h.fc__fromds


class ControlFrame(
    WirelessFrame,
    name="wlan",
    follows=(looks_like("linktype", is_control, 105), looks_like("radiotap.version", is_control)),
    summary="control {fc__subtype} {ta} > {ra}",
):
    """Wireless LAN, control (IEEE Std 802.11 clause 9.3.1)."""

    ra: MACAddress = MACAddress(label="Receiver")
    ta: MACAddress = MACAddress(
        when=WirelessFrame.fc__subtype.among(*WITH_TRANSMITTER), label="Transmitter"
    )


class DirectFrame(
    WirelessFrame,
    name="wlan",
    follows=(looks_like("linktype", is_direct, 105), looks_like("radiotap.version", is_direct)),
    summary="{sa} > {da} bssid {bssid}",
):
    """Wireless LAN, management, or data within a cell (IEEE Std 802.11 clause 9.3.2)."""

    ra: MACAddress = MACAddress(label="Receiver")
    ta: MACAddress = MACAddress(label="Transmitter")
    bssid: MACAddress = MACAddress()
    frag: U4 = U4(order="little", default=0)
    seq: U12 = U12(order="little", default=0)
    da: MACAddress = MACAddress(over=ra)
    sa: MACAddress = MACAddress(over=ta)
    qos: U16 = U16(
        when=WirelessFrame._has_qos,
        order="little",
        base=16,
    )


class FrameToAccessPoint(
    WirelessFrame,
    name="wlan",
    follows=(
        looks_like("linktype", is_to_access_point, 105),
        looks_like("radiotap.version", is_to_access_point),
    ),
    summary="{sa} > {da} bssid {bssid}",
):
    """Wireless LAN, data to the access point (IEEE Std 802.11 clause 9.3.2)."""

    ra: MACAddress = MACAddress(label="Receiver")
    ta: MACAddress = MACAddress(label="Transmitter")
    da: MACAddress = MACAddress()
    frag: U4 = U4(order="little", default=0)
    seq: U12 = U12(order="little", default=0)
    bssid: MACAddress = MACAddress(over=ra)
    sa: MACAddress = MACAddress(over=ta)
    qos: U16 = U16(
        when=WirelessFrame._has_qos,
        order="little",
        base=16,
    )


class FrameFromAccessPoint(
    WirelessFrame,
    name="wlan",
    follows=(
        looks_like("linktype", is_from_access_point, 105),
        looks_like("radiotap.version", is_from_access_point),
    ),
    summary="{sa} > {da} bssid {bssid}",
):
    """Wireless LAN, data from the access point (IEEE Std 802.11 clause 9.3.2)."""

    ra: MACAddress = MACAddress(label="Receiver")
    ta: MACAddress = MACAddress(label="Transmitter")
    sa: MACAddress = MACAddress()
    frag: U4 = U4(order="little", default=0)
    seq: U12 = U12(order="little", default=0)
    da: MACAddress = MACAddress(over=ra)
    bssid: MACAddress = MACAddress(over=ta)
    qos: U16 = U16(
        when=WirelessFrame._has_qos,
        order="little",
        base=16,
    )


class FrameBetweenAccessPoints(
    WirelessFrame,
    name="wlan",
    follows=(
        looks_like("linktype", is_between_access_points, 105),
        looks_like("radiotap.version", is_between_access_points),
    ),
    summary="{ta} > {ra}: {sa} > {da}",
):
    """Wireless LAN, data between access points (IEEE Std 802.11 clause 9.3.2)."""

    ra: MACAddress = MACAddress(label="Receiver")
    ta: MACAddress = MACAddress(label="Transmitter")
    da: MACAddress = MACAddress()
    frag: U4 = U4(order="little", default=0)
    seq: U12 = U12(order="little", default=0)
    sa: MACAddress = MACAddress()
    qos: U16 = U16(
        when=WirelessFrame._has_qos,
        order="little",
        base=16,
    )
