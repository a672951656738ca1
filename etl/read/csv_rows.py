"""Delimited files: each row one record of text fields, with the line on which it begins.

Lines of delimited files are counted without blank ones; `lines` has their true number.
"""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from etl.duck import quoted, sql_beside
from etl.read.csv_recovery import BAD_QUOTE, Rejected, Sieve
from etl.read.sample import Sample

# The engine cuts what it tells of a rejected row.
_WHOLE = 10_000


def read(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """Fills stored_records and stored_unreadable, and leaves `lines` and `row_lines` for what is
    rejected later. duckdb.Error where the engine does not account for every line."""
    con.execute(f"create or replace temp view lines as {_lines(sample)}")
    skipped = sample.preamble + sample.has_header
    _read_rows(con, sample, skipped + sample.leading_blanks if skipped else 0)
    if con.execute("select 1 from reject_errors where error_type = 'INVALID ENCODING'").fetchone():
        # Counted lines need every line readable: the clean copy is.
        msg = "bytes that are not UTF-8"
        raise duckdb.InvalidInputException(msg)
    places = sql_beside(__file__, "rejected_places")
    con.execute(
        f"create or replace temp table rejected_places as {places}",
        {"leading_blanks": sample.leading_blanks, "bad_quote": BAD_QUOTE},
    )
    records = _place_rows(con, skipped)
    _account(con, skipped)
    con.execute(f"insert into stored_records select line, '', record from {records}")
    con.execute("drop table rows_read")
    if con.execute("select 1 from rejected_places limit 1").fetchone():
        unreadable = sql_beside(__file__, "unreadable_lines")
        con.execute(f"insert into stored_unreadable {unreadable}")


def _place_rows(con: duckdb.DuckDBPyConnection, skipped: int) -> str:
    """Leaves row_lines: place and first line of each row; where to find the rows with their lines.

    The engine numbers rejected rows by their place in the file and leaves them out of the rows
    that come back. A row's place is its number and the rejects before it; the first of its lines,
    counted without blank ones, adds the line breaks in quoted fields before it.
    """
    is_odd = con.execute(
        "select exists (from rejected_places) or exists (from rows_read where breaks > 0)"
    ).fetchall()[0][0]
    if not is_odd:
        # As nearly all files are: the rows, which are large, stay where they are.
        lines = f"number + {skipped} as place, number + {skipped} as line"
        con.execute(
            f"create or replace temp table row_lines as select * exclude (record), {lines} "
            "from rows_read"
        )
        return f"(select number + {skipped} as line, record from rows_read)"
    placed, row_lines = sql_beside(__file__, "rows_placed"), sql_beside(__file__, "row_lines")
    con.execute(f"create or replace temp table rows_placed as {placed}", {"skipped": skipped})
    con.execute(f"create or replace temp table row_lines as {row_lines}")
    con.execute("drop table rows_placed")
    return "row_lines"


def read_broken(con: duckdb.DuckDBPyConnection, sample: Sample, name: Path, target: Path) -> None:
    """The same of a plain file in clean UTF-8 that the engine refuses, or reads with losses.

    `name`: the file's own, for errors. `target`: where its whole rows are written.
    """
    # Any line break is one here: \n, \r\n and \r.
    with sample.path.open(encoding="utf-8") as text, target.open("w", encoding="utf-8") as rows:
        sieve = Sieve(sample, name, text)
        for rejected in sieve.rejected(rows):
            _keep(con, rejected)
    whole = replace(sample, path=target, has_header=False, preamble=0, leading_blanks=0)
    read(con, whole)
    numbers = np.array(sieve.numbers, np.int64)
    column = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
    con.register("line_numbers", pa.table({"number": column}))
    con.execute(
        "create or replace temp table true_lines as select row_number() over () as line, number "
        "from line_numbers;"
        "create or replace temp view lines as select true_lines.number as line, text "
        f"from ({_lines(whole)}) inner join true_lines using (line)"
    )


def _keep(con: duckdb.DuckDBPyConnection, rejected: list[Rejected]) -> None:
    if rejected:
        lines, reasons, raws = map(list, zip(*rejected, strict=True))
        con.execute(
            "insert into stored_unreadable select unnest($lines), unnest($reasons), unnest($raws)",
            {"lines": lines, "reasons": reasons, "raws": raws},
        )


def _read_rows(con: duckdb.DuckDBPyConnection, sample: Sample, skip: int) -> None:
    """Leaves rows_read: number, record, and line breaks in it; and the engine's reject_errors."""
    con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    names = [f"c{number}" for number in range(len(sample.columns))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    quote = quoted(sample.quote)
    # Text stays text: a column must not change its type from one file to the next.
    fields = (f"{quoted(c)}, {name}" for c, name in zip(sample.columns, names, strict=True))
    con.execute(
        "create or replace temp table rows_read as select row_number() over () as number, "
        f"json_strip_nulls(json_object({', '.join(fields)})) as record, "
        f"{_breaks(names, '1 = 1')} as breaks, "
        f"""{_breaks(names, "trim(part) <> ''")} as filled_breaks """
        "from read_csv($file, columns = {" + columns + "}, header = false, "
        f"skip = $skip, delim = $delimiter, quote = {quote}, escape = {quote}, "
        "auto_detect = false, "
        "store_rejects = true, max_line_size = 33554432, buffer_size = 67108864, "
        "compression = $compression)",
        {
            "file": str(sample.path),
            "skip": skip,
            "delimiter": sample.delimiter,
            "compression": sample.compression,
        },
    )


def _account(con: duckdb.DuckDBPyConnection, skipped: int) -> None:
    """Refuses what the engine read where some lines are neither of a row nor rejected whole."""
    filled, of_rows, rejected, longest, is_broken = con.execute(
        sql_beside(__file__, "lines_accounted")
    ).fetchall()[0]
    if is_broken or longest >= _WHOLE or filled != skipped + of_rows + rejected:
        msg = "lines that are neither of a row nor rejected whole"
        raise duckdb.InvalidInputException(msg)


def _breaks(names: list[str], condition: str) -> str:
    """SQL that counts the line breaks in a row's fields behind which the condition holds.

    The last part of a field shares its line with what follows, so it is never blank.
    """
    joined = f"concat_ws('.', {', '.join(names)})"
    counted = f"len(list_filter(string_split({joined}, chr(10))[2:], lambda part: {condition}))"
    return f"case when contains({joined}, chr(10)) then {counted} else 0 end"


def _lines(sample: Sample) -> str:
    """A select of the file's physical lines: (line, text); blank ones have a null text."""
    return (
        f"select row_number() over () as line, text from read_csv({quoted(str(sample.path))}, "
        "columns = {'text': 'VARCHAR'}, header = false, delim = '\x01', quote = '', "
        "escape = '', auto_detect = false, max_line_size = 33554432, "
        f"buffer_size = 67108864, compression = {quoted(sample.compression)})"
    )
