"""The protocols that come with rawlab: `from dissectors import Ethernet, IPv4, UDP`."""

from .ah import AH
from .arp import ARP
from .chdlc import SLARP, CiscoHDLC
from .dns import DNS, DNSOverStream
from .esp import ESP
from .ethernet import Ethernet
from .geneve import Geneve
from .gre import GRE, EnhancedGRE
from .gtp import GTP
from .icmp import ICMP
from .icmpv6 import ICMPv6
from .ieee80211 import (
    ControlFrame,
    DirectFrame,
    FrameBetweenAccessPoints,
    FrameFromAccessPoint,
    FrameToAccessPoint,
    WirelessFrame,
)
from .igmp import IGMP
from .ip import IPv4
from .ipv6 import IPv6
from .ipv6_extensions import DestinationOptions, Fragment, HopByHop, Mobility, Routing
from .llc import LLC, SNAP, NumberedLLC
from .mpls import MPLS
from .nflog import NFLog
from .null import LittleEndianLoopback, Loopback
from .ppp import PPP, CompressedPPP, FramedCompressedPPP, FramedPPP
from .pppoe import PPPoEDiscovery, PPPoESession
from .radiotap import Radiotap
from .sctp import SCTP
from .sll import LinuxCooked, LinuxCooked2
from .tcp import TCP
from .udp import UDP
from .udplite import UDPLite
from .vlan import VLAN, ServiceVLAN
from .vxlan import VXLAN, GenericVXLAN

__all__ = [
    "AH",
    "ARP",
    "CiscoHDLC",
    "CompressedPPP",
    "ControlFrame",
    "DNS",
    "DNSOverStream",
    "DestinationOptions",
    "DirectFrame",
    "ESP",
    "EnhancedGRE",
    "Ethernet",
    "Fragment",
    "FrameBetweenAccessPoints",
    "FrameFromAccessPoint",
    "FrameToAccessPoint",
    "FramedCompressedPPP",
    "FramedPPP",
    "GRE",
    "GTP",
    "GenericVXLAN",
    "Geneve",
    "HopByHop",
    "ICMP",
    "ICMPv6",
    "IGMP",
    "IPv4",
    "IPv6",
    "LLC",
    "LinuxCooked",
    "LinuxCooked2",
    "LittleEndianLoopback",
    "Loopback",
    "MPLS",
    "Mobility",
    "NFLog",
    "NumberedLLC",
    "PPP",
    "PPPoEDiscovery",
    "PPPoESession",
    "Radiotap",
    "Routing",
    "SCTP",
    "SLARP",
    "SNAP",
    "ServiceVLAN",
    "TCP",
    "UDP",
    "UDPLite",
    "VLAN",
    "VXLAN",
    "WirelessFrame",
]
