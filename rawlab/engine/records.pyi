from array import array

Octets = bytes | bytearray | memoryview
Cells = array[int] | memoryview

OFFSET: int
CAPLEN: int
LENGTH: int
TIME_NS: int
INTERFACE: int
LINKTYPE: int
ROWS: int

WHY: int
POSITION: int
NEED: int
STATE_CELLS: int

NEED_OCTETS: int
FULL: int
OTHER_BLOCK: int
CAPTURED_TOO_LONG: int
BAD_LENGTH: int
LENGTHS_DIFFER: int
UNKNOWN_INTERFACE: int
OVERRUNS_RECORD: int
RECORD_TOO_LONG: int

PCAP_BIG_ENDIAN: int
PCAP_HEADER_OCTETS: int
PCAP_TICK_NS: int
PCAP_LENGTHS: int
PCAP_LARGEST: int
PCAP_LINKTYPE: int
PCAP_CELLS: int
LENGTHS_SWAPPED: int
LENGTHS_MAYBE_SWAPPED: int

SECTION_BIG_ENDIAN: int
SECTION_FIRST_INTERFACE: int
SECTION_INTERFACES: int
SECTION_LARGEST_BLOCK: int
SECTION_STOP_AT_ALL: int
SECTION_CELLS: int

COLUMN_LINKTYPE: int
COLUMN_SNAPLEN: int
COLUMN_LARGEST: int
COLUMN_RULE: int
COLUMN_FACTOR: int
COLUMN_LIMIT: int
COLUMN_OFFSET_NS: int
COLUMNS: int
RULE_MULTIPLY: int
RULE_DIVIDE: int
RULE_SHIFT: int

def index_pcap(
    octets: Octets,
    start: int,
    end: int,
    index: memoryview,
    first: int,
    params: Cells,
    state: Cells,
) -> int: ...
def index_snoop(
    octets: Octets,
    start: int,
    end: int,
    index: memoryview,
    first: int,
    params: Cells,
    state: Cells,
) -> int: ...
def index_pcapng(
    octets: Octets,
    start: int,
    end: int,
    index: memoryview,
    first: int,
    places: Cells,
    section: Cells,
    table: Cells,
    state: Cells,
) -> int: ...
