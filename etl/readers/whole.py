"""Containers that are read as a whole: JSON arrays and databases. Each leaves stored_records."""

import sqlite3
from collections.abc import Sequence

import duckdb

from etl.files import Sample
from etl.readers.extended_json import unwrapped
from etl.sql_text import named, quoted

_SQLITE_BATCH = 50_000
_SQLITE_FIELDS = 60


def read_json_array(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """The elements of an array, numbered from 1."""
    con.execute(
        "create or replace temp table elements as select row_number() over () as line, json "
        "from read_json_objects($file, format = 'array', compression = $compression, "
        "maximum_object_size = 134217728)",
        {"file": str(sample.path), "compression": sample.compression},
    )
    con.execute(
        f"insert into stored_records select line, '', {unwrapped('json::varchar')}::json "
        "from elements where json_type(json) = 'OBJECT'"
    )
    con.execute(
        "insert into stored_unreadable select line, 'not a JSON object', json "
        "from elements where json_type(json) <> 'OBJECT'"
    )
    con.execute("drop table elements")


def read_sqlite(con: duckdb.DuckDBPyConnection, sample: Sample, tables: Sequence[str]) -> None:
    """The rows of the tables, numbered from 1 in each."""
    with sqlite3.connect(f"{sample.path.resolve().as_uri()}?mode=ro", uri=True) as database:
        for table in tables:
            record = _sqlite_record(sample.tables[table])
            rows = database.execute(f"select {record} from {named(table)}")
            first = 1
            while batch := [text for (text,) in rows.fetchmany(_SQLITE_BATCH)]:
                con.execute(
                    "insert into stored_records select $first + position, $table, record::json "
                    "from (select unnest($batch) as record, "
                    "generate_subscripts($batch, 1) - 1 as position)",
                    {"first": first, "table": table, "batch": batch},
                )
                first += len(batch)
    database.close()


def _sqlite_record(columns: tuple[str, ...]) -> str:
    """SQLite's expression of a row as a JSON object; blobs as hexadecimal text."""
    fields = [
        f"{quoted(column)}, case typeof({named(column)}) when 'blob' "
        f"then hex({named(column)}) else {named(column)} end"
        for column in columns
    ]
    # Functions of SQLite take 127 arguments; a patch leaves nulls out.
    parts = [fields[i : i + _SQLITE_FIELDS] for i in range(0, len(fields), _SQLITE_FIELDS)]
    record = f"json_object({', '.join(parts[0])})"
    for part in parts[1:]:
        record = f"json_patch({record}, json_object({', '.join(part)}))"
    return record
