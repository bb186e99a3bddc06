"""Capture files: reading and writing."""
