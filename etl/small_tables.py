"""Small tables from Python into DuckDB. The engine's own `register` would import pandas: 1 s."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def create_table(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Creates the temp table with the columns (name → DuckDB type, [] for a list of text).

    A column that a row does not have is null in it. No rows make an empty table.
    """
    shape = {column: ["VARCHAR"] if kind == "[]" else kind for column, kind in columns.items()}
    con.execute(
        f"create or replace temp table {name} as "
        "select one.* from (select unnest(from_json($rows, '" + json.dumps([shape]) + "')) as one)",
        {"rows": json.dumps(rows, default=str)},
    )
