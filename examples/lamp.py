"""Lamps that are switched over UDP: a command, and the state as the answer.

    rawlab sniff --protocol examples/lamp.py -i lo udp port 9910
"""

from rawlab.schema import U4, U8, U16, Enum, Header, Named, Text, on


class Command(Named):
    """What a message is."""

    SET = 1
    STATE = 2


class Lamp(
    Header, name="lamp", follows=on("udp.port", 9910), summary="{command} #{seq} {room} {percent} %"
):
    """Lamp control."""

    version: U4 = U4(default=1, minimum=1, maximum=1)
    command: Enum[Command] = Enum(Command, bits=4)
    seq: U16 = U16(default=0, label="Sequence number")
    percent: U8 = U8(default=0, maximum=100, label="Brightness")
    room_len: U8 = U8(unit="octets")
    room: Text = Text(length=room_len, label="Name of the room")
