"""Capturing from interfaces of this machine."""
