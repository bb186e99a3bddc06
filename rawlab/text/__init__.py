"""Printing packets: pure functions from packets to text."""
