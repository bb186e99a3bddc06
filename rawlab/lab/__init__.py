"""Virtual networks: hosts with a kernel's own stack, and links between them, for tests and trials.

    with Lab() as lab:
        a, b = lab.host("a"), lab.host("b")
        lab.link(a, b)

A host is a network namespace, held by a process of its own; the caller stays where it is. It works
as root and, where the kernel permits user namespaces, as an ordinary user.
"""

from rawlab.lab.host import Host
from rawlab.lab.lab import Lab, LabUnavailable, LinkOptions, available
from rawlab.lab.links import Link, Port
from rawlab.lab.task import Process, Task

__all__ = [
    "Lab", "Host", "Link", "LinkOptions", "Port", "Process", "Task", "LabUnavailable", "available",
]
