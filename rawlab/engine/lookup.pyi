from typing import Any

class Lookup:
    def __init__(self, tables: Any) -> None: ...
