"""The processes that keep a lab: made by the lab's user, gone with it whatever happens.

    caller --exec--> watcher --fork--> keeper (process 1 of its own namespace) --fork--> hosts

The keeper is the init process of a namespace of processes: when it ends, the kernel kills all that
ever started below it. The watcher ends it when the caller is gone. Both are single-threaded.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
from typing import NoReturn

from rawlab.lab import messages, namespaces
from rawlab.lab.serving import serve_host


def main(control: int, caller: int, user_namespace: bool) -> None:
    """The watcher: enters namespaces, starts the keeper, and ends with it or with the caller.

    Descriptors: `control` of a socket to the caller, `caller` of the caller's process.
    """
    connection = socket.socket(fileno=control)
    connection.set_inheritable(False)
    os.set_inheritable(caller, False)
    try:
        _enter_namespaces(user_namespace)
        keeper = os.fork()
    except OSError as error:
        messages.send(connection, error)
        return
    if not keeper:
        os.close(caller)
        _keep(connection)
    connection.close()
    _end_with(keeper, caller)


def _enter_namespaces(user_namespace: bool) -> None:
    if not user_namespace:
        try:
            namespaces.unshare(namespaces.CLONE_NEWPID)
            return
        except OSError as error:
            if error.errno != errno.EPERM:
                raise
    namespaces.become_root_of_user_namespace()


def _end_with(keeper: int, caller: int) -> None:
    ended = os.pidfd_open(keeper)
    waiting = select.poll()
    waiting.register(caller, select.POLLIN)
    waiting.register(ended, select.POLLIN)
    waiting.poll()
    try:
        os.kill(keeper, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(keeper, 0)  # returns when every process of the namespace is gone


def _keep(connection: socket.socket) -> NoReturn:
    """The keeper: forks a host for each name that the caller sends, with its control socket."""
    namespaces.die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # process 1 inherits orphans; none is awaited
    try:
        import pyroute2  # noqa: F401  once here, for all hosts

        messages.send(connection, None)
        while True:
            name, (control,) = messages.receive(connection)
            if os.fork():
                os.close(control)
                continue
            connection.close()
            serve_host(name, socket.socket(fileno=control))
    except messages.Closed:
        os._exit(0)
