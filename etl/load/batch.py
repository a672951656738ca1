"""One file to one batch of the lake: read, map, type, accept or reject, deduplicate, write.

rows_read = rows_loaded + rows_duplicate + rows_rejected holds for every file. A file is worked
on chunk by chunk, so that its size does not matter for the memory.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import xxhash

from etl.duck import quoted
from etl.errors import SourceError
from etl.formats import tables
from etl.formats.read_plan import ReadPlan
from etl.lake import Commit, Lake, pseudonyms
from etl.lake.compact import take_out
from etl.lake.event_writer import EventWriter
from etl.load.batch_id import batch_id, fingerprint, replaced_by
from etl.load.deduplicate import EventIds, KnownHashes, hash_version
from etl.load.rejects import Rejects
from etl.normalise.normaliser import Normaliser
from etl.read import records
from etl.read.decode import file_hash
from etl.read.lines import BLOCK_BYTES

# Formats whose records hold several events are worked on in smaller chunks.
_SEVERAL = 4


@dataclass
class StagedRows:
    """The rows of a file, beside the lake: its events and their ids, and what was rejected.

    `accepted`: rows that are events, duplicates too. `content`: the hash of the file's bytes.
    """

    folder: Path
    events: EventWriter
    ids: EventIds
    rejects: Rejects
    accepted: int = 0
    content: str = ""


def load_batch(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    known: KnownHashes,
    plan: ReadPlan,
    now: datetime,
) -> Commit | None:
    """Loads one file as a batch after the commits that are there; None when it is one of them.

    The same file, unchanged but read in another way, replaces what it was before.
    """
    started = time.monotonic()
    content = _content_if_known(plan, commits)
    if content and any(commit.batch_id == batch_id(plan, content) for commit in commits):
        return None
    replaced = replaced_by(plan, content, commits) if content else None
    take_out(con, lake, commits, replaced)
    earlier = [c for c in commits if c.source == plan.source and c != replaced]
    rows = _stage(con, lake, known, earlier, plan, now)
    rows.content = content or rows.content or file_hash(plan.sample.path)
    files = _write(rows, batch_id(plan, rows.content))
    _refuse_changed(plan)
    commit = _commit(con, plan, rows, files, commits, replaced, started)
    lake.publish(commit, rows.folder)
    return commit


def _stage(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    known: KnownHashes,
    earlier: Sequence[Commit],
    plan: ReadPlan,
    now: datetime,
) -> StagedRows:
    """Reads, types and deduplicates the file chunk by chunk, and writes its events.

    Of a file that is read in one pass the hash is taken on the way; of others it is empty.
    """
    folder = lake.staging / uuid4().hex
    folder.mkdir(parents=True)
    _set_variables(con, lake, plan)
    sample = plan.sample
    maps = plan.format.field_maps(sample, plan.request, sample.columns)
    normaliser = Normaliser(con, plan, maps, now, lake.manifest().pruned)
    hasher = xxhash.xxh3_128()
    with EventWriter(folder / "events", plan.source, plan.stream) as events:
        ids = EventIds(con, lake, known, plan.source, earlier, events.paths)
        rows = StagedRows(folder, events, ids, Rejects(con, plan))
        for chunk in records.chunks(
            con,
            sample,
            tables.tables_of(maps),
            folder,
            hasher.update,
            is_json=normaliser.needs_json,
            size=BLOCK_BYTES // (_SEVERAL if plan.format.has_several else 1),
        ):
            typed = normaliser.rows(chunk)
            accepted, given = con.execute(
                "select count(*), count(given_id) from typed_rows where reason is null"
            ).fetchall()[0]
            rows.rejects.keep(is_all_accepted=accepted == typed.num_rows)
            events.write(ids.new_rows(typed, accepted, given))
            rows.accepted += accepted
        events.wait()
    if sample.kind in ("ndjson", "lines"):
        rows.content = hasher.hexdigest()
    return rows


def _set_variables(con: duckdb.DuckDBPyConnection, lake: Lake, plan: ReadPlan) -> None:
    """What SQL asks of the connection: the zone of times without one, the key of pseudonyms."""
    con.execute("set TimeZone = " + quoted(plan.request.time_zone))
    if plan.format.has_pseudonyms:
        con.execute(f"set variable {pseudonyms.VARIABLE} = {quoted(pseudonyms.key_of(lake))}")


@dataclass(frozen=True)
class _Files:
    """The files of a batch, below the lake."""

    batch_id: str
    events: tuple[str, ...]
    rejected: str | None
    ids: str | None


def _write(rows: StagedRows, name: str) -> _Files:
    """Gives the files of events the batch's name, and writes what stands beside them."""
    return _Files(
        name,
        tuple(_named(rows.events.files(), name, rows.folder)),
        rows.rejects.write(rows.folder, name),
        rows.ids.write(rows.folder, name) if rows.events.count else None,
    )


def _refuse_changed(plan: ReadPlan) -> None:
    if plan.has_changed():
        msg = (
            f"{plan.sample.path} changed while it was read. Nothing of it was loaded. Load it "
            "again once it is whole."
        )
        raise SourceError(msg)


def _commit(
    con: duckdb.DuckDBPyConnection,
    plan: ReadPlan,
    rows: StagedRows,
    files: _Files,
    commits: Sequence[Commit],
    replaced: Commit | None,
    started: float,
) -> Commit:
    """The record of the batch, which comes after all commits."""
    events, path = rows.events, plan.sample.path
    return Commit(
        batch_id=files.batch_id,
        source=plan.source,
        stream=plan.stream,
        format=plan.format.name,
        file=str(path),
        path=str(path.resolve()),
        file_size=plan.size,
        file_mtime_ns=plan.mtime_ns,
        rows_read=rows.accepted + rows.rejects.count,
        rows_loaded=events.count,
        rows_duplicate=rows.accepted - events.count,
        rows_rejected=rows.rejects.count,
        first_event_time=events.first.isoformat() if events.first else None,
        last_event_time=events.last.isoformat() if events.last else None,
        loaded_at=datetime.now(UTC).isoformat(),
        seconds=round(time.monotonic() - started, 3),
        event_files=files.events,
        rejected_file=files.rejected,
        content=rows.content,
        reading=fingerprint(plan),
        sequence=max((c.sequence for c in commits), default=0) + 1,
        replaces=replaced.batch_id if replaced else None,
        ids_file=files.ids,
        ids_probe=hash_version(con) if files.ids else None,
    )


def _content_if_known(plan: ReadPlan, commits: Sequence[Commit]) -> str | None:
    """The file's hash, when a batch is as large: only then can it be the same file.

    The hash of any other file is taken while it is read.
    """
    if any(c.source == plan.source and c.file_size == plan.size for c in commits):
        return file_hash(plan.sample.path)
    return None


def _named(files: Sequence[Path], name: str, staged: Path) -> list[str]:
    """Gives staged event files their batch's name; their paths below the lake."""
    named = []
    for path in files:
        number = path.stem.rpartition("-")[2]
        target = path.rename(path.with_name(f"{name}-{number}.parquet"))
        named.append(target.relative_to(staged).as_posix())
    return sorted(named)
