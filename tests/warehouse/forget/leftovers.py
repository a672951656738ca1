"""Looks for texts in all of a home, by other means than the product does."""

from collections.abc import Sequence
from pathlib import Path

import duckdb


def leftovers(home: Path, texts: Sequence[str]) -> list[str]:
    """Where one of the texts still stands: as bytes of a file, as a value of a Parquet file, or in
    a table of a DuckDB file. The lock holds the number of a process alone.
    """
    found = []
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found += [f"{path.name}: bytes of {text}" for text in texts if text.encode() in content]
        with duckdb.connect() as con:
            tables = []
            if path.suffix == ".parquet":
                tables = [f"read_parquet('{path}', hive_partitioning = false)"]
            elif path.suffix == ".duckdb":
                con.execute(f"attach '{path}' as build (read_only)")
                rows = con.execute(
                    "select schema_name, table_name from duckdb_tables() "
                    "where database_name = 'build'"
                ).fetchall()
                tables = [f'build."{schema}"."{table}"' for schema, table in rows]
            for table in tables:
                rows = con.execute(f"select t::varchar from {table} as t").fetchall()
                found += [
                    f"{path.name}: {table}" for (row,) in rows if any(t in row for t in texts)
                ]
    return found
