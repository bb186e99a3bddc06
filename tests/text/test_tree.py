"""The tree of a packet."""

from __future__ import annotations

from rawlab.text.hexdump import DumpForm
from rawlab.text.paint import Paint
from rawlab.text.times import Clock, TimeForm
from rawlab.text.tree import TreePrinter
from text.inventing import LINK, WHOLE, packet

TREE = r"""
Something to test with (no RFC) [test] octets 14-36
       14  0101 .... = test.level: 5 (five)
       14  .... 1010 = test.scale: 40 octets
       15  test.flags: 0x81 (hot, cold)
       15    1... .... = test.flags.hot: 1
       15    .... ...1 = test.flags.cold: 1
    16-19  From [test.src]: 192.0.2.1
    20-23  test.dst: 192.0.2.2
    24-25  test.srcport: 53
    26-27  test.dstport: 0x1000
       28  test.word_len: 5
    29-33  test.word: a\x1b[2J
    34-36  test.marks
    34-35    test.marks: An item
       34      test.mark.kind: 3
       35      test.mark.value: 7
       36    test.marks: An item
       36      test.mark.kind: 0
    0x0000  02 00 00 00 01 02 02 00 00 00 01 01 88 b5        ..............    eth
    0x0000                                            5a 81                Z.  test
    0x0010  c0 00 02 01 c0 00 02 02 00 35 10 00 05 61 1b 5b  .........5...a.[
    0x0020  32 4a 03 07 00                                   2J...
""".strip("\n").split("\n")


def test_tree() -> None:
    printer = TreePrinter(Clock(TimeForm.EPOCH), Paint(), DumpForm(characters=True))
    lines = list(printer.tree(packet()))
    assert lines[0] == "packet 3  1277840495.135052  eth7  37 octets"
    assert lines[5:] == TREE


def test_a_damaged_packet_ends_in_its_fault() -> None:
    printer = TreePrinter(Clock(TimeForm.NONE), Paint())
    lines = list(printer.tree(packet(LINK + WHOLE[:8], length=37)))
    assert lines[0] == "packet 3  eth7  22 of 37 octets"
    assert lines[-2] == "    16-19  From [test.src]: 192.0.2.1"
    assert lines[-1] == "fault: TRUNCATED test.dst at octet 14: want 15, got 8"


def test_payload_and_trailer_are_told() -> None:
    udp = bytes.fromhex(
        "020000000102 020000000101 0800 4500001f00004000401100007f0000017f000001"
        "11111111000b0000 616263 00000000"
    )
    lines = list(TreePrinter(Clock(TimeForm.NONE), Paint()).tree(packet(udp)))
    assert lines[-2:] == ["payload octets 42-44: 3 octets", "trailer octets 45-48: 4 octets"]
