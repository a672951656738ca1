"""Which rows are new: each event id counts once in a source, and the first received stays.

Ids are compared by a hash of 64 bits; where two hashes are equal, by the ids themselves. The
hashes of a batch are kept beside its events (`lake/ids`), so that a new file is compared with
millions of ids without reading them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from etl.duck import quoted, sql_beside
from etl.lake import Commit, Lake

# What described_rows.sql reads that a chunk may be without.
_DESCRIBING = ("referrer", "tracker_session_id", "chat_id", "query_type")


def hash_version(con: duckdb.DuckDBPyConnection) -> str:
    """What the engine's hash makes of one word: hashes of another engine are of no use."""
    return str(con.execute("select hash('dwell')").fetchall()[0][0])


class KnownHashes:
    """Hashes of the ids that the lake holds, each source's read once in a run."""

    def __init__(self, con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
        self.con = con
        self.lake = lake
        self.tables: dict[str, tuple[int, set[str]]] = {}

    def table(self, source: str, batches: Sequence[Commit]) -> str:
        """The table (id_hash) of all events of these batches, which are all of one source."""
        wanted = {batch.key: batch for batch in batches}
        number, held = self.tables.setdefault(source, (len(self.tables), set()))
        table = f"known_hashes_{number}"
        if not held or not held <= wanted.keys():
            self.con.execute(f"create or replace temp table {table} (id_hash ubigint)")
            held.clear()
        missing = [batch for key, batch in wanted.items() if key not in held]
        version = hash_version(self.con)
        indexed = [b for b in missing if b.ids_file and b.ids_probe == version]
        others = [b for b in missing if b not in indexed]
        for select, names in (
            ("id_hash", [str(b.ids_file) for b in indexed]),
            ("hash(event_id)", self.lake.event_files(others) if others else []),
        ):
            if names:
                self.con.execute(
                    f"insert into {table} select {select} from read_parquet($files)",
                    {"files": [str(self.lake.root / name) for name in names]},
                )
        held.update(wanted)
        return table


class EventIds:
    """The ids of one file, chunk by chunk, against each other and the source's earlier ones.

    `written` waits for the events of the file's earlier chunks and names their files.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        lake: Lake,
        known: KnownHashes,
        source: str,
        earlier: Sequence[Commit],
        written: Callable[[], list[str]],
    ) -> None:
        self.con = con
        self.written = written
        con.execute(
            "create or replace temp table seen_ids (id_hash ubigint);"
            "create or replace temp table seen_descriptions (description uuid, rows bigint);"
            f"create or replace temp view known_hashes as from {known.table(source, earlier)}"
        )
        self.files = [str(lake.root / name) for name in lake.event_files(earlier)]

    def new_rows(self, rows: Any, accepted: int, given: int) -> Any:
        """The rows that are new events, with their event_id; columns as typed_rows.sql yields.

        `rows` is registered as typed_rows; so many of them were accepted, and came with an id.
        """
        con = self.con
        if given < accepted:
            rows = self._with_ids(rows)
        con.register("numbered_rows", _numbered(rows))
        con.execute(
            "create or replace temp table ids as select row, hash(given_id) as id_hash "
            "from numbered_rows where reason is null"
        )
        duplicates = self._duplicates()
        if duplicates:
            con.execute("delete from ids where row in (select unnest($rows))", {"rows": duplicates})
        con.execute("insert into seen_ids select id_hash from ids")
        if accepted == rows.num_rows and not duplicates:
            return rows
        return con.sql(
            "select * exclude (row) from numbered_rows semi join ids using (row)"
        ).to_arrow_table()

    def write(self, staged: Path, name: str) -> str:
        """Writes the hashes of the file's new events; their file below the lake."""
        (staged / "ids").mkdir()
        target = staged / "ids" / f"{name}.parquet"
        self.con.execute(
            f"copy seen_ids to {quoted(str(target))} (format parquet, compression uncompressed)"
        )
        return target.relative_to(staged).as_posix()

    def _with_ids(self, rows: Any) -> Any:
        """The rows with an id for those that came without: what each says, and how often before."""
        self.con.register("numbered_rows", _numbered(rows))
        absent = [f"null as {name}" for name in _DESCRIBING if name not in rows.column_names]
        self.con.execute(
            "create or replace temp view rows_to_describe as select "
            f"{', '.join(['*', *absent])} from numbered_rows"
        )
        described = sql_beside(__file__, "described_rows")
        self.con.execute(f"create or replace temp table described as {described}")
        with_ids = self.con.sql(sql_beside(__file__, "rows_with_ids")).to_arrow_table()
        self.con.execute(
            "insert into seen_descriptions select description, count(*) from described "
            "group by description"
        )
        return with_ids

    def _duplicates(self) -> list[int]:
        """The rows of the chunk whose id was there before."""
        con = self.con
        repeated = sql_beside(__file__, "repeated_hashes")
        con.execute(f"create or replace temp table repeated_hashes as {repeated}")
        if not con.execute("select 1 from repeated_hashes limit 1").fetchall():
            return []
        suspects = sql_beside(__file__, "suspect_rows")
        con.execute(f"create or replace temp table suspect_rows as {suspects}")
        files = self.files + self.written()
        if files:
            con.execute(
                "create or replace temp table ids_written as "
                "select distinct event_id from read_parquet($files, hive_partitioning = false) "
                "semi join suspect_rows on event_id = given_id",
                {"files": files},
            )
        else:
            con.execute("create or replace temp table ids_written (event_id varchar)")
        duplicates = con.execute(sql_beside(__file__, "duplicate_rows")).fetchall()
        return [row for (row,) in duplicates]


def _numbered(rows: Any) -> Any:
    numbers = np.arange(rows.num_rows, dtype=np.int64)
    column = pa.Array.from_buffers(pa.int64(), rows.num_rows, [None, pa.py_buffer(numbers)])
    return rows.append_column("row", column)
