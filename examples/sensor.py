"""Reports of sensors over UDP: a fixed part, then items of a type, a length and a value.

    rawlab sniff --protocol examples/sensor.py -i lo udp port 9900
"""

from rawlab.schema import (
    I16,
    U6,
    U8,
    U16,
    U32,
    Enum,
    Flag,
    Group,
    Header,
    Items,
    Named,
    Text,
    length_of,
    on,
    payload,
)


class Quantity(Named):
    """What is measured."""

    TEMPERATURE = 1
    HUMIDITY = 2


class Item(Group, name="sensor.item"):
    """Item: a type, and the length of the value that follows."""

    type: U8 = U8()
    len: U8 = U8(compute=length_of(payload), unit="octets")


class Reading(Item, when=Item.type == 1):
    """Reading, in hundredths."""

    quantity: Enum[Quantity] = Enum(Quantity, bits=8)
    value: I16 = I16()


class Room(Item, when=Item.type == 2):
    """The name of a room."""

    room: Text = Text()


class Sensor(
    Header, name="sensor", follows=on("udp.port", 9900), summary="#{serial}"
):
    """Sensor report."""

    urgent: Flag = Flag(default=False)
    timed: Flag = Flag(default=False, label="The time follows")
    version: U6 = U6(default=1, minimum=1, maximum=3)
    serial: U16 = U16(label="Serial number")
    time: U32 = U32(when=timed, unit="seconds since 1970")
    items: Items[Item] = Items(Item)
