"""`-T fields` prints what tshark prints, cell by cell: the forms of all kinds of values."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from rawlab.files import NotACapture, open_capture
from rawlab.plugins import default_registry
from rawlab.text.fields import FieldsPrinter
from rawlab.text.fields_form import FieldsForm

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("RAWLAB_CORPUS", ROOT.parent / "shared" / "corpus"))
PACKETS = 200
FIELDS = """frame.number frame.len frame.cap_len frame.time frame.time_epoch frame.time_relative
frame.time_delta eth.dst eth.src eth.addr eth.type vlan.id vlan.priority vlan.dei arp.opcode
arp.src.hw_mac arp.dst.proto_ipv4 ip.version ip.hdr_len ip.dsfield ip.dsfield.dscp ip.len ip.id
ip.flags ip.flags.df ip.flags.mf ip.frag_offset ip.ttl ip.proto ip.checksum ip.src ipv6.flow
ipv6.plen ipv6.nxt ipv6.hlim ipv6.src ipv6.dst ipv6.addr icmp.type icmp.code icmp.ident icmp.seq
icmpv6.type icmpv6.code tcp.srcport tcp.dstport tcp.port tcp.seq_raw tcp.ack_raw tcp.hdr_len
tcp.flags tcp.flags.syn tcp.flags.ack tcp.flags.res tcp.window_size_value tcp.checksum
tcp.options.mss_val tcp.options.timestamp.tsval udp.srcport udp.dstport udp.port udp.length
udp.checksum dns.id dns.flags dns.flags.response dns.flags.opcode dns.count.queries dns.qry.type
dns.a dns.aaaa sctp.srcport sctp.verification_tag""".split()
DIFFERENT = {
    ("hoobr_rt6_print.pcap", "ipv6."): "tshark gives up on the inner header, which is cut",
    ("dns_fwdptr.pcap", "dns.qry."): "tshark reads on where the names point forwards",
}
"""(file, beginning of a field's name): why it differs."""
QUIET = ["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
         "-o", "tcp.desegment_tcp_streams:FALSE"]  # fmt: skip


def files() -> list[Path]:
    corpus = [path for path in CORPUS.rglob("*") if path.is_file() and path.suffix != ".md"]
    return sorted((ROOT / "captures").glob("*.pcap")) + sorted(corpus)


@cache
def program() -> str | None:
    return shutil.which("tshark")


def tshark(path: Path, words: Sequence[str]) -> tuple[list[str], bool]:
    """The rows that tshark prints, and whether it read the file to its end."""
    tool = program()
    if tool is None:
        pytest.skip("tshark is missing")
    done = subprocess.run(
        [tool, "-n", "-r", str(path), "-c", str(PACKETS), *QUIET, "-T", "fields", *words],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace").split("\n")[:-1], done.returncode == 0


def ours(path: Path, names: Sequence[str], options: Sequence[str] = ()) -> list[str]:
    printer = FieldsPrinter(names, default_registry(), FieldsForm.parse(options))
    text = printer.heading()
    left = PACKETS
    with open_capture(path) as capture:
        for batch in capture.batches():
            text += "".join(printer.texts(batch, left))
            left -= len(batch)
            if left <= 0:
                break
    return text.split("\n")[:-1]


def is_different(path: Path, name: str) -> bool:
    return any(path.name == file and name.startswith(begin) for file, begin in DIFFERENT)


def test_the_corpus_is_there() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"other projects' captures are missing: {CORPUS} (RAWLAB_CORPUS names them)")


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_fields(path: Path) -> None:
    want, whole = tshark(path, [word for name in FIELDS for word in ("-e", name)])
    try:
        got = ours(path, FIELDS)
    except NotACapture:
        assert not whole
        return
    if not whole:
        want = want[: len(got)]  # the rest tshark made of a damaged record
    assert len(got) == len(want)
    wrong = [
        (number, name, theirs, mine)
        for number, rows in enumerate(zip(want, got, strict=True), 1)
        for name, theirs, mine in zip(FIELDS, *(row.split("\t") for row in rows), strict=True)
        if theirs != mine and not is_different(path, name)
    ]
    assert wrong == []


FORMS = [
    ["header=y", "separator=,"],
    ["separator=;", "quote=d", "occurrence=f"],
    ["separator=/s", "quote=s", "occurrence=l"],
    ["aggregator=/s", "quote=n"],
    ["aggregator=;", "header=y", "bom=y"],
]


@pytest.mark.parametrize("options", FORMS, ids=" ".join)
def test_forms(captures: Path, options: list[str]) -> None:
    path = captures / "ip-in-ip.pcap"
    names = ["frame.number", "ip.src", "ip.addr", "ipv6.nxt", "udp.port"]
    words = [word for option in options for word in ("-E", option)]
    words += [word for name in names for word in ("-e", name)]
    assert ours(path, names, options) == tshark(path, words)[0]


def test_interfaces_and_protocols() -> None:
    path = CORPUS / "PcapPlusPlus" / "many_interfaces-1.pcapng"
    if not path.exists():
        pytest.skip(f"{path} is missing (RAWLAB_CORPUS names the folder of captures)")
    names = ["frame.interface_id", "frame.interface_name"]
    want, _ = tshark(path, ["-e", names[0], "-e", names[1]])
    assert ours(path, names) == want


PROTOCOLS = ["arp", "icmp", "ip-in-ip", "vxlan", "ipv6-fragments"]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_protocols(captures: Path, name: str) -> None:
    path = captures / f"{name}.pcap"
    assert ours(path, ["frame.protocols"]) == tshark(path, ["-e", "frame.protocols"])[0]
