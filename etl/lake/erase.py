"""Takes all rows of some people out of the lake: the prune's twin, by person instead of by day.

One record of the log puts it in force: the files without them, the batches counted anew, and keyed
hashes of their ids, by which no later load brings them back.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from etl.duck import quoted
from etl.durable import write_json
from etl.lake.erased_batches import AllLeft, Left, recounted
from etl.lake.id_index import IdIndex, hash_version
from etl.lake.people import People, find_events, find_rejects, kept_ids, lay_out_people
from etl.lake.records import LakeFile, Pruned, Transaction
from etl.lake.reindex import made_anew
from etl.lake.rejected_files import merged_rejected
from etl.lake.rewrite import Rewrite, rewrite
from etl.lake.state import LakeState
from etl.lake.store import Lake
from etl.lake.tombstones import FOLDER, Tombstones, Visit, key_of

_DAILY, _USERS = "daily.parquet", "users.parquet"
_FORM = "format parquet, compression zstd, parquet_version v2"


@dataclass(frozen=True)
class Found:
    """What a lake has of some people.

    events     source → events
    rejected   rejected rows of theirs; `mentions`, those of others that name them
    kept       their ids of which numbers of pruned days are kept
    files      names of the lake's files that hold a row of theirs
    """

    events: Mapping[str, int]
    rejected: int
    kept: Sequence[str]
    files: Sequence[str]
    mentions: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing of them."""
        return not (self.events or self.rejected or self.kept or self.mentions)


def find(con: duckdb.DuckDBPyConnection, state: LakeState, people: People) -> Found:
    """What the lake has of the people; the connection then has leaving_rows, leaving_rejects,
    blanked_rejects and blanked_files.
    """
    lay_out_people(con, people)
    find_events(con, state)
    find_rejects(con, state, people)
    events = con.execute(
        "select source, count(*) from leaving_rows group by source order by source"
    ).fetchall()
    (rejected,) = con.execute("select count(*) from leaving_rejects").fetchall()[0]
    (mentions,) = con.execute("select count(*) from blanked_rejects").fetchall()[0]
    paths = con.execute(
        "select path from leaving_rows union select path from leaving_rejects "
        "union select path from blanked_rejects union select path from blanked_files "
        "order by path"
    ).fetchall()
    files = [Path(path).relative_to(state.root).as_posix() for (path,) in paths]
    return Found(dict(events), rejected, kept_ids(con, state, people), files, mentions)


def erase(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    state: LakeState,
    people: People,
    found: Found,
    receipt: Mapping[str, Any],
) -> LakeState:
    """The state without what `find` has found, on that connection. Hold the lock.

    The receipt waits in its place, with what went of the lake added. Errors leave the lake as it
    was. Where nothing was found, that the people do not come back is all that changes.
    """
    staged = lake.staged()
    holders = frozenset(found.files)
    events = [file for file in state.of_kind("events") if file.name in holders]
    rejected = [file for file in state.of_kind("rejected") if file.name in holders]
    con.execute(
        "create or replace temp table left_of_batches "
        "(batch_number bigint, rows bigint, first_time timestamp, last_time timestamp)"
    )
    rewrites = [Rewrite((file,), file.grain) for file in events]
    new = rewrite(con, state, staged, rewrites, is_erasing=True)
    if rejected:
        new += merged_rejected(con, state, staged, rejected, is_erasing=True)
    gone = [file.name for file in (*events, *rejected)]
    staying = [(state.path_of(f), f) for f in state.of_kind("events") if f.name not in holders]
    staying += [(staged / file.name, file) for file in new if file.kind == "events"]
    keys, old_keys = _ids(con, state, staged, found, staying)
    pruned, old_kept = _kept(con, state, staged, found)
    tombstones = Tombstones(key_of(lake.root, is_new=True))
    batches = recounted(con, state, _left(con), people, staying, tombstones)
    name = f"{FOLDER}/{state.number + 1:08d}.json"
    files = [file for file in state.files.values() if file.name in {*gone, *old_keys}]
    told = {
        **receipt,
        "events": dict(found.events),
        "rejected": found.rejected,
        "mentions": found.mentions,
        "kept_users": len(found.kept),
        "batches": [batch.number for batch in batches],
        "removed": [{"file": f.name, "rows": f.rows, "checksum": f.checksum} for f in files],
        "written": [{"file": f.name, "rows": f.rows} for f in (*new, *keys)],
        "finished_at": None,
    }
    write_json(staged / name, told)
    change = Transaction(
        "erase",
        files=[*new, *keys],
        gone=[*gone, *old_keys, *old_kept],
        batches=batches,
        gone_batches=[batch.number for batch in batches],
        pruned=pruned,
        erased=tombstones.of(name, people.users, _ended(con, people.visits)),
    )
    return lake.commit(state, change, staged)


def _ids(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    staged: Path,
    found: Found,
    staying: Sequence[tuple[Path, LakeFile]],
) -> tuple[list[LakeFile], list[str]]:
    """The keys of the events that stay, made anew, and the files that they stand for.

    Of pruned days nobody knows any more whose a key is: then all are made anew.
    """
    version = hash_version(con)
    old = [f for f in state.files.values() if f.kind == "ids"]
    sources = {file.source for file in old} if found.kept else {*found.events}
    new: list[LakeFile] = []
    for source in sorted(sources):
        events = [(path, file) for path, file in staying if file.source == source]
        new += made_anew(con, IdIndex(state, source, version), events, staged)
    return new, [file.name for file in old if file.source in sources]


def _kept(
    con: duckdb.DuckDBPyConnection, state: LakeState, staged: Path, found: Found
) -> tuple[Pruned | None, list[str]]:
    """What is kept of pruned days without the people, and the files it stands for. The numbers of
    days stay: they tell of nobody.
    """
    if not (found.kept and state.pruned):
        return None, []
    old = state.root / state.pruned.kept
    pruned = replace(state.pruned, kept=f"kept/{state.number + 1:08d}")
    folder = staged / pruned.kept
    folder.mkdir(parents=True)
    shutil.copyfile(old / _DAILY, folder / _DAILY)
    con.execute(
        f"copy (from read_parquet({quoted(old / _USERS)}) "
        f"where not list_contains($ids, user_id)) to {quoted(folder / _USERS)} ({_FORM})",
        {"ids": list(found.kept)},
    )
    return pruned, [path.relative_to(state.root).as_posix() for path in sorted(old.glob("*"))]


def _left(con: duckdb.DuckDBPyConnection) -> AllLeft:
    """What left of the events and rejected rows of each batch."""
    events = con.execute(
        "select batch_number, sum(rows)::bigint, min(first_time), max(last_time) "
        "from left_of_batches group by all"
    ).fetchall()
    rejects = con.execute("select batch_id, count(*) from leaving_rejects group by all").fetchall()
    return AllLeft({number: Left(*rest) for number, *rest in events}, dict(rejects))


def _ended(con: duckdb.DuckDBPyConnection, visits: Sequence[Visit]) -> list[Visit]:
    """The visits until now, or until the last event of theirs that was there: who comes with an
    anonymous id from then on is not known.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    (last,) = con.execute("select max(event_time) from leaving_rows").fetchall()[0]
    end = max(now, last + timedelta(microseconds=1)) if last else now
    return [replace(visit, end=visit.end or end) for visit in visits]


def begun_at() -> str:
    """The moment for a receipt, ISO with offset."""
    return datetime.now(UTC).isoformat(timespec="seconds")
