"""Says where two builds differ, row by row. Shares no code with what makes them.

A build is read through its views alone, as a notebook would.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

# They tell when and how a build was made, not what is in it.
_OF_THE_BUILD = {"models", "event_parts", "table_parts", "replaced_sessions"}
# Numbers that a build hands out in the order in which it meets users.
_HANDED_OUT = {"user_key"}


def differences(one: Path, other: Path, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """Table → what differs, in words; empty where all rows are equal. KeyError for a build that
    has a table more than the other.
    """
    con = duckdb.connect()
    for name, path in (("one", one), ("other", other)):
        con.execute(f"attach '{path}' as {name} (read_only)")
    known = {name: set(_tables(con, name)) for name in ("one", "other")}
    if known["one"] != known["other"]:
        raise KeyError(sorted(known["one"] ^ known["other"]))
    found = {}
    for table in sorted(known["one"] - _OF_THE_BUILD - set(leave_out)):
        difference = _difference(con, table)
        if difference:
            found[table] = difference
    return found


def _tables(con: duckdb.DuckDBPyConnection, build: str) -> list[str]:
    rows = con.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = ? and table_schema = 'main'",
        [build],
    ).fetchall()
    return [name for (name,) in rows]


def _difference(con: duckdb.DuckDBPyConnection, table: str) -> str | None:
    columns = {
        build: con.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_catalog = ? and table_schema = 'main' and table_name = ? order by 1",
            [build, table],
        ).fetchall()
        for build in ("one", "other")
    }
    if columns["one"] != columns["other"]:
        return f"columns {set(columns['one']) ^ set(columns['other'])}"
    names = [name for name, _ in columns["one"] if name not in _HANDED_OUT]
    # Of two doubles that differ in the last bit no two are equal: they are compared as they are.
    listed = ", ".join(f'"{name}"' for name in names)
    counts = {}
    for build, peer in (("one", "other"), ("other", "one")):
        rows = con.execute(
            f"select {listed} from {build}.main.{table} "
            f"except all select {listed} from {peer}.main.{table}"
        ).fetchall()
        counts[build] = len(rows), rows[:2]
    if not counts["one"][0] and not counts["other"][0]:
        return None
    first = [rows[0] for _, rows in counts.values() if rows]
    if len(first) == 2:
        odd = {n: (a, b) for n, a, b in zip(names, *first, strict=True) if a != b}
        return f"{counts['one'][0]} and {counts['other'][0]} rows, such as {odd}"
    return f"{counts['one'][0]} and {counts['other'][0]} rows, such as {first}"
