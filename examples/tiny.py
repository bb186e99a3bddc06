"""A protocol that somebody invented this morning: stations on a wire say how they are.

    rawlab sniff --protocol examples/tiny.py -i eth0 ether proto 0x88b5
"""

from rawlab.schema import U8, U16, Flags, Header, Signed, Text, on


class Beacon(
    Header, name="beacon", follows=on("ethertype", 0x88B5), summary="{station} #{seq} {celsius} C"
):
    """Beacon (under the experimental EtherType 0x88b5 of IEEE Std 802)."""

    flags: Flags = Flags("battery", "alarm", "_:6", bits=8, default=0)
    seq: U16 = U16(default=0, label="Sequence number")
    celsius: Signed = Signed(bits=8, unit="degrees Celsius")
    station_len: U8 = U8(unit="octets")
    station: Text = Text(length=station_len, label="Name of the station")
