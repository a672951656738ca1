"""Delimited files: each row one record of text fields, with the line on which it begins.

Lines of delimited files are counted without blank ones; `lines` has their true number.
"""

import duckdb

from etl.files import Sample
from etl.sql_text import quoted


def read(con: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """Fills stored_records and unreadable, and leaves lines and row_lines for what is rejected."""
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
        insert into stored_records select line, '', json_strip_nulls({record}) from row_lines;
        insert into stored_unreadable
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


def _lines(sample: Sample) -> str:
    """A select of the file's physical lines: (line, text); blank ones have a null text."""
    return (
        f"select row_number() over () as line, text from read_csv({quoted(str(sample.path))}, "
        "columns = {'text': 'VARCHAR'}, header = false, delim = '\x01', quote = '', "
        "escape = '', auto_detect = false, max_line_size = 33554432, "
        f"buffer_size = 67108864, compression = {quoted(sample.compression)})"
    )
