# cython: language_level=3
"""Packets of a ring block become records of a capture file, without an index of all in between.

A few packets at a time are indexed and framed, while they and what is known of them are in the
nearest cache. The rest is as in `rawlab.engine.ring` and `rawlab.engine.framing`.
"""

import cython

if cython.compiled:
    from cython.cimports.rawlab.engine.framing import put_pcap, put_pcapng
    from cython.cimports.rawlab.engine.ring import begin, index_packets
else:
    from rawlab.engine.framing import put_pcap, put_pcapng
    from rawlab.engine.ring import begin, index_packets

AT_ONCE = 64
"""A good number of columns for `index`."""


def frame_block(
    octets: cython.uchar[::1],
    halves: cython.ushort[::1],
    words: cython.uint[::1],
    index: cython.longlong[:, ::1],
    plan: cython.longlong[::1],
    count: cython.longlong,
    table: cython.const[cython.longlong][::1],
    linktype: cython.longlong,
    out: cython.uchar[::1],
    at: cython.Py_ssize_t,
    state: cython.longlong[::1],
) -> int:
    """Write the records of the first `count` packets of a block to `out`; returns how many it did.

    `table` is for pcapng; empty, the records are pcap's, and `linktype` is that of the file. What
    `index` holds afterwards means nothing. When not all were done, `state` says why, and the block
    may be indexed as if nothing had been done.
    """
    done: cython.longlong = 0
    found: cython.longlong = 0
    framed: cython.longlong = 0
    most: cython.longlong = index.shape[1]
    begin(octets, halves, words, index, plan)
    at = max(at, 0)
    state[0] = 0
    state[1] = at
    with cython.nogil:
        while done < count:
            found = index_packets(octets, halves, words, index, plan, min(most, count - done))
            if len(table):
                framed = put_pcapng(octets, index, 0, found, table, out, at, state)
            else:
                framed = put_pcap(octets, index, 0, found, linktype, out, at, state)
            at = state[1]
            done += framed
            if framed == 0 or framed < found:
                break
    return done
