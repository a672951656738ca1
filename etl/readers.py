"""Readers: the bytes of one file to raw records in DuckDB. No meaning is given to any field.

Each leaves two temp tables: records (line, part, record JSON) and unreadable (line, reason,
raw). Lines of delimited files are counted without blank ones; `lines` has their true number.
`part` is the table a record is from, in files that hold several; else empty.
"""

import codecs
import sqlite3
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.errors import SourceError
from etl.files import Sample
from etl.mapping_sql import quoted

_SQLITE_BATCH = 50_000
_SQLITE_FIELDS = 60
_COPY_CHUNK = 16 << 20
_TEXTS = ("ndjson", "delimited", "lines")


def read(con: duckdb.DuckDBPyConnection, sample: Sample, tables: list[str], spare: Path) -> None:
    """Fills `records` and `unreadable` from the file. `tables`: those wanted, of SQLite.

    `spare` is a folder for a copy in clean UTF-8, which is made only where the engine refuses
    the file's own bytes. SourceError when it cannot be read at all.
    """
    con.execute("create or replace temp table records (line bigint, part varchar, record json)")
    con.execute(
        "create or replace temp table unreadable (line bigint, reason varchar, raw varchar)"
    )
    try:
        try:
            _read(con, sample, tables)
        except duckdb.Error:
            copy = clean_copy(sample, spare) if sample.kind in _TEXTS else None
            if copy is None:
                raise
            con.execute("delete from records; delete from unreadable")
            _read(con, copy, tables)
    except (duckdb.Error, sqlite3.Error) as error:
        msg = (
            f"{sample.path} cannot be read as {sample.kind}: {in_brief(error)}. Nothing of it was "
            "loaded. Export it again, or mend it and load it again."
        )
        raise SourceError(msg) from error


def in_brief(error: Exception) -> str:
    """An engine's error on one line, without its advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Original Line", "Possible", "*"))]
    return "; ".join(told[:2]).rstrip(".")[:300]


def clean_copy(sample: Sample, spare: Path) -> Sample | None:
    """The file in UTF-8, bytes that are none written as \\xff; None when it is clean already."""
    target = spare / "clean_copy"
    decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
    is_changed = False
    with pa.OSFile(str(sample.path)) as raw, target.open("wb") as clean:
        packed = sample.compression != "none"
        stream = pa.CompressedInputStream(raw, sample.compression) if packed else raw
        while chunk := stream.read(_COPY_CHUNK):
            text = decode(chunk).encode()
            is_changed = is_changed or text != chunk
            clean.write(text)
    return replace(sample, path=target, compression="none") if is_changed else None


def _read(con: duckdb.DuckDBPyConnection, sample: Sample, tables: list[str]) -> None:
    if sample.kind == "ndjson":
        _read_ndjson(con, sample)
    elif sample.kind == "json_array":
        _read_json_array(con, sample)
    elif sample.kind == "parquet":
        _read_parquet(con, sample)
    elif sample.kind == "sqlite":
        _read_sqlite(con, sample, tables)
    elif sample.kind == "lines":
        _read_lines(con, sample)
    else:
        _read_delimited(con, sample)


def _lines(sample: Sample) -> str:
    """A select of the file's physical lines: (line, text); blank ones have a null text."""
    return (
        f"select row_number() over () as line, text from read_csv({quoted(str(sample.path))}, "
        "columns = {'text': 'VARCHAR'}, header = false, delim = '\x01', quote = '', "
        "escape = '', auto_detect = false, max_line_size = 33554432, "
        f"buffer_size = 67108864, compression = {quoted(sample.compression)})"
    )


# MongoDB's extended JSON wraps values: {"$oid": "…"}, {"$date": {"$numberLong": "…"}}.
_WRAPPED_NUMBER = (
    r'\{\s*"\$number(?:Long|Int|Double)"\s*:\s*"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"\s*\}'
)
_WRAPPED_VALUE = (
    r'\{\s*"\$(?:oid|date|numberDecimal|uuid)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9.]+)\s*\}'
)


def _unwrapped(text: str) -> str:
    """SQL that takes extended JSON's wrappings off, the inner ones first."""
    numbers = f"regexp_replace({text}, '{_WRAPPED_NUMBER}', '\\1', 'g')"
    values = f"regexp_replace({numbers}, '{_WRAPPED_VALUE}', '\\1', 'g')"
    return f"case when regexp_matches({text}, '\\{{\\s*\"\\$') then {values} else {text} end"


def _read_ndjson(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    con.execute(f"create or replace temp view lines as {_lines(sample)}")
    # In one pass: a line that is no object is a record of null, with its text for a part.
    is_object = "json_valid(text) and left(ltrim(text), 1) = '{'"
    con.execute(
        f"insert into records select line, case when {is_object} then '' else text end, "
        f"case when {is_object} then {_unwrapped('text')}::json end "
        "from lines where trim(text) <> ''"
    )
    con.execute(
        "insert into unreadable select line, "
        "case when json_valid(part) then 'not a JSON object' else 'not valid JSON' end, part "
        "from records where record is null; delete from records where record is null"
    )


def _read_json_array(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    con.execute(
        "create or replace temp table elements as select row_number() over () as line, json "
        "from read_json_objects($file, format = 'array', compression = $compression, "
        "maximum_object_size = 134217728)",
        {"file": str(sample.path), "compression": sample.compression},
    )
    con.execute(
        f"insert into records select line, '', {_unwrapped('json::varchar')}::json "
        "from elements where json_type(json) = 'OBJECT'"
    )
    con.execute(
        "insert into unreadable select line, 'not a JSON object', json "
        "from elements where json_type(json) <> 'OBJECT'"
    )


def _read_lines(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """Lines that a pattern cuts into columns; a line that it does not match is unreadable."""
    con.execute(f"create or replace temp view lines as {_lines(sample)}")
    pattern, names = quoted(str(sample.pattern)), ", ".join(map(quoted, sample.columns))
    # No line holds \x01. A group that took no part in the match is a field that is not there.
    comment = quoted(sample.comment or "\x01")
    fields = ", ".join(f"{quoted(c)}, nullif(parts[{quoted(c)}], '')" for c in sample.columns)
    con.execute(
        "insert into records select line, if(parts is null, text, ''), if(parts is null, null, "
        f"json_strip_nulls(json_object({fields}))) from (select line, text, case when "
        f"regexp_matches(text, {pattern}) then regexp_extract(text, {pattern}, [{names}]) end "
        f"as parts from lines where trim(text) <> '' and not starts_with(text, {comment}))"
    )
    con.execute(
        "insert into unreadable select line, 'not a line of this format', part "
        "from records where record is null; delete from records where record is null"
    )


def _read_delimited(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    con.execute(f"create or replace temp view lines as {_lines(sample)}")
    con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    header = int(sample.has_header)
    names = [f"c{number}" for number in range(len(sample.columns))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    quote = quoted(sample.quote)
    # Text stays text: a column must not change its type from one file to the next.
    record = "json_object({})".format(
        ", ".join(
            f"{quoted(column)}, {name}" for column, name in zip(sample.columns, names, strict=True)
        )
    )
    con.execute(
        "create or replace temp table rows_read as select row_number() over () as number, * "
        "from read_csv($file, columns = {" + columns + "}, header = false, "
        f"skip = $skip, delim = $delimiter, quote = {quote}, escape = {quote}, "
        "auto_detect = false, "
        "store_rejects = true, max_line_size = 33554432, buffer_size = 67108864, "
        "compression = $compression)",
        {
            "file": str(sample.path),
            "skip": header + sample.leading_blanks if sample.has_header else 0,
            "delimiter": sample.delimiter,
            "compression": sample.compression,
        },
    )
    if con.execute("select 1 from reject_errors where error_type = 'INVALID ENCODING'").fetchone():
        # Counted lines need every line readable: the clean copy is.
        msg = "bytes that are not UTF-8"
        raise duckdb.InvalidInputException(msg)
    # The engine numbers rejected rows by their place in the file and leaves them out of the
    # rows that come back. A row's place is its number and the rejects before it; the first of
    # its lines, counted without blank ones, adds the line breaks in quoted fields before it.
    con.execute(
        f"""
        create or replace temp table rejected_places as
        select place, reason, raw, row_number() over (order by place) as rank
        from (
            select
                line - {sample.leading_blanks} as place,
                min(lower(replace(error_type::varchar, '_', ' '))) as reason,
                any_value(csv_line) as raw
            from reject_errors
            group by place
        );
        create or replace temp table rows_placed as
        with rejects as (
            select place - rank as after_row, max(rank) as rejects_before
            from rejected_places
            group by after_row
        )
        select
            rows_read.*,
            rows_read.number + {header} + coalesce(rejects.rejects_before, 0) as place,
            {_breaks(names, "1 = 1")} as breaks,
            {_breaks(names, "trim(part) <> ''")} as filled_breaks
        from rows_read
        asof left join rejects on rows_read.number + {header} > rejects.after_row;
        create or replace temp table row_lines as
        select
            *,
            place + coalesce(sum(filled_breaks) over (
                order by place rows between unbounded preceding and 1 preceding
            ), 0)::bigint as line
        from rows_placed;
        insert into records select line, '', json_strip_nulls({record}) from row_lines;
        insert into unreadable
        select
            rejected_places.place + coalesce(sum(row_lines.filled_breaks), 0)::bigint,
            reason,
            raw
        from rejected_places
        left join row_lines
            on row_lines.place < rejected_places.place and row_lines.breaks > 0
        group by rejected_places.place, reason, raw
        """
    )


def _breaks(names: list[str], condition: str) -> str:
    """SQL that counts the line breaks in a row's fields behind which the condition holds.

    The last part of a field shares its line with what follows, so it is never blank.
    """
    joined = f"concat_ws('.', {', '.join(names)})"
    counted = f"len(list_filter(string_split({joined}, chr(10))[2:], lambda part: {condition}))"
    return f"case when contains({joined}, chr(10)) then {counted} else 0 end"


def _read_parquet(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    con.execute(
        "insert into records select file_row_number + 1, '', json_strip_nulls(json_merge_patch("
        "to_json(parquet_rows), '{\"file_row_number\": null}')) "
        "from read_parquet($file, file_row_number = true) as parquet_rows",
        {"file": str(sample.path)},
    )


def _read_sqlite(con: duckdb.DuckDBPyConnection, sample: Sample, tables: list[str]) -> None:
    with sqlite3.connect(f"{sample.path.resolve().as_uri()}?mode=ro", uri=True) as database:
        for table in tables:
            record = _sqlite_record(sample.tables[table])
            rows = database.execute(f"select {record} from {_named(table)}")
            first = 1
            while batch := [text for (text,) in rows.fetchmany(_SQLITE_BATCH)]:
                con.execute(
                    "insert into records select $first + position, $table, record::json from ("
                    "select unnest($batch) as record, "
                    "generate_subscripts($batch, 1) - 1 as position)",
                    {"first": first, "table": table, "batch": batch},
                )
                first += len(batch)
    database.close()


def _sqlite_record(columns: tuple[str, ...]) -> str:
    """SQLite's expression of a row as a JSON object; blobs as hexadecimal text."""
    fields = [
        f"{quoted(column)}, case typeof({_named(column)}) when 'blob' "
        f"then hex({_named(column)}) else {_named(column)} end"
        for column in columns
    ]
    # Functions of SQLite take 127 arguments; a patch leaves nulls out.
    parts = [fields[i : i + _SQLITE_FIELDS] for i in range(0, len(fields), _SQLITE_FIELDS)]
    record = f"json_object({', '.join(parts[0])})"
    for part in parts[1:]:
        record = f"json_patch({record}, json_object({', '.join(part)}))"
    return record


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
