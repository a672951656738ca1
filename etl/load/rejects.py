"""Keeps what could not be an event: as received, with file, line and reason. Drops nothing."""

from pathlib import Path

import duckdb

from etl.duck import quoted, sql_beside
from etl.formats.read_plan import ReadPlan


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
        name = "rejects_as_records" if self.plan.format.reshape else "rejects_as_received"
        self.con.execute(f"insert into rejected_rows {sql_beside(__file__, name)}")

    def write(self, staged: Path, name: str) -> str | None:
        """Writes them all as received; their file below the lake, None when there are none."""
        if not self.count:
            return None
        if self.plan.sample.kind == "delimited":
            as_written = sql_beside(__file__, "rejects_as_written")
            self.con.execute(f"create or replace temp table rejected_rows as {as_written}")
        (staged / "rejected").mkdir()
        target = staged / "rejected" / f"{name}.parquet"
        kept = sql_beside(__file__, "rejected_rows_kept")
        self.con.execute(
            f"copy ({kept}) to {quoted(target)} (format parquet, compression zstd)",
            {
                "batch_id": name,
                "source": self.plan.source,
                "file": str(self.plan.sample.path),
            },
        )
        return target.relative_to(staged).as_posix()
