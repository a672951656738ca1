"""One file to one batch of the lake: read, map, type, accept or reject, deduplicate, write.

rows_read = rows_loaded + rows_duplicate + rows_rejected holds for every file.
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from etl import files, readers, user_agents
from etl.errors import SourceError
from etl.event_types import ALIASES
from etl.lake import Commit, Lake
from etl.mapping_sql import mapped_rows, quoted
from etl.schema import EVENT_COLUMNS
from etl.small_tables import create_table
from etl.sources import Format, Request, detect, tables

_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Reading:
    """A file and how it is read; `reading` and the bytes together name the batch."""

    sample: files.Sample
    format: Format
    request: Request
    source: str
    stream: str

    @property
    def identity(self) -> str:
        """What decides how the bytes become events, as text."""
        content = asdict(self.request) | {"format": self.format.name, "source": self.source}
        # A row without a type is named after its file.
        content["stem"] = files.stem_of(self.sample.path)
        content["stream"] = self.stream
        return json.dumps(content, sort_keys=True, default=str)

    @property
    def fingerprint(self) -> str:
        """The identity, short."""
        return sha256(self.identity.encode()).hexdigest()


def look(path: Path, request: Request) -> Reading:
    """How the file will be read. SourceError when that cannot be told."""
    numbered = any(column.isdecimal() for column in request.map.values())
    sample = files.look_at(path, header=not numbered)
    found = detect(sample, request)
    return Reading(
        sample,
        found,
        request,
        request.source or found.name,
        request.sessions or found.sessions,
    )


def batch_id(reading: Reading, content: str) -> str:
    """The batch's name: the same bytes read the same way are the same batch."""
    return sha256((content + reading.identity).encode()).hexdigest()[:24]


def replaced_by(reading: Reading, content: str, commits: Sequence[Commit]) -> Commit | None:
    """The batch of the same file, unchanged, in the same source, read in another way."""
    file = (reading.source, str(reading.sample.path.resolve()), content)
    return next((c for c in commits if (c.source, c.path, c.content) == file), None)


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
    stat = reading.sample.path.stat()
    staged = lake.staging / name
    staged.mkdir(parents=True, exist_ok=True)
    _read_rows(con, reading, staged, now)
    _mark_duplicates(con, lake, earlier)
    rejected_file = _write_rejected(con, staged, reading, name)
    event_files = _write_events(con, staged, reading, name)
    counts = con.execute(
        "select (select count(*) from identified_rows) + (select count(*) from rejected_rows),"
        " (select count(*) from identified_rows where not is_duplicate),"
        " (select count(*) from identified_rows where is_duplicate),"
        " (select count(*) from rejected_rows),"
        " min(event_time), max(event_time) from identified_rows where not is_duplicate"
    ).fetchone()
    assert counts is not None  # An aggregate without group by is one row.
    rows_read, loaded, duplicate, rejected, first, last = counts
    if _changed(reading.sample.path, stat):
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
        file_size=stat.st_size,
        file_mtime_ns=stat.st_mtime_ns,
        rows_read=rows_read,
        rows_loaded=loaded,
        rows_duplicate=duplicate,
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


def _changed(path: Path, before: object) -> bool:
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns)  # type: ignore[attr-defined]


def _read_rows(
    con: duckdb.DuckDBPyConnection, reading: Reading, staged: Path, now: datetime
) -> None:
    """Leaves typed_rows (all that was readable) and identified_rows (what was accepted)."""
    sample, request = reading.sample, reading.request
    con.execute("set TimeZone = " + quoted(request.time_zone))
    con.execute((_SQL / "macros.sql").read_text())
    early = [] if sample.kind != "sqlite" else reading.format.field_maps(sample, request, ())
    readers.read(con, sample, tables.tables_of(early), staged)
    if reading.format.reshape:
        con.execute(f"create or replace temp table reshaped as {reading.format.reshape}")
        con.execute("drop table records; alter table reshaped rename to records")
    maps = early or reading.format.field_maps(sample, request, _columns(con, sample))
    con.execute(
        "create or replace temp table mapped_rows as "
        + " union all ".join(mapped_rows(found, reading.format.properties) for found in maps)
    )
    _look_up_words(con)
    con.execute(
        f"create or replace temp table typed_rows as {(_SQL / 'typed_rows.sql').read_text()}",
        {"exclude_users": list(request.exclude_users), "now": now.replace(tzinfo=None)},
    )
    con.execute("drop table mapped_rows")
    con.execute(
        "create or replace temp table identified_rows as "
        + (_SQL / "identified_rows.sql").read_text()
    )


def _columns(con: duckdb.DuckDBPyConnection, sample: files.Sample) -> tuple[str, ...]:
    """All columns of the file, those first that its beginning showed."""
    if sample.kind == "delimited":
        return sample.columns
    found = con.execute(
        "select distinct unnest(json_keys(record)) as name from records order by name"
    ).fetchall()
    return tuple(dict.fromkeys([*sample.columns, *(name for (name,) in found)]))


def _look_up_words(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves event_types and agents: what each distinct word of the file means."""
    aliases = "map {" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in ALIASES.items()) + "}"
    con.execute(
        "create or replace temp table event_types as "
        f"select word, coalesce({aliases}[name], name) as event_type from ("
        "select distinct type as word, nullif(snake_case(type), '') as name "
        "from mapped_rows where type is not null)"
    )
    distinct = con.execute(
        "select distinct user_agent from mapped_rows where user_agent is not null"
    ).fetchall()
    create_table(con, "agents", user_agents.COLUMNS, user_agents.agents(t for (t,) in distinct))


def _mark_duplicates(con: duckdb.DuckDBPyConnection, lake: Lake, earlier: Sequence[Commit]) -> None:
    """Adds is_duplicate: seen before in the file, or in an earlier commit of its source."""
    derived, *dates = con.execute(
        "select coalesce(bool_and(is_derived), true), "
        "list(distinct event_time::date::varchar) from identified_rows"
    ).fetchall()[0]
    known = [name for commit in earlier for name in commit.event_files]
    if derived:
        # A derived id holds the time: only the same days can hold it too.
        days = {f"event_date={day}" for day in (dates[0] or [])}
        known = [name for name in known if name.split("/")[1] in days]
    con.execute("create or replace temp table known_ids (event_id varchar)")
    if known:
        con.execute(
            "insert into known_ids select lake.event_id from read_parquet($files, "
            "hive_partitioning = false) as lake semi join identified_rows using (event_id)",
            {"files": [str(lake.root / name) for name in known]},
        )
    con.execute(
        "create or replace temp table marked as select *, "
        "row_number() over (partition by event_id order by line) > 1 or "
        "event_id in (select event_id from known_ids) as is_duplicate from identified_rows"
    )
    con.execute("drop table identified_rows; alter table marked rename to identified_rows")


def _write_events(
    con: duckdb.DuckDBPyConnection, staged: Path, reading: Reading, name: str
) -> list[str]:
    """Writes the new events by day, sorted by user and time; the files, below the lake."""
    given = {"source": reading.source, "stream": reading.stream}
    columns = ", ".join(
        f"{quoted(given[column])} as {column}" if column in given else column
        for column, _, _ in EVENT_COLUMNS
    )
    con.execute(
        f"create or replace temp table new_events as select {columns}, "
        "event_time::date as event_date from identified_rows where not is_duplicate "
        "order by event_date, user_id, event_time, event_id"
    )
    if not con.execute("select 1 from new_events limit 1").fetchone():
        return []
    threads = con.execute("select current_setting('threads')").fetchall()[0][0]
    # Two threads interleave chunks in a partition, and the order within a file would be lost.
    con.execute("set threads = 1")
    con.execute(
        f"copy new_events to {quoted(str(staged / 'events'))} (format parquet, "
        "partition_by (event_date), compression zstd, parquet_version v2, "
        f"filename_pattern {quoted(name + '-{i}')})"
    )
    con.execute(f"set threads = {threads}")
    con.execute("drop table new_events")
    return _relative((staged / "events").rglob("*.parquet"), staged)


def _write_rejected(
    con: duckdb.DuckDBPyConnection, staged: Path, reading: Reading, name: str
) -> str | None:
    """Writes rejected rows as received; their file below the lake, if there are any."""
    con.execute(
        "create or replace temp table rejected_rows as "
        "select line, reason, raw from unreadable union all "
        f"select typed.line, typed.reason, {_as_received(reading)} "
    )
    if not con.execute("select 1 from rejected_rows limit 1").fetchone():
        return None
    (staged / "rejected").mkdir()
    target = staged / "rejected" / f"{name}.parquet"
    con.execute(
        f"copy (select {quoted(name)} as batch_id, {quoted(reading.source)} as source, "
        f"{quoted(str(reading.sample.path))} as file, line, reason, raw from rejected_rows "
        f"order by line) to {quoted(str(target))} (format parquet, compression zstd)"
    )
    return _relative([target], staged)[0]


def _as_received(reading: Reading) -> str:
    """SQL of the text of a rejected row and where it is from: its lines where it has some."""
    typed = "(select * from typed_rows where reason is not null) as typed"
    if reading.format.reshape or reading.sample.kind not in ("ndjson", "delimited"):
        return f"typed.record::varchar from {typed}"
    breaks = "0"
    if reading.sample.kind == "delimited":
        typed += " left join row_lines using (line)"
        breaks = "coalesce(breaks, 0)"
    return (
        f"(select string_agg(lines.text, chr(10) order by lines.line) from lines where "
        f"lines.line between typed.line and typed.line + {breaks}) from {typed}"
    )


def _relative(paths: Iterable[Path], folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in paths)
