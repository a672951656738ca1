"""Files beside the builds that hold their large tables, and that builds share.

A build writes what is new into one more file, its part, of its own number; what earlier builds
wrote stays where it is. A part is a DuckDB file, as a connection that may open no file can still
read one that is attached. It never changes once it is in its place. Which rows of it count, the
builds say (`table_parts`, `event_parts`).
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from etl.duck import named, quoted
from etl.durable import sync_folder

FOLDER = "parts"
# The part that is being written, as a database of the connection.
NEW = "new_part"


def path_of(builds: Path, number: int) -> Path:
    """The file of a part, by the number of the build that made it."""
    return builds / FOLDER / f"{_name(number)}.duckdb"


def database_of(number: int) -> str:
    """An attached part as a database, as SQL names it."""
    return f'"{_name(number)}"'


def _name(number: int) -> str:
    # The events were alone in there once.
    return f"events-{number:06d}"


def begin(con: duckdb.DuckDBPyConnection, builds: Path, number: int, storage: str) -> None:
    """Starts the file of a new part, as the database NEW, without tables."""
    unfinished = _unfinished(builds, number)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    con.execute(f"attach {quoted(unfinished)} as {NEW} (storage_version '{storage}')")


def finish(con: duckdb.DuckDBPyConnection, builds: Path, number: int) -> None:
    """Puts the new part in its place, on disk. No build names it yet."""
    con.execute(f"detach {NEW}")
    unfinished = _unfinished(builds, number)
    with unfinished.open("rb") as handle:
        os.fsync(handle.fileno())
    unfinished.replace(path_of(builds, number))
    sync_folder(unfinished.parent)


def attach(con: duckdb.DuckDBPyConnection, builds: Path, number: int) -> None:
    """Opens a part for reading, so that a connection that may open no file can read it."""
    # "attach if not exists" may wait for ever where another database of this process has the file.
    known = "select 1 from duckdb_databases() where database_name = $name"
    if not con.execute(known, {"name": _name(number)}).fetchall():
        path = quoted(path_of(builds, number))
        con.execute(f"attach {path} as {database_of(number)} (read_only)")


def create_noted(
    con: duckdb.DuckDBPyConnection,
    name: str,
    note: str,
    columns: Mapping[str, tuple[str, str]],
    last: str | None,
) -> None:
    """Creates a table of the build that tells of its parts: as in the last one, a database; else
    empty.

    columns  name → type, what it is
    """
    types = ", ".join(f"{named(column)} {kind}" for column, (kind, _) in columns.items())
    con.execute(f"create table {name} ({types})")
    if last:
        con.execute(f"insert into {name} from {last}.{name} order by all")
    con.execute(f"comment on table {name} is {quoted(note)}")
    for column, (_, meaning) in columns.items():
        con.execute(f"comment on column {name}.{named(column)} is {quoted(meaning)}")


def last_small(parts: Iterable[tuple[int, int]], rows: int) -> list[int]:
    """The parts to become one with a new one of so many rows: each that stays is larger than all
    after it together.

    parts  numbers and rows, newest first; the newest is always among those
    """
    small: list[int] = []
    for number, count in parts:
        if small and count > rows:
            break
        small.append(number)
        rows += count
    return small


def sweep(builds: Path, needed: Iterable[int]) -> None:
    """Removes parts that no build is made of, and what a killed build has left."""
    keep = {path_of(builds, number) for number in needed}
    for path in (builds / FOLDER).glob("*"):
        if path not in keep:
            path.unlink(missing_ok=True)


def _unfinished(builds: Path, number: int) -> Path:
    return path_of(builds, number).with_suffix(".building")
