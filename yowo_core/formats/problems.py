"""What a reader could not use, while the rest of the file went on."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A row or fact that was left out: its line (0: no single one) and a sentence."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message
