"""Where the headers of packets end and what they carry begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rawlab.batch import Batch
from rawlab.engine import numbers as n
from rawlab.transform.places import layers_of


def header_octets(batch: Batch) -> NDArray[np.int64]:
    """For each packet, the octets up to the end of its last decoded header; 0 without any."""
    layers = layers_of(batch)
    first, after = layers.begins[:-1], layers.begins[1:]
    some = after > first
    octets = np.zeros(batch.count, dtype=np.int64)
    ends = layers.rows[after[some] - 1, n.L_END]
    octets[some] = ends - np.asarray(batch.offset)[some]
    return octets
