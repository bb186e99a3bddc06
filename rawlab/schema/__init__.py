"""Declaring headers."""
