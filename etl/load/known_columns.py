"""What columns were taken for in files of each kind, from load to load: the lake's log says it.

A kind is read as its first file was: what values look like decides once, so that neither more rows
nor a newer Dwell reads a file otherwise that the lake holds.
"""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import duckdb

from etl.formats.format import Request
from etl.formats.likely_columns import Taken
from etl.lake import Batch
from etl.load.known_fields import kind_of

# So many of the last files say how those of their kind are read.
_LAST_FILES = 2_000


class KnownColumns:
    """By the source that was asked for and the kind of file. Needs the view lake_batches."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    @cached_property
    def _known(self) -> dict[tuple[str | None, str], Taken]:
        rows = self.con.execute(
            "select source, format, file, columns from lake_batches order by number desc limit ?",
            [_LAST_FILES],
        ).fetchall()
        known: dict[tuple[str | None, str], Taken] = {}
        for source, name, file, columns in reversed(rows):
            _add(known, source, name, file, columns or ())
        return known

    def before(self, path: Path, request: Request) -> Taken | None:
        """Role and column of what was taken, in the order of its finding; nothing where names were
        enough. None where there was no such file."""
        return self._known.get((request.source, kind_of(path)))

    def keep(self, batches: Iterable[Batch]) -> None:
        """The files are in the lake: the next ones are read as they are."""
        for batch in batches:
            _add(self._known, batch.source, batch.format, batch.file, batch.columns)


def _add(
    known: dict[tuple[str | None, str], Taken],
    source: str,
    name: str,
    file: str,
    columns: Iterable[str],
) -> None:
    """The first file that something was taken in decides: one that --map was told of takes less."""
    pairs = (column.partition("=") for column in columns)
    taken = tuple((role, column) for role, _, column in pairs)
    kind = kind_of(Path(file))
    # Where nobody named the source it is called as its format.
    for asked in {source, None if source == name else source}:
        known[asked, kind] = known.get((asked, kind)) or taken
