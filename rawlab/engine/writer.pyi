ASCII: bytes

class Writer:
    def __init__(self) -> None: ...
