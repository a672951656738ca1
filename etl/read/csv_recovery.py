"""Parts the rows of a broken delimited file from the lines that are none.

The engine reads whole rows fast, but beside broken ones it may lose others: a quote that is never
closed swallows what follows. Here each line is a row, or the start of one, or rejected alone.
"""

import csv
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from etl.errors import SourceError
from etl.read.sample import Sample

LONGEST_ROW = 30 << 20
LONGEST_LINE = 128 << 20
# A quoted field of more lines is rather a quote that nobody closed.
_MOST_LINES = 10_000
BAD_QUOTE = "a quote is not closed or stands inside a field"

Rejected = tuple[int, str, str]


@dataclass
class Sieve:
    """The lines of a text, one after the other.

    `name`: the file's, for errors. `numbers`: of each line that belongs to a row, where it
    stood in the file.
    """

    sample: Sample
    name: Path
    text: IO[str]
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    number: int = 0
    waiting: deque[str] = field(default_factory=deque)

    def rejected(self, rows: IO[str]) -> Iterator[list[Rejected]]:
        """The lines that are no row (line, reason, raw), many at a time; whole rows are written
        to `rows`."""
        csv.field_size_limit(LONGEST_LINE)
        is_header = self.sample.has_header
        preamble = self.sample.preamble
        held: list[Rejected] = []
        while line := self._next():
            self.number += 1
            if line.isspace():
                continue
            if preamble:
                preamble -= 1
                continue
            taken, reason = self._row(line)
            if reason:
                held.append((self.number, reason, "".join(taken).removesuffix("\n")))
                if len(held) == _MOST_LINES or len(line) > LONGEST_ROW:
                    yield held
                    held = []
            elif is_header:
                is_header = False
            else:
                rows.writelines(taken)
                self.numbers.extend(range(self.number, self.number + len(taken)))
            self.number += len(taken) - 1
        yield held

    def _row(self, line: str) -> tuple[list[str], str | None]:
        """The lines of the row that begins with a line, and why it is none; then often that alone.

        A row that is too short or too long may have several lines. A quote that does not fit may
        be the line's own, so that the next line is given another chance.
        """
        taken = [line]
        if len(line) > LONGEST_ROW:
            return taken, f"longer than {LONGEST_ROW >> 20} MB"
        quote, width = self.sample.quote, len(self.sample.columns)
        if not quote or quote not in line:
            columns = line.count(self.sample.delimiter) + 1
        else:
            try:
                columns = len(next(self._reader(taken)))
            except csv.Error:
                self.waiting.extendleft(reversed(taken[1:]))
                return taken[:1], BAD_QUOTE
        if columns == width:
            return taken, None
        return taken, "missing columns" if columns < width else "too many columns"

    def _reader(self, taken: list[str]) -> Iterator[list[str]]:
        """Python's reader of the row; it takes the lines that it needs."""

        def lines() -> Iterator[str]:
            yield taken[0]
            held = len(taken[0])
            while held < LONGEST_ROW and len(taken) < _MOST_LINES and (line := self._next()):
                taken.append(line)
                held += len(line)
                yield line

        sample = self.sample
        return csv.reader(lines(), delimiter=sample.delimiter, quotechar=sample.quote, strict=True)

    def _next(self) -> str:
        """The next line with its line break, empty at the end."""
        if self.waiting:
            return self.waiting.popleft()
        line = self.text.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            msg = (
                f"{self.name}: line {self.number + 1} is longer than "
                f"{LONGEST_LINE >> 20} MB. Wanted: a row on each line. Nothing was loaded from it."
            )
            raise SourceError(msg)
        return line if not line or line.endswith("\n") else line + "\n"
