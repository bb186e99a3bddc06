"""What may be fuzzed: facts in, a refusal or none out."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from typing import Any

import pytest

from rawlab.campaign.facts import facts_of, resolve, source_for
from rawlab.campaign.targets import Target, read_target
from rawlab.fuzz.guard import OPTION, Facts, refusal

HOME = ipaddress.ip_address("127.0.0.1")
HOME6 = ipaddress.ip_address("::1")
MAPPED = ipaddress.ip_address("::ffff:127.0.0.1")
AWAY = ipaddress.ip_address("192.0.2.1")
MAPPED_AWAY = ipaddress.ip_address("::ffff:192.0.2.1")
HERE = ipaddress.ip_address("10.0.0.5")


def facts(*addresses: Any, sources: Any = None, own: bool | None = False, **more: Any) -> Facts:
    return Facts("target", addresses, addresses if sources is None else sources,
                 own_namespace=own, **more)


@pytest.mark.parametrize("allowed", [
    facts(HOME),
    facts(HOME, HOME6),
    facts(MAPPED, sources=(HOME,)),
    facts(AWAY, sources=(HERE,), own=True),
    facts(AWAY, sources=(None,), own=None, leads_outside=False),
    facts(own=True, interface="veth0"),
    facts(interface="lo", interface_is_loopback=True),
    facts(local=True),
], ids=str)
def test_allowed(allowed: Facts) -> None:
    assert refusal(allowed) is None


@pytest.mark.parametrize(("refused", "why"), [
    (facts(AWAY, sources=(HERE,)), "192.0.2.1 is not a loopback address"),
    (facts(HERE, sources=(HERE,)), "10.0.0.5 is not a loopback address"),
    (facts(HOME, AWAY, sources=(HOME, HERE)), "192.0.2.1 is not a loopback address"),
    (facts(MAPPED_AWAY, sources=(HERE,)), "is not a loopback address"),
    (facts(HOME, sources=(HERE,)), "127.0.0.1 is not reached by the loopback interface"),
    (facts(HOME, sources=(None,)), "127.0.0.1 is not reached by the loopback interface"),
    (facts(AWAY, sources=(HERE,), own=None), "192.0.2.1 is not a loopback address"),
    (facts(AWAY, sources=(HERE,), leads_outside=False), "192.0.2.1 is not a loopback address"),
    (facts(interface="eth0"), "eth0 is not the loopback interface"),
    (facts(), "it has no address"),
])
def test_refused(refused: Facts, why: str) -> None:
    told = refusal(refused)
    assert told is not None
    assert why in told
    assert OPTION in told
    assert "\n" not in told


def test_facts_are_gathered() -> None:
    found = facts_of(Target("udp", "127.0.0.1", 9))
    assert (found.addresses, found.sources) == ((HOME,), (HOME,))
    assert facts_of(Target("interface", words="lo")).interface_is_loopback
    assert not facts_of(Target("interface", words="nothing0")).interface_is_loopback
    assert facts_of(Target("exec", words="cat")).local
    assert source_for(HOME) == HOME
    with pytest.raises(OSError, match=r"no-such-host\.invalid"):
        resolve("no-such-host.invalid", 9)


def test_a_namespace_of_ones_own_is_told() -> None:
    """A process that has left for a namespace of its own may fuzz what it likes there."""
    tell = ("from rawlab.campaign.facts import *; from rawlab.campaign.targets import Target; "
            "from rawlab.fuzz.guard import refusal; facts = facts_of(Target('udp', '10.9.9.9', 9));"
            " print(facts.own_namespace, facts.leads_outside, refusal(facts))")
    done = subprocess.run(["unshare", "-rn", sys.executable, "-c", tell], capture_output=True,
                          text=True, check=False)
    if done.returncode and "unshare" in done.stderr:
        pytest.skip(f"needs user namespaces: {done.stderr.strip()}")
    own, outside, refused = done.stdout.split()  # of another user nobody is told the namespace
    assert (own in ("True", "None"), outside, refused) == (True, "False", "None"), done.stderr


@pytest.mark.parametrize(("text", "target"), [
    ("udp://127.0.0.1:53", Target("udp", "127.0.0.1", 53)),
    ("tcp://[::1]:80", Target("tcp", "::1", 80)),
    ("exec:./parse -x", Target("exec", words="./parse -x")),
])
def test_targets_are_read(text: str, target: Target) -> None:
    assert read_target(text, ("udp", "tcp", "exec")) == target
    assert str(target) == text


@pytest.mark.parametrize("text", ["", "udp", "udp:", "udp://127.0.0.1", "udp://h:99999", "exec:",
                                  "http://x:80", "tcp://:80", "udp://[::1:53", "pid:1"])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_target(text, ("udp", "tcp", "exec"))
