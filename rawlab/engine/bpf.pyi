from rawlab.engine.records import Octets

def check(program: memoryview) -> None: ...

def signed(operand: int) -> int: ...

class Program:
    def __init__(self, rows: memoryview) -> None: ...
    def run(
        self,
        octets: Octets,
        index: memoryview,
        count: int,
        linktype: int,
        verdicts: bytearray | memoryview,
    ) -> int: ...
