"""Writes what could not be an event: as received, with file, line and reason. Drops nothing."""

from pathlib import Path

import duckdb

from etl.mapping_sql import quoted
from etl.reading import Reading


def write_rejected(
    con: duckdb.DuckDBPyConnection, staged: Path, reading: Reading, name: str
) -> str | None:
    """Writes rejected rows as received; their file below the lake, if there are any."""
    found = "select 1 from typed_rows where reason is not null union all select 1 from unreadable"
    has_some = con.execute(f"{found} limit 1").fetchone() is not None
    kind = "reshaped" if reading.format.reshape else reading.sample.kind
    # Their lines are read from the file again: only where there are some.
    rows = _AS_RECEIVED.get(kind, _OTHERS) if has_some else _NONE
    con.execute(f"create or replace temp table rejected_rows as {rows}")
    if not has_some:
        return None
    (staged / "rejected").mkdir()
    target = staged / "rejected" / f"{name}.parquet"
    con.execute(
        f"copy (select {quoted(name)} as batch_id, {quoted(reading.source)} as source, "
        f"{quoted(str(reading.sample.path))} as file, line, reason, raw from rejected_rows "
        f"order by line) to {quoted(str(target))} (format parquet, compression zstd)"
    )
    return target.relative_to(staged).as_posix()


_NONE = "select null::bigint as line, '' as reason, '' as raw where false"
# Rejected rows with their line and their text. What was read line by line is told as it stood
# in the file; what was not, as the record that was read.
_OTHERS = """
    select line, reason, raw from unreadable
    union all
    select line, reason, record::varchar as raw from typed_rows where reason is not null
"""
_A_LINE_EACH = """
    select line, reason, raw from unreadable
    union all
    select typed_rows.line, typed_rows.reason, lines.text as raw
    from typed_rows
    inner join lines on lines.line = typed_rows.line
    where typed_rows.reason is not null
"""
_AS_RECEIVED = {
    "ndjson": _A_LINE_EACH,
    "lines": _A_LINE_EACH,
    "delimited": """
        with rejected as (
            select line, reason, raw, 0 as breaks from unreadable
            union all
            select typed_rows.line, typed_rows.reason, null as raw, row_lines.breaks
            from typed_rows
            inner join row_lines on row_lines.line = typed_rows.line
            where typed_rows.reason is not null
        ),

        filled_lines as (
            select line, row_number() over (order by line) as rank
            from lines
            where text is not null and exists (select 1 from rejected)
        ),

        placed as (
            select filled_lines.line, rejected.reason, rejected.raw, rejected.breaks
            from rejected
            inner join filled_lines on filled_lines.rank = rejected.line
        )

        select
            placed.line,
            placed.reason,
            coalesce(
                placed.raw, string_agg(coalesce(lines.text, ''), chr(10) order by lines.line)
            ) as raw
        from placed
        left join lines on lines.line between placed.line and placed.line + placed.breaks
        group by placed.line, placed.reason, placed.raw
    """,
}
