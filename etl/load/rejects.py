"""Keeps what could not be an event: as received, with file, line and reason. Drops nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from etl.duck import create_table, quoted, sql_beside
from etl.formats.read_plan import ReadPlan
from etl.lake.records import Batch, LakeFile
from etl.load.forgotten import Forgotten
from etl.privacy.redactor import Redactor

_PLACES = {"place": "BIGINT", "batch_id": "VARCHAR", "source": "VARCHAR", "file": "VARCHAR"}


class Rejects:
    """The rejected rows of files that are loaded together, chunk by chunk.

    Lines tell the files apart: see etl/read/joined.py. `forgotten`: whose rows are rejected
    without a text.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        plan: ReadPlan,
        redactor: Redactor | None,
        forgotten: Forgotten,
    ) -> None:
        self.con = con
        self.plan = plan
        self.redactor = redactor
        self.forgotten = forgotten
        con.execute(
            "create or replace temp table rejected_rows "
            "(line bigint, reason varchar, raw varchar, is_broken boolean, is_cut boolean)"
        )

    def cut(self, typed: Any) -> Any:
        """The typed rows of a chunk without what is never stored, as typed_rows.

        What is kept of those that are rejected is their record, cut. Rows of people who were
        erased are rejected, too.
        """
        rows = self.redactor.rows(typed) if self.redactor else typed
        if self.forgotten and (are_met := self.forgotten.are_in_any(typed, rows)) is not None:
            rows, typed = (self.forgotten.marked(one, are_met) for one in (rows, typed))
            self.con.register("typed_rows", rows)
        if self.redactor is None:
            return rows
        if "reason" in typed.column_names and typed["reason"].null_count < typed.num_rows:
            are_rejected = typed["reason"].is_valid()
            before, after = typed.filter(are_rejected), rows.filter(are_rejected)
            raw = self.redactor.rejected(before, after).to_arrow()
            self.con.register(
                "rejects_cut", before.select(["line", "reason"]).append_column("raw", raw)
            )
        self.con.register("typed_rows", rows)
        return rows

    def keep(self, *, is_all_accepted: bool) -> None:
        """Keeps what the chunk has in unreadable, and in typed_rows with a reason."""
        self.con.execute(
            "insert into rejected_rows select line, reason, raw, true, false from unreadable"
        )
        if is_all_accepted:
            return
        if self.redactor:
            self.con.execute(
                "insert into rejected_rows select line, reason, raw, false, true from rejects_cut"
            )
            return
        name = "rejects_as_records" if self.plan.format.reshape else "rejects_as_received"
        self.con.execute(f"insert into rejected_rows {sql_beside(__file__, name)}")

    def counts(self) -> dict[int, int]:
        """Place of a file → its rejected rows; of those that have some."""
        rows = self.con.execute("select line >> 40, count(*) from rejected_rows group by all")
        return dict(rows.fetchall())

    def useless(self, accepted: Mapping[int, int]) -> dict[int, str]:
        """Place of a file → what its rows lack, of files of which no row could be an event.

        Rows that were left out on purpose are none of these. `accepted`: rows by place.
        """
        rows = self.con.execute(sql_beside(__file__, "useless_files")).fetchall()
        return {place: text for place, text in rows if not accepted.get(place)}

    def write(self, staged: Path, name: str, batches: Sequence[Batch]) -> list[LakeFile]:
        """The file with all of them as received, below the lake by that name; none without rows.

        `batches`: those of the files, by their places.
        """
        count = sum(self.counts().values())
        if not count:
            return []
        if self.plan.sample.kind == "delimited":
            as_written = sql_beside(__file__, "rejects_as_written")
            self.con.execute(f"create or replace temp table rejected_rows as {as_written}")
        if self.redactor:
            self._cut_raw(self.redactor)
        if self.forgotten:
            self._leave_out_forgotten()
        places = [
            {"place": place, "batch_id": one.batch_id, "source": one.source, "file": one.file}
            for place, one in enumerate(batches)
        ]
        create_table(self.con, "places", _PLACES, places)
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = sql_beside(__file__, "rejected_rows_kept")
        self.con.execute(f"copy ({kept}) to {quoted(target)} (format parquet, compression zstd)")
        return [
            LakeFile(
                name=name,
                source=self.plan.source,
                rows=count,
                bytes=target.stat().st_size,
                first_time=min(batch.loaded_at for batch in batches),
                last_time=max(batch.loaded_at for batch in batches),
                first_batch=batches[0].number,
                last_batch=batches[-1].number,
            )
        ]

    def _cut_raw(self, redactor: Redactor) -> None:
        """Rows that were typed are kept as they were cut, others as texts that are cut."""
        import polars as pl

        rows = self.con.sql(
            "select line, reason, raw, is_cut::tinyint as is_cut from rejected_rows"
        ).to_arrow_table()
        raw = pl.Series(rows["raw"])
        unread = redactor.unread(raw)
        kept = raw.zip_with(pl.Series(rows["is_cut"]) == 1, unread).to_arrow()
        rows = rows.select(["line", "reason"]).append_column("raw", kept)
        self.con.register("rows_kept", rows)
        self.con.execute("create or replace temp table rejected_rows as from rows_kept")
        self.con.unregister("rows_kept")

    def _leave_out_forgotten(self) -> None:
        """Rows of somebody who was erased are kept without their text, for that reason; those of
        others without the ids.
        """
        rows = self.con.sql("select line, reason, raw from rejected_rows").to_arrow_table()
        are_met, raw = self.forgotten.told(rows["raw"])
        rows = rows.set_column(rows.column_names.index("raw"), "raw", raw)
        self.con.register("rows_kept", self.forgotten.marked(rows, are_met))
        self.con.execute("create or replace temp table rejected_rows as from rows_kept")
        self.con.unregister("rows_kept")
