from typing import Any

class Paths:
    def __init__(self, tables: Any, layers: memoryview) -> None: ...
