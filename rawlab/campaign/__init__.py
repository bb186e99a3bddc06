"""Fuzzing a receiver: cases delivered, the receiver watched, what offended it saved."""

from __future__ import annotations

from rawlab.campaign.campaign import Finding, Report, run_campaign
from rawlab.campaign.endpoints import Endpoint, Failed, open_endpoint
from rawlab.campaign.facts import facts_of
from rawlab.campaign.monitors import Monitor, make_monitor

__all__ = [
    "Endpoint",
    "Failed",
    "Finding",
    "Monitor",
    "Report",
    "facts_of",
    "make_monitor",
    "open_endpoint",
    "run_campaign",
]
