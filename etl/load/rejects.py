"""Keeps what could not be an event: as received, with file, line and reason. Drops nothing."""

from pathlib import Path

import duckdb

from etl.duck import quoted
from etl.formats.read_plan import ReadPlan

# What was pruned does not come back as a rejected row either: only where it stood is kept.
_PRUNED = "before the pruned horizon"


class Rejects:
    """The rejected rows of one file, chunk by chunk. `count`: so many, once written."""

    def __init__(self, con: duckdb.DuckDBPyConnection, plan: ReadPlan) -> None:
        self.con = con
        self.plan = plan
        con.execute(
            "create or replace temp table rejected_rows "
            "(line bigint, reason varchar, raw varchar, is_broken boolean)"
        )

    @property
    def count(self) -> int:
        """Rejected rows so far."""
        return int(self.con.execute("select count(*) from rejected_rows").fetchall()[0][0])

    def keep(self, *, is_all_accepted: bool) -> None:
        """Keeps what the chunk has in unreadable, and in typed_rows with a reason."""
        self.con.execute("insert into rejected_rows select line, reason, raw, true from unreadable")
        if is_all_accepted:
            return
        raw = _RECORDS if self.plan.format.reshape else _RECEIVED
        self.con.execute(f"insert into rejected_rows {raw}")

    def write(self, staged: Path, name: str) -> str | None:
        """Writes them all as received; their file below the lake, None when there are none."""
        if not self.count:
            return None
        if self.plan.sample.kind == "delimited":
            self.con.execute(f"create or replace temp table rejected_rows as {_AS_WRITTEN}")
        (staged / "rejected").mkdir()
        target = staged / "rejected" / f"{name}.parquet"
        self.con.execute(
            f"copy (select {quoted(name)} as batch_id, {quoted(self.plan.source)} as source, "
            f"{quoted(str(self.plan.sample.path))} as file, line, reason, "
            f"case when reason <> {quoted(_PRUNED)} then raw end as raw "
            f"from rejected_rows order by line) to {quoted(str(target))} "
            "(format parquet, compression zstd)"
        )
        return target.relative_to(staged).as_posix()


# What was read line by line is told as it stood in the file; what was not, as it was read.
_RECEIVED = """
    select typed_rows.line, typed_rows.reason, received.raw, false
    from typed_rows
    inner join received on received.line = typed_rows.line
    where typed_rows.reason is not null
"""
_RECORDS = """
    select line, reason, record, false from typed_rows where reason is not null
"""
# Rows of delimited files are known by their line alone: it is looked up in the file again.
_AS_WRITTEN = """
    with rejected as (
        select
            rejected_rows.*,
            row_number() over () as number,
            coalesce(row_lines.breaks, 0) as breaks
        from rejected_rows
        left join row_lines on row_lines.line = rejected_rows.line and not is_broken
    ),

    filled_lines as (
        select line, row_number() over (order by line) as rank
        from lines
        where text is not null
    ),

    -- A row whose line cannot be told is kept as it was read.
    placed as (
        select
            rejected.number,
            rejected.reason,
            rejected.breaks,
            coalesce(filled_lines.line, rejected.line) as line,
            case when filled_lines.line is null then rejected.raw end as raw
        from rejected
        left join filled_lines on filled_lines.rank = rejected.line and not is_broken
    )

    select
        any_value(placed.line) as line,
        any_value(placed.reason) as reason,
        coalesce(
            any_value(placed.raw),
            string_agg(coalesce(lines.text, ''), chr(10) order by lines.line)
        ) as raw
    from placed
    left join lines on lines.line between placed.line and placed.line + placed.breaks
    group by placed.number
"""
