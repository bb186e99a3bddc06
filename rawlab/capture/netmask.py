"""The netmask of an interface, for capture filters such as `ip broadcast`."""

from __future__ import annotations


def netmask(interface: str) -> int:
    """The interface's IPv4 netmask, as libpcap's compiler wants it; a number of its own for none.

    Raises ImportError where the `cypcap` package is missing.
    """
    import cypcap

    try:
        return int(cypcap.lookupnet(interface)[1])
    except cypcap.Error:
        return int(cypcap.NETMASK_UNKNOWN)
