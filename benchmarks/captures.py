"""The captures that are measured on: made once from a seed, kept in benchmarks/.data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import headers, traffic, wire
from benchmarks.headers import Kind
from benchmarks.traffic import Mix

DATA = Path(__file__).parent / ".data"
TELEMETRY_PORT = 47_001
TWIN_ETHERTYPE = 0x88B5
"""Reserved by IEEE 802 for local experiments."""

EVERYDAY = (
    Kind(12, "ipv4", "tcp"),
    Kind(43, "ipv4", "tcp", timestamps=True),
    Kind(18, "ipv4", "udp", ports=(443, 443, 5001, 51820)),
    Kind(3, "ipv4", "udp", ports=(53,), payload=headers.QUERY),
    Kind(4, "ipv4", "tcp", vlan=True, timestamps=True),
    Kind(3, "ipv4", "udp", vlan=True, ports=(443, 51820)),
    Kind(9, "ipv6", "tcp", timestamps=True),
    Kind(4, "ipv6", "udp", ports=(443, 51820)),
    Kind(2.5, "ipv4", "icmp"),
    Kind(1.5, "arp"),
)
DATAGRAMS = Kind(1, "ipv4", "udp", ports=(40_001, 40_002))
TWINS = Kind(1, "ipv4", "udp", ports=(40_001, 40_002), ethertype=TWIN_ETHERTYPE)
STATIONS = Kind(60, "ipv4", "udp", ports=(TELEMETRY_PORT,), telemetry=True)

MIXES = {
    "mixed": Mix(EVERYDAY, small=False, seed=1),
    "small": Mix(EVERYDAY, small=True, seed=2),
    "telemetry": Mix((*EVERYDAY, STATIONS), small=True, seed=3),
    "datagrams": Mix((DATAGRAMS,), small=True, seed=4),
    "twins": Mix((TWINS,), small=True, seed=4),
}


@dataclass(frozen=True)
class Capture:
    """A pcap file of so many packets of a mix. It exists once `prepare` was called."""

    mix: str
    packets: int

    @property
    def path(self) -> Path:
        """The file; its name changes when what makes it does."""
        return DATA / f"{self.mix}-{self.packets}-{_recipe()}.pcap"

    @property
    def octets(self) -> int:
        """The file's size."""
        return self.path.stat().st_size

    def prepare(self) -> None:
        """Make the file unless it is there, and drop all that an older recipe made."""
        if self.path.exists():
            return
        DATA.mkdir(exist_ok=True)
        for capture in DATA.glob("*.pcap"):
            if not capture.stem.endswith(_recipe()):
                capture.unlink()
        part = self.path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(traffic.file_header())
            for records in MIXES[self.mix].chunks(self.packets):
                file.write(records)
        part.rename(self.path)

    def warm(self) -> None:
        """Read the file once, so that every reader finds it in the page cache."""
        buffer = bytearray(1 << 20)
        with self.path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


@cache
def _recipe() -> str:
    """A short digest of the sources that the captures are made by."""
    sources = (__file__, headers.__file__, traffic.__file__, wire.__file__)
    digest = hashlib.sha256(np.__version__.encode())
    for source in sources:
        digest.update(Path(source).read_bytes())
    return digest.hexdigest()[:8]
