"""One file to one batch of the lake: read, map, type, accept or reject, deduplicate, write.

rows_read = rows_loaded + rows_duplicate + rows_rejected holds for every file. A file is worked
on chunk by chunk, so that its size does not matter for the memory.
"""

import time
from collections.abc import Sequence
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
    old = replaced_by(plan, content, commits) if content else None
    take_out(con, lake, commits, old)
    earlier = [c for c in commits if c.source == plan.source and c != old]
    staged = lake.staging / uuid4().hex
    staged.mkdir(parents=True)
    seen = xxhash.xxh3_128()
    con.execute("set TimeZone = " + quoted(plan.request.time_zone))
    if plan.format.has_pseudonyms:
        con.execute(f"set variable {pseudonyms.VARIABLE} = {quoted(pseudonyms.key_of(lake))}")
    sample, request = plan.sample, plan.request
    maps = plan.format.field_maps(sample, request, sample.columns)
    normaliser = Normaliser(con, plan, maps, now, lake.manifest().pruned)
    rejects = Rejects(con, plan)
    accepted = 0
    with EventWriter(staged / "events", plan.source, plan.stream) as events:
        ids = EventIds(con, lake, known, plan.source, earlier, events.paths)
        wanted = tables.tables_of(maps)
        for chunk in records.chunks(
            con,
            sample,
            wanted,
            staged,
            seen.update,
            is_json=normaliser.needs_json,
            size=BLOCK_BYTES // (4 if plan.format.has_several else 1),
        ):
            rows = normaliser.rows(chunk)
            count, given = con.execute(
                "select count(*), count(given_id) from typed_rows where reason is null"
            ).fetchall()[0]
            rejects.keep(is_all_accepted=count == rows.num_rows)
            events.write(ids.new_rows(rows, count, given))
            accepted += count
        events.wait()
    if content is None:
        is_heard = sample.kind in ("ndjson", "lines")
        content = seen.hexdigest() if is_heard else file_hash(sample.path)
    name = batch_id(plan, content)
    event_files = _named(events.files(), name, staged)
    rejected_file = rejects.write(staged, name)
    ids_file = ids.write(staged, name) if events.count else None
    if plan.has_changed():
        msg = (
            f"{sample.path} changed while it was read. Nothing of it was loaded. Load it again "
            "once it is whole."
        )
        raise SourceError(msg)
    commit = Commit(
        batch_id=name,
        source=plan.source,
        stream=plan.stream,
        format=plan.format.name,
        file=str(sample.path),
        path=str(sample.path.resolve()),
        file_size=plan.size,
        file_mtime_ns=plan.mtime_ns,
        rows_read=accepted + rejects.count,
        rows_loaded=events.count,
        rows_duplicate=accepted - events.count,
        rows_rejected=rejects.count,
        first_event_time=events.first.isoformat() if events.first else None,
        last_event_time=events.last.isoformat() if events.last else None,
        loaded_at=datetime.now(UTC).isoformat(),
        seconds=round(time.monotonic() - started, 3),
        event_files=tuple(event_files),
        rejected_file=rejected_file,
        content=content,
        reading=fingerprint(plan),
        sequence=max((c.sequence for c in commits), default=0) + 1,
        replaces=old.batch_id if old else None,
        ids_file=ids_file,
        ids_probe=hash_version(con) if ids_file else None,
    )
    lake.publish(commit, staged)
    return commit


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
