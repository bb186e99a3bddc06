"""Which user a command that was started as root goes on as."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass

_UNCHANGED = (1 << 32) - 1
"""The number that means "leave it as it is" to the kernel, and so is no user's."""


@dataclass(frozen=True)
class Identity:
    """A user with the groups to have."""

    uid: int
    gid: int
    name: str
    """The login name; the number where there is none."""
    why: str
    """Why this user, in words that stand after the name."""
    groups: tuple[int, ...] | None = None
    """All groups to have; None: as they are."""

    def __str__(self) -> str:
        return f"{self.name} ({self.why})" if self.why else self.name


def identity(user: str | None = None) -> Identity:
    """The user to go on as.

    `user` is a name or a number, or UID:GID; only root can become somebody else, and whoever is
    somebody else already stays it. Without: for root the user who called sudo, doas or pkexec;
    everybody else, and root who was not called by these, stays who they are.
    Raises ValueError for a user who does not exist.
    """
    if sys.platform == "win32":
        return Identity(0, 0, os.environ.get("USERNAME", "this user"), "")
    uid, gid = os.getuid(), os.getgid()
    if os.geteuid() != 0:
        return Identity(uid, gid, _login_name(uid), "as before")
    if user is not None:
        return _named(user)
    if uid == 0:
        caller = _caller()
        if caller is not None and _exists_here(caller.uid, "uid"):
            return caller
    return Identity(uid, gid, _login_name(uid), "as before" if uid == 0 else "who called it")


def assume(chosen: Identity) -> None:
    """Make this process that user, in all of real, effective and saved ids. Raises OSError."""
    if sys.platform == "win32":
        return
    if chosen.groups is not None and not _groups_denied():
        os.setgroups(chosen.groups[: os.sysconf("SC_NGROUPS_MAX")])
    if sys.platform == "linux":
        os.setresgid(chosen.gid, chosen.gid, chosen.gid)
        os.setresuid(chosen.uid, chosen.uid, chosen.uid)
    else:  # these set the saved ids too when root calls them
        os.setgid(chosen.gid)
        os.setuid(chosen.uid)
    if (os.geteuid(), os.getegid()) != (chosen.uid, chosen.gid):
        raise OSError(errno.EPERM, f"the process is not {chosen.name} although nothing failed")


def _caller() -> Identity | None:
    """Whoever called sudo, doas or pkexec, as these tell in the environment."""
    environment = os.environ
    if "SUDO_UID" in environment:
        gid = environment.get("SUDO_GID")
        return _numbered(environment["SUDO_UID"], gid, "who called sudo", "SUDO_UID, SUDO_GID")
    if "DOAS_USER" in environment:
        return _named(environment["DOAS_USER"], "who called doas")
    if "PKEXEC_UID" in environment:
        return _numbered(environment["PKEXEC_UID"], None, "who called pkexec", "PKEXEC_UID")
    return None


def _named(user: str, why: str = "-Z") -> Identity:
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except (KeyError, ValueError):
        if not user[:1].isdigit():
            raise ValueError(f"no user is called {user!r}") from None
        uid, colon, gid = user.partition(":")
        return _numbered(uid, gid if colon else None, why, "a user")
    return Identity(entry.pw_uid, entry.pw_gid, user, why, _groups(user, entry.pw_gid))


def _numbered(uid_text: str, gid_text: str | None, why: str, source: str) -> Identity:
    """A user by number; without a group, that of the user's login."""
    import pwd

    uid = _number(uid_text, source)
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        if gid_text is None:
            raise ValueError(f"no user has the number {uid}; say UID:GID") from None
        gid = _number(gid_text, source)
        return Identity(uid, gid, str(uid), why, (gid,))
    gid = entry.pw_gid if gid_text is None else _number(gid_text, source)
    return Identity(uid, gid, entry.pw_name, why, _groups(entry.pw_name, gid))


def _number(text: str, source: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < _UNCHANGED):
        raise ValueError(f"{source}: {text!r} is no number of a user or group")
    return int(text)


def _groups(name: str, gid: int) -> tuple[int, ...]:
    return tuple(sorted(os.getgrouplist(name, gid)))


def _login_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _exists_here(number: int, kind: str) -> bool:
    """Whether a user namespace knows this user; root in one of an ordinary user is that user."""
    try:
        with open(f"/proc/self/{kind}_map", encoding="ascii") as lines:
            ranges = [tuple(map(int, line.split())) for line in lines]
    except OSError:  # no user namespaces
        return True
    return any(first <= number < first + count for first, _, count in ranges)


def _groups_denied() -> bool:
    """Whether a user namespace forbids to change groups, since its maker could shed some so."""
    try:
        with open("/proc/self/setgroups", encoding="ascii") as answer:
            return answer.read().strip() == "deny"
    except OSError:
        return False
