"""Display filters: Wireshark's language over every declared field."""

from rawlab.filter.display import Filter, compile_filter
from rawlab.filter.error import FilterError

__all__ = ["Filter", "FilterError", "compile_filter"]
