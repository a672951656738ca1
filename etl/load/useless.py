"""Files in the lake of which no row is an event: why that is. Reads rejected rows alone."""

from contextlib import suppress

import duckdb

from etl.duck import listed, sql_beside
from etl.lake import Batch, Lake, LakeState
from etl.lake.losses import may_hold
from etl.load.outcome import failures, no_event_in


class Useless:
    """What to say of files that are in the lake and of no use: what the load that read them said.

    Valid for one load: it knows what was noted before.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
        self.con = con
        self.noted = {note.get("batch_id"): note.get("useless") for note in failures(lake.home)}

    def sentence(self, state: LakeState, batch: Batch) -> str | None:
        """Why no row of the batch is an event; None where one is, where none was read, and where
        they were left out on purpose.

        Where a prune has taken its rejected rows, what was noted.
        """
        if not batch.rows_read or batch.rows_rejected < batch.rows_read:
            return None
        paths = [state.path_of(f) for f in state.of_kind("rejected") if may_hold(f, batch)]
        # A damaged file is told of by those who look for damage.
        with suppress(duckdb.Error):
            if paths and self._finds_rows(batch, listed(paths)):
                whys = self.con.execute(sql_beside(__file__, "useless_files")).fetchall()
                return no_event_in(whys[0][1]) if whys else None
        noted = self.noted.get(batch.batch_id)
        return str(noted) if noted else None

    def _finds_rows(self, batch: Batch, paths: str) -> bool:
        """Whether there are rejected rows of the batch; if so rejected_rows holds them."""
        rows = self.con.execute(
            "create or replace temp table rejected_rows as select line, reason "  # noqa: S608
            f"from read_parquet({paths}) where batch_id = $batch",
            {"batch": batch.batch_id},
        )
        return bool(rows.fetchall()[0][0])
