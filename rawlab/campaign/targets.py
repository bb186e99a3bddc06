"""How targets are written: tcp://HOST:PORT, udp://HOST:PORT, exec:COMMAND."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


class Target(NamedTuple):
    """Something that packets go to, or that is asked whether it is alive."""

    kind: str
    """tcp, udp, exec, pid, ping or interface."""
    host: str = ""
    port: int = 0
    words: str = ""
    """A command, a process, an interface."""

    def __str__(self) -> str:
        if self.kind in ("tcp", "udp"):
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"{self.kind}://{host}:{self.port}"
        return self.words if self.kind == "interface" else f"{self.kind}:{self.words or self.host}"


def read_target(text: str, kinds: tuple[str, ...]) -> Target:
    """The target that `text` names; ValueError, with the forms there are, for what it is not."""
    kind, colon, rest = text.partition(":")
    if not colon or kind not in kinds:
        raise ValueError(f"{text!r} is none of {', '.join(FORMS[known] for known in kinds)}")
    if kind == "ping":
        return Target(kind, host=rest.removeprefix("//"))
    if kind not in ("tcp", "udp"):
        if not rest.strip():
            raise ValueError(f"{text!r}: {FORMS[kind]} is wanted")
        return Target(kind, words=rest)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None
    if not host or not port:
        raise ValueError(f"{text!r}: {FORMS[kind]} is wanted")
    return Target(kind, host, port)


FORMS = {
    "tcp": "tcp://HOST:PORT", "udp": "udp://HOST:PORT", "exec": "exec:COMMAND",
    "pid": "pid:NUMBER", "ping": "ping:HOST", "command": "command:COMMAND",
}
