from rawlab.engine.records import Octets

RETURNS: frozenset[int]
SCRATCH: frozenset[int]
DIVIDING: frozenset[int]
BRANCHES: frozenset[int]
KNOWN: frozenset[int]

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
