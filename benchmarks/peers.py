"""The loops of rawlab's peers: six fields of each packet, each in its own library's plain way.

A loop reads time, captured length, IPv4 source and destination, and the ports of TCP or UDP; it
adds up some of them, which shows that all loops read the same.
"""

from __future__ import annotations

import subprocess

from benchmarks.captures import Capture

Totals = dict[str, int]
TSHARK_FIELDS = (
    "frame.time_epoch", "frame.cap_len", "ip.src", "ip.dst",
    "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport",
)  # fmt: skip


def totals(packets: int, octets: int, addressed: int, ports: int) -> Totals:
    """What each loop returns: counts and sums over all packets."""
    return {"packets": packets, "octets": octets, "addressed": addressed, "ports": ports}


def dpkt_loop(capture: Capture) -> Totals:
    """The usual dpkt loop: a Reader, an Ethernet of each packet, then isinstance."""
    import dpkt

    ipv4, ipv6 = dpkt.ip.IP, dpkt.ip6.IP6
    ported = (dpkt.tcp.TCP, dpkt.udp.UDP)
    packets = total = addressed = ports = 0
    with capture.path.open("rb") as file:
        for _time, octets in dpkt.pcap.Reader(file):
            packets += 1
            total += len(octets)
            network = dpkt.ethernet.Ethernet(octets).data
            if isinstance(network, ipv4):
                _addresses = network.src, network.dst
                addressed += 1
            elif not isinstance(network, ipv6):
                continue
            transport = network.data
            if isinstance(transport, ported):
                ports += transport.sport + transport.dport
    return totals(packets, total, addressed, ports)


def scapy_loop(capture: Capture) -> Totals:
    """The usual scapy loop: a PcapReader, then `in` and the layer by its class."""
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.utils import PcapReader

    packets = octets = addressed = ports = 0
    with PcapReader(str(capture.path)) as reader:
        for packet in reader:
            packets += 1
            _time = packet.time
            octets += len(packet.original)
            if IP in packet:
                network = packet[IP]
                _addresses = network.src, network.dst
                addressed += 1
            if TCP in packet:
                transport = packet[TCP]
            elif UDP in packet:
                transport = packet[UDP]
            else:
                continue
            ports += transport.sport + transport.dport
    return totals(packets, octets, addressed, ports)


def tshark_loop(capture: Capture) -> str:
    """`tshark -T fields`, its start included. Returns what it printed."""
    fields = [word for name in TSHARK_FIELDS for word in ("-e", name)]
    command = ["tshark", "-n", "-r", str(capture.path), "-T", "fields", *fields]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tshark_totals(printed: str) -> Totals:
    """The totals of what tshark printed."""
    packets = octets = addressed = ports = 0
    for line in printed.splitlines():
        _time, caplen, source, _destination, *numbers = line.split("\t")
        packets += 1
        octets += int(caplen)
        addressed += bool(source)
        ports += sum(int(number) for number in numbers if number)
    return totals(packets, octets, addressed, ports)
