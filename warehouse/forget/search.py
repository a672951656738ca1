"""Looks for ids in everything that a home holds: the bytes of every file, the values of Parquet
files and of builds, which lie packed. Changes nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.collector.spool_files import spool_file
from etl.config.access import SCOPES
from etl.config.settings import Settings
from etl.duck import connect, named, quoted
from etl.lake import Lake
from etl.lake.spellings import Places
from etl.landing_folder import is_extracted
from warehouse.forget.id_columns import IdColumns
from warehouse.forget.landed import LandedFile
from warehouse.forget.lists import Lists
from warehouse.forget.marks import Marks
from warehouse.forget.saved import LISTS
from warehouse.forget.spool import ids_in_file
from warehouse.saved_file import saved_entries

# Fewer signs stand by chance anywhere among packed bytes.
_SHORTEST = 6
_PIECE = 1 << 24
# Columns of lake and builds in which nobody else's text stands: whose a row is, and its file.
_OWN = ("user_id", "file")
_OWN_TABLES = ("load_runs",)
# What only Dwell writes, of which it took the people out.
_OWN_FOLDERS = ("lake", "builds", "outbox", SCOPES)
_OWN_FILES = ("alerts.json", "exports.json")


@dataclass(frozen=True)
class Searched:
    """What a search found.

    files    that were looked through; 0 where nobody was looked for
    bytes    of them
    own      paths below the home where an id still stands and nobody else's text is, with how many
             rows; 0 where bytes are all that is known
    others   the same of texts of others: an event of Bob that names Ann is his
    """

    files: int
    bytes: int
    own: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)

    def as_facts(self, ids: Sequence[str]) -> dict[str, Any]:
        """What a receipt says of it; nothing where nobody was looked for."""
        if not self.files:
            return {}
        marked = Marks(ids).marked
        found = self.own | self.others
        return {
            "searched_files": self.files,
            "searched_bytes": self.bytes,
            "still_in": {marked(place): rows for place, rows in found.items()},
        }


NOT_SEARCHED = Searched(0, 0)


def search(settings: Settings, ids: Sequence[str]) -> Searched:
    """Every file of the home but its lock. Ids of less than 3 signs are looked for as whole values
    only, among packed bytes those of 6 and more. Of no id nothing is looked through.
    """
    if not ids:
        return NOT_SEARCHED
    home = settings.home
    paths = [p for p in home.rglob("*") if p.is_file() and not p.is_symlink() and p.name != ".lock"]
    size = 0
    found: tuple[dict[str, int], dict[str, int]] = {}, {}
    with connect() as con:
        look = _Look(con, settings, ids)
        for path in sorted(paths):
            size += path.stat().st_size
            for kept, rows in zip(found, look.at(path), strict=True):
                if rows is not None:
                    kept[path.relative_to(home).as_posix()] = rows
    return Searched(len(paths), size, *found)


class _Look:
    """Looks for ids in one file after the other."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, settings: Settings, ids: Sequence[str]
    ) -> None:
        self._con = con
        self._home = settings.home
        self._settings = settings
        self._places = Places(ids)
        self._long = Places(one for one in self._places.ids if len(one) >= _SHORTEST)
        self._marks = Marks(ids)
        self._lists = Lists(self._places, IdColumns(settings))

    def at(self, path: Path) -> tuple[int | None, int | None]:
        """Of a file the rows in which one stands for itself, and in a text of others; 0 where bytes
        are all that is known, None where it does not.
        """
        parts = path.relative_to(self._home).parts
        kind = next((kind for kind in LISTS if path.name == f"{kind}.json"), None)
        if kind and (len(parts) == 1 or parts[0] == SCOPES):
            entries = saved_entries(path.parent, kind).items()
            count = sum(self._lists.name_one(name, entry) for name, entry in entries)
            return (count, None) if count else (None, self._bytes_of(path))
        if file := spool_file(path):
            if file.is_open:
                # It waits, and is told of as such.
                return None, None
            count = sum(map(self._places.is_one, ids_in_file(file)))
            return (count, None) if count else (None, self._bytes_of(path))
        rows = self._rows_of(path)
        if rows != (None, None):
            return rows
        found = self._bytes_of(path)
        if found is None and self._is_of_log(path) and self._marks.are_in(path.read_bytes()):
            # Of a name such as export_of_ann@example.com nobody can tell whose it is.
            return None, 0
        is_own = parts[0] in _OWN_FOLDERS or path.name in _OWN_FILES
        return (found, None) if is_own else (None, found)

    def _bytes_of(self, path: Path) -> int | None:
        before, places = b"", self._places
        with path.open("rb") as handle:
            while piece := handle.read(_PIECE):
                if b"\0" in piece:
                    places = self._long
                if places.are_in_bytes(before + piece):
                    return 0
                before = piece[-places.reach :]
        return None

    def _rows_of(self, path: Path) -> tuple[int | None, int | None]:
        """The same of a Parquet file or of a database, by their columns; None twice of others, and
        of what cannot be read as such: its bytes are looked through.
        """
        users: Collection[str] = _OWN
        if path.suffix == ".parquet" and is_extracted(path):
            with suppress(OSError, pa.ArrowException):
                users = LandedFile(path, self._settings).users
        own: list[int] = []
        others: list[int] = []
        with suppress(duckdb.Error), _tables_in(self._con, path) as tables:
            for table, rows in tables:
                is_own = table in _OWN_TABLES or self._is_of_log(path)
                for column in _columns(self._con, rows, users):
                    count = self._count(rows, column)
                    (own if is_own or column in users else others).append(count)
        return max(own, default=0) or None, max(others, default=0) or None

    def _is_of_log(self, path: Path) -> bool:
        return path.is_relative_to(Lake(self._home).log.folder)

    def _count(self, rows: str, column: str) -> int:
        """The rows of which a column is an id, or whose text holds one."""
        found = self._con.execute(
            f"select {named(column)}::varchar as told, count(*) from {rows} "  # noqa: S608
            "where list_contains($whole, told) or regexp_matches(told, $words) group by all",
            {"whole": self._places.whole, "words": self._places.re2 or "$^"},
        ).fetchall()
        return sum(count for told, count in found if self._places.are_in(told))


@contextmanager
def _tables_in(con: duckdb.DuckDBPyConnection, path: Path) -> Iterator[list[tuple[str, str]]]:
    """The tables of a file: name, and SQL of its rows."""
    if path.suffix == ".parquet":
        yield [("", f"read_parquet({quoted(path)}, hive_partitioning = false)")]
        return
    if path.suffix != ".duckdb":
        yield []
        return
    con.execute(f"attach {quoted(path)} as searched (read_only)")
    try:
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'searched'"
        ).fetchall()
        yield [(table, f"searched.{named(schema)}.{named(table)}") for schema, table in tables]
    finally:
        con.execute("detach searched")


def _columns(con: duckdb.DuckDBPyConnection, rows: str, users: Collection[str]) -> Iterator[str]:
    """Columns that may hold texts or ids."""
    for column, kind, *_ in con.execute(f"describe from {rows}").fetchall():
        is_text = kind in ("VARCHAR", "JSON") or kind.endswith("]")
        if is_text or column in users or kind.startswith(("STRUCT", "MAP")):
            yield column
