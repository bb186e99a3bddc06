"""Capture files: reading and writing."""

from rawlab.files.blocks import KeptBlock, Section
from rawlab.files.capture_file import CaptureFile
from rawlab.files.ending import Cut, NotACapture
from rawlab.files.file_batch import FileBatch, Origin
from rawlab.files.opening import open_capture

read = open_capture

__all__ = [
    "read",
    "open_capture",
    "CaptureFile",
    "FileBatch",
    "Origin",
    "KeptBlock",
    "Section",
    "Cut",
    "NotACapture",
]
