"""Containers that are read as a whole: JSON of any layout, databases. Each fills stored_records."""

import mmap
import sqlite3
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import duckdb

from etl.duck import json_path, named, quoted
from etl.read.extended_json import unwrapped
from etl.read.json_pieces import pieces
from etl.read.sample import Sample

_BATCH = 50_000
_SQLITE_FIELDS = 60


def read_json(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """The elements of an array, or objects that follow each other, numbered from 1."""
    shape = "array" if sample.kind == "json_array" else "unstructured"
    con.execute(
        "create or replace temp table elements as select row_number() over () as line, "
        f"json::varchar as text from read_json_objects($file, format = '{shape}', "
        "compression = $compression, maximum_object_size = 134217728)",
        {"file": str(sample.path), "compression": sample.compression},
    )
    if sample.kind == "json_wrapped":
        con.execute(f"create or replace temp table elements as {_unwrapped(sample)}")
    _store_elements(con)


def _unwrapped(sample: Sample) -> str:
    """A select of the rows in objects, numbered from 1."""
    row = "text::json"
    if sample.rows_at:
        row = f"unnest(json_extract(text, {quoted(json_path_of(sample.rows_at))}))"
    folder = "$." + (sample.folder or "")
    text = "row"
    if sample.folder:
        text = (
            f"case when json_type(row, '{folder}') = 'OBJECT' then json_merge_patch("
            f"json_object('_id', row -> '$._id'), row -> '{folder}') else row end"
        )
    return (
        f"select row_number() over () as line, ({text})::varchar as text "
        f"from (select {row} as row from elements order by line)"
    )


def json_path_of(keys: tuple[str, ...]) -> str:
    """The path to all elements of a list."""
    return json_path(keys)[1:-1].replace("''", "'") + "[*]"


def read_broken_json(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The same of a plain file that the engine refuses: what is broken is unreadable alone."""
    con.execute("create or replace temp table elements (line bigint, text varchar)")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        values = pieces(text)
        first = 1
        while batch := [piece.decode() for piece in islice(values, _BATCH)]:
            con.execute(
                "insert into elements select $first + generate_subscripts($batch, 1) - 1, "
                "unnest($batch)",
                {"first": first, "batch": batch},
            )
            first += len(batch)
    _store_elements(con)


def _store_elements(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create or replace temp table kinds as select line, case when json_valid(text) "
        "then json_type(text) else 'BROKEN' end as kind from elements;"
        f"insert into stored_records select line, '', {unwrapped('text')}::json "
        "from elements inner join kinds using (line) where kind = 'OBJECT';"
        "insert into stored_unreadable select line, case kind when 'BROKEN' "
        "then 'not valid JSON' else 'not a JSON object' end, text "
        "from elements inner join kinds using (line) where kind <> 'OBJECT';"
        "drop table elements; drop table kinds"
    )


def read_parquet(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """The rows of a Parquet file, numbered from 1."""
    row = free_name(sample.columns)
    con.execute(
        "insert into stored_records select row_number() over (), '', "
        f"{parquet_record(con, str(sample.path), row)} from read_parquet($file) as {row}",
        {"file": str(sample.path)},
    )


def free_name(columns: Sequence[str]) -> str:
    """A name for the rows of a table that no column of it has, in any case of letters."""
    name = "parquet_row"
    while name in {column.lower() for column in columns}:
        name += "_"
    return name


def read_sqlite(con: duckdb.DuckDBPyConnection, sample: Sample, tables: Sequence[str]) -> None:
    """The rows of the tables, numbered from 1 in each."""
    with sqlite3.connect(f"{sample.path.resolve().as_uri()}?mode=ro", uri=True) as database:
        for table in tables:
            record = _sqlite_record(sample.tables[table])
            rows = database.execute(f"select {record} from {named(table)}")
            first = 1
            while batch := [text for (text,) in rows.fetchmany(_BATCH)]:
                con.execute(
                    "insert into stored_records select $first + position, $table, record::json "
                    "from (select unnest($batch) as record, "
                    "generate_subscripts($batch, 1) - 1 as position)",
                    {"first": first, "table": table, "batch": batch},
                )
                first += len(batch)
    database.close()


def parquet_record(con: duckdb.DuckDBPyConnection, file: str, row: str) -> str:
    """SQL of a row of a Parquet file as a JSON object without nulls.

    Bytes are the text that they hold; sixteen that hold none are a UUID.
    """
    columns = con.execute(f"describe from read_parquet({quoted(file)})").fetchall()
    blobs = [named(name) for name, kind, *_ in columns if kind == "BLOB"]
    if not blobs:
        return f"json_strip_nulls(to_json({row}))"
    texts = ", ".join(f"{name} := {_text_of_blob(f'{row}.{name}')}" for name in blobs)
    return f"json_strip_nulls(to_json(struct_update({row}, {texts})))"


def _text_of_blob(blob: str) -> str:
    digits = f"lower(hex({blob}))"
    # The engine writes a byte that is no letter with four signs.
    is_uuid = f"octet_length({blob}) = 16 and length({blob}::varchar) <> 16"
    return f"case when {is_uuid} then {_as_uuid(digits)} else {blob}::varchar end"


def _blob_of_sqlite(column: str) -> str:
    digits = f"hex({column})"
    uuid = _as_uuid(f"lower({digits})")
    return f"case length({column}) when 16 then {uuid} else {digits} end"


def _as_uuid(digits: str) -> str:
    """SQL of 32 hexadecimal digits with dashes."""
    ends = (1, 9, 13, 17, 21, 33)
    parts = (f"substr({digits}, {first}, {last - first})" for first, last in pairwise(ends))
    return " || '-' || ".join(parts)


def _sqlite_record(columns: tuple[str, ...]) -> str:
    """SQLite's expression of a row as a JSON object; blobs as hexadecimal text, those of sixteen
    bytes as UUIDs."""
    fields = [
        f"{quoted(column)}, case typeof({named(column)}) when 'blob' "
        f"then {_blob_of_sqlite(named(column))} else {named(column)} end"
        for column in columns
    ]
    # Functions of SQLite take 127 arguments; a patch leaves nulls out.
    parts = [fields[i : i + _SQLITE_FIELDS] for i in range(0, len(fields), _SQLITE_FIELDS)]
    record = f"json_object({', '.join(parts[0])})"
    for part in parts[1:]:
        record = f"json_patch({record}, json_object({', '.join(part)}))"
    return record
