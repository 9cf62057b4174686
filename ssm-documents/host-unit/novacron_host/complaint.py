"""What goes wrong again and again is told once."""

import sys


class Complaint:
    """One that is open, or none: the log is no place for the same line each few seconds."""

    def __init__(self) -> None:
        self._open = ""

    def tell(self, what: str, detail: object) -> None:
        """Says it on standard error, unless it was the last thing said. The detail alone makes it no other."""
        if what != self._open:
            print(f"{what}: {detail}", file=sys.stderr)
        self._open = what

    def close(self) -> None:
        """It is well again: the same would be news."""
        self._open = ""
