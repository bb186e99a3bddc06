PLAN_INTERFACE: int
PLAN_LINKTYPE: int
PLAN_SNAPLEN: int
PLAN_COOKED: int
PLAN_TRUNCATED: int
PLAN_KNOWN: int
PLAN_NEXT: int
PLAN_INDEXES: int
LINUX_SLL: int
SLL_LENGTH: int
SLL2_LENGTH: int
TAG_LENGTH: int

def index_block(
    octets: memoryview,
    halves: memoryview,
    words: memoryview,
    index: memoryview,
    plan: memoryview,
    hold_gil: bool = False,
) -> int: ...
