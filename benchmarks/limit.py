"""Builds and calls limit.c, the hand-written loop that columns are measured against."""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.captures import DATA

SOURCE = Path(__file__).with_name("limit.c")
COLUMNS = {
    "time_ns": np.int64, "caplen": np.uint32, "len": np.uint32, "ethertype": np.uint16,
    "src": np.uint32, "dst": np.uint32, "proto": np.uint8, "ttl": np.uint8,
    "srcport": np.uint16, "dstport": np.uint16, "flags": np.uint16, "payload": np.uint32,
    "has_ip": np.uint8, "has_ports": np.uint8, "has_flags": np.uint8,
}  # fmt: skip
"""The members of `struct columns`, in order."""


Arrays = dict[str, NDArray[Any]]


def compiler_name() -> str:
    """The C compiler to build it with."""
    return os.environ.get("CC", "cc")


def build() -> Path:
    """Compile limit.c for this machine, unless that was done before. Returns the library."""
    library = DATA / f"limit-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:8]}.so"
    if not library.exists():
        DATA.mkdir(exist_ok=True)
        options = ("-O3", "-march=native", "-shared", "-fPIC")
        subprocess.run([compiler_name(), *options, "-o", str(library), str(SOURCE)], check=True)
    return library


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(build()))
    library.limit.restype = ctypes.c_long
    library.limit.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.c_long]
    return library


def columns(path: Path, packets: int) -> Arrays:
    """The twelve columns, and which values are there, of a file of at most `packets` packets."""
    arrays = {name: np.empty(packets, dtype) for name, dtype in COLUMNS.items()}
    places = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays.values()))
    with path.open("rb", buffering=0) as file:
        count = _library().limit(file.fileno(), places, packets)
    if count < 0:
        raise ValueError(f"{path}: not a pcap file of Ethernet frames in this machine's order")
    return {name: array[:count] for name, array in arrays.items()}


def sums(arrays: Arrays) -> dict[str, int]:
    """The sum of each column's values over the packets that have an IPv4 header."""
    ip = arrays["has_ip"].astype(bool)
    return {
        name: int(values[ip].sum(dtype=np.uint64))
        for name, values in arrays.items()
        if not name.startswith("has_")
    }
