"""One file to one batch of the lake: read, map, type, accept or reject, deduplicate, write.

rows_read = rows_loaded + rows_duplicate + rows_rejected holds for every file.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb

from etl import pseudonyms, readers, user_agents
from etl.errors import SourceError
from etl.event_types import ALIASES
from etl.lake import Commit, Lake
from etl.mapping import FieldMap, Keys
from etl.mapping_sql import json_path, mapped_rows, present_only, quoted
from etl.reading import Reading, batch_id, replaced_by
from etl.rejects import write_rejected
from etl.schema import EVENT_COLUMNS
from etl.small_tables import create_table
from etl.sources import tables

_SQL = Path(__file__).parent / "sql"
# Up to so many days of one file are written each on its own.
_FEW_DAYS = 100


def load_batch(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    reading: Reading,
    content: str,
    now: datetime,
) -> Commit:
    """Loads one file as a batch after the commits that are there.

    The same file, unchanged but read in another way, replaces what it was before.
    """
    started = time.monotonic()
    name = batch_id(reading, content)
    old = replaced_by(reading, content, commits)
    earlier = [c for c in commits if c.source == reading.source and c != old]
    staged = lake.staging / name
    staged.mkdir(parents=True, exist_ok=True)
    if reading.format.has_pseudonyms:
        con.execute(f"set variable {pseudonyms.VARIABLE} = {quoted(pseudonyms.key_of(lake))}")
    _read_rows(con, reading, staged, now)
    _find_known(con, lake, earlier)
    _keep_new(con, reading)
    rejected_file = write_rejected(con, staged, reading, name)
    event_files = _write_events(con, staged, name)
    loaded, first, last = con.execute(
        "select count(*), min(event_time), max(event_time) from new_events"
    ).fetchall()[0]
    accepted, rejected = con.execute(
        "select (select count(*) from accepted_rows), (select count(*) from rejected_rows)"
    ).fetchall()[0]
    if reading.has_changed():
        msg = (
            f"{reading.sample.path} changed while it was read. Nothing of it was loaded. Load "
            "it again once it is whole."
        )
        raise SourceError(msg)
    commit = Commit(
        batch_id=name,
        source=reading.source,
        stream=reading.stream,
        format=reading.format.name,
        file=str(reading.sample.path),
        path=str(reading.sample.path.resolve()),
        file_size=reading.size,
        file_mtime_ns=reading.mtime_ns,
        rows_read=accepted + rejected,
        rows_loaded=loaded,
        rows_duplicate=accepted - loaded,
        rows_rejected=rejected,
        first_event_time=first.isoformat() if first else None,
        last_event_time=last.isoformat() if last else None,
        loaded_at=datetime.now(UTC).isoformat(),
        seconds=round(time.monotonic() - started, 3),
        event_files=tuple(event_files),
        rejected_file=rejected_file,
        content=content,
        reading=reading.fingerprint,
        sequence=max((c.sequence for c in commits), default=0) + 1,
        replaces=old.batch_id if old else None,
    )
    lake.publish(commit, staged)
    return commit


def _read_rows(
    con: duckdb.DuckDBPyConnection, reading: Reading, staged: Path, now: datetime
) -> None:
    """Leaves typed_rows (all that was readable) and accepted_rows (what was accepted)."""
    sample, request = reading.sample, reading.request
    con.execute("set TimeZone = " + quoted(request.time_zone))
    con.execute((_SQL / "macros.sql").read_text())
    early = [] if sample.kind != "sqlite" else reading.format.field_maps(sample, request, ())
    readers.read(con, sample, tables.tables_of(early), staged)
    if reading.format.reshape:
        con.execute(f"create or replace temp table reshaped as {reading.format.reshape}")
        con.execute("drop table records; alter table reshaped rename to records")
    keys_in = cache(lambda parent: _keys_in(con, parent))
    columns = tuple(dict.fromkeys([*sample.columns, *sorted(keys_in(()))]))
    maps = early or reading.format.field_maps(sample, request, columns)
    # Each place that the file does not have would cost every row a look.
    maps = [present_only(found, keys_in) for found in maps]
    _look_up_words(con, maps)
    rows = " union all ".join(mapped_rows(found, reading.format.properties) for found in maps)
    con.execute(f"create or replace temp view mapped_rows as {rows}")
    _create(
        con,
        "typed_rows",
        stream=reading.stream,
        exclude_users=list(request.exclude_users),
        now=_naive(now),
    )
    _create(con, "named_rows" if _all_named(con) else "identified_rows", "accepted_rows")


def _create(
    con: duckdb.DuckDBPyConnection, file: str, name: str | None = None, **params: object
) -> None:
    """Creates the temp table that an SQL file yields, under the file's name or another."""
    text = (_SQL / f"{file}.sql").read_text(encoding="utf-8")
    con.execute(f"create or replace temp table {name or file} as {text}", params)


def _all_named(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether every row came with an id: then nothing has to be worked out and kept."""
    found = "select 1 from typed_rows where reason is null and given_id is null limit 1"
    return con.execute(found).fetchone() is None


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)


def _keys_in(con: duckdb.DuckDBPyConnection, parent: Keys) -> set[str]:
    """The keys that the object at a place of the records has, over all records."""
    path = json_path(parent)
    found = con.execute(
        f"select distinct unnest(json_keys(record, {path})) from records "
        f"where json_type(record, {path}) = 'OBJECT'"
    ).fetchall()
    return {key for (key,) in found}


def _look_up_words(con: duckdb.DuckDBPyConnection, maps: list[FieldMap]) -> None:
    """Leaves event_types and agents: what each distinct word of the file means."""
    words = " union all ".join(mapped_rows(found, roles=("type", "user_agent")) for found in maps)
    con.execute(
        f"create or replace temp table words as select type, user_agent from ({words}) group by all"
    )
    aliases = "map {" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in ALIASES.items()) + "}"
    con.execute(
        "create or replace temp table event_types as "
        f"select word, coalesce({aliases}[name], name) as event_type from ("
        "select distinct type as word, nullif(snake_case(type), '') as name "
        "from words where type is not null)"
    )
    distinct = con.execute(
        "select distinct user_agent from words where user_agent is not null"
    ).fetchall()
    create_table(con, "agents", user_agents.COLUMNS, user_agents.agents(t for (t,) in distinct))


def _find_known(con: duckdb.DuckDBPyConnection, lake: Lake, earlier: Sequence[Commit]) -> None:
    """Leaves known_ids: those of the file that an earlier commit of its source has."""
    is_derived, days = con.execute(
        "select coalesce(bool_and(is_derived), true), "
        "list(distinct event_time::date::varchar) from accepted_rows"
    ).fetchall()[0]
    known = [name for commit in earlier for name in commit.event_files]
    if is_derived:
        # A derived id holds the time: only the same days can hold it too.
        folders = {f"event_date={day}" for day in days or []}
        known = [name for name in known if name.split("/")[1] in folders]
    con.execute("create or replace temp table known_ids (event_id varchar)")
    if known:
        con.execute(
            "insert into known_ids select distinct lake.event_id from read_parquet($files, "
            "hive_partitioning = false) as lake semi join accepted_rows using (event_id)",
            {"files": [str(lake.root / name) for name in known]},
        )


def _keep_new(con: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Leaves new_events: the first row of each id that is not known, in the order of the lake."""
    given = {"source": reading.source, "stream": reading.stream}
    columns = ", ".join(
        f"{quoted(given[column])} as {column}" if column in given else column
        for column, _, _ in EVENT_COLUMNS
    )
    rows, ids = con.execute(
        "select count(*), count(distinct event_id) from accepted_rows"
    ).fetchall()[0]
    # Numbering all rows costs as much as writing them: only where some id is there twice.
    first = "qualify row_number() over (partition by event_id order by line) = 1"
    con.execute(
        f"create or replace temp table new_events as select {columns}, "
        "event_time::date as event_date from accepted_rows "
        f"anti join known_ids using (event_id) {first if ids < rows else ''} "
        "order by event_date, user_id, event_time, event_id"
    )


def _write_events(con: duckdb.DuckDBPyConnection, staged: Path, name: str) -> list[str]:
    """Writes the new events by day, sorted by user and time; the files, below the lake."""
    found = con.execute("select distinct event_date::varchar from new_events").fetchall()
    form = "format parquet, compression zstd, parquet_version v2"
    events = staged / "events"
    if len(found) <= _FEW_DAYS:
        # A file of its own keeps the order of its rows on all threads.
        for (day,) in found:
            target = events / f"event_date={day}" / f"{name}-0.parquet"
            target.parent.mkdir(parents=True)
            con.execute(
                f"copy (select * exclude (event_date) from new_events where event_date = $day) "
                f"to {quoted(str(target))} ({form})",
                {"day": day},
            )
        return _relative(events.rglob("*.parquet"), staged)
    threads = con.execute("select current_setting('threads')").fetchall()[0][0]
    # Many small files are written in one go. Two threads would interleave chunks in a
    # partition, and the order within a file would be lost.
    con.execute("set threads = 1")
    try:
        con.execute(
            f"copy new_events to {quoted(str(events))} ({form}, partition_by (event_date), "
            f"filename_pattern {quoted(name + '-{i}')})"
        )
    finally:
        con.execute(f"set threads = {threads}")
    return _relative(events.rglob("*.parquet"), staged)


def _relative(paths: Iterable[Path], folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in paths)
