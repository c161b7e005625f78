"""What a benchmark has to say: a table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    headings: tuple[str, ...]
    rows: tuple[Sequence[str], ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        lines = [tuple(self.headings), *map(tuple, self.rows)]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.headings))]
        cells = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
        shown = ("  ".join(line).rstrip() for line in cells)
        return "\n".join([self.title, "=" * len(self.title), *shown, *self.notes])
