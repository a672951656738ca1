"""Looks for ids in everything that a home holds: the bytes of every file, the values of Parquet
files and of builds, which lie packed. Changes nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from etl.duck import connect, named, quoted

# By chance few signs stand anywhere.
_SHORTEST = 4
_PIECE = 1 << 24
_LONGEST = 1 << 12


@dataclass(frozen=True)
class Searched:
    """What a search found.

    files    that were looked through
    bytes    of them
    holding  paths below the home whose bytes or values hold an id as a word, with how many rows;
             0 where bytes are all that is known
    """

    files: int
    bytes: int
    holding: dict[str, int]


def search(home: Path, ids: Sequence[str]) -> Searched:
    """Every file of the home but its lock. Ids of less than 4 signs are looked for as values of a
    column only.
    """
    paths = sorted(
        p for p in home.rglob("*") if p.is_file() and not p.is_symlink() and p.name != ".lock"
    )
    pattern = _bytes_pattern(ids)
    holding: dict[str, int] = {}
    size = 0
    for path in paths:
        size += path.stat().st_size
        if pattern and _holds(path, pattern):
            holding[path.relative_to(home).as_posix()] = 0
        if rows := _rows_in(path, ids):
            holding[path.relative_to(home).as_posix()] = rows
    return Searched(len(paths), size, holding)


def _bytes_pattern(ids: Sequence[str]) -> "re.Pattern[bytes] | None":
    words = b"|".join(re.escape(one.encode()) for one in ids if len(one) >= _SHORTEST)
    return re.compile(rb"(?<![\w@.-])(?:" + words + rb")(?![\w@-])") if words else None


def _holds(path: Path, pattern: "re.Pattern[bytes]") -> bool:
    before = b""
    with path.open("rb") as handle:
        while piece := handle.read(_PIECE):
            if pattern.search(before + piece):
                return True
            before = piece[-_LONGEST:]
    return False


def _rows_in(path: Path, ids: Sequence[str]) -> int:
    """The rows of a Parquet file or of a database that hold an id; 0 of others."""
    try:
        with connect() as con:
            if path.suffix == ".parquet":
                return _count(con, f"read_parquet({quoted(path)}, hive_partitioning = false)", ids)
            if path.suffix == ".duckdb":
                con.execute(f"attach {quoted(path)} as searched (read_only)")
                tables = con.execute(
                    "select schema_name, table_name from duckdb_tables() "
                    "where database_name = 'searched'"
                ).fetchall()
                return sum(
                    _count(con, f"searched.{named(schema)}.{named(table)}", ids)
                    for schema, table in tables
                )
    except duckdb.Error:
        # What cannot be read as such is bytes, which were looked through.
        return 0
    return 0


def _count(con: duckdb.DuckDBPyConnection, rows: str, ids: Sequence[str]) -> int:
    """Rows of which a column is an id, or whose text holds one as a word."""
    columns = con.execute(f"describe from {rows}").fetchall()
    texts = [named(name) for name, kind, *_ in columns if kind == "VARCHAR"]
    nested = [
        named(n) for n, kind, *_ in columns if kind.endswith("]") or kind.startswith("STRUCT")
    ]
    equal = [f"list_contains($ids, {column})" for column in texts]
    long = [one for one in ids if len(one) >= _SHORTEST]
    words = "|".join(map(_re2, long))
    told = [f"{column}::varchar" for column in nested] + texts
    within = [f"regexp_matches({column}, $words)" for column in told] if long else []
    if not (equal or within):
        return 0
    params: dict[str, object] = {"ids": list(ids)} if equal else {}
    if within:
        params["words"] = rf"(^|[^\w@.-])({words})([^\w@-]|$)"
    where = " or ".join(equal + within)
    (count,) = con.execute(f"select count(*) from {rows} where {where}", params).fetchall()[0]  # noqa: S608
    return int(count)


def _re2(text: str) -> str:
    """The text as a pattern of the engine, which knows no escapes of letters."""
    return "".join(one if one.isalnum() or not one.isascii() else f"\\{one}" for one in text)
