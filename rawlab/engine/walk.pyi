from typing import Any

class Walker:
    def __init__(self, tables: Any) -> None: ...
