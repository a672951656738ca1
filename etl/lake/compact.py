"""Merges small files of the lake, and takes a batch out of merged ones. Changes no row.

A scheduler that loads every hour leaves a file per day, source and load; opening files is then
most of what reading costs. A merged file holds rows of one source and one day.
"""

from collections.abc import Sequence

import duckdb

from etl.lake.manifest import Manifest, day_of
from etl.lake.rewrite import RewriteGroup, rewrite
from etl.lake.store import Commit, Lake

# A file from this size on is left alone: reading it costs more than opening it.
SMALL = 16_000_000
# A day of a source may have so many small files, so that a day is rewritten only now and then.
A_DAY_MAY_HAVE = 8
# The lake may have so many more than one for each day and source, before all are merged.
THE_LAKE_MAY_HAVE = 2000


def compact(con: duckdb.DuckDBPyConnection, lake: Lake, *, everything: bool = False) -> int:
    """Merges small files where there are many; how many files fewer. Hold the lock.

    With `everything` wherever there are two. Errors leave the lake as it was.
    """
    commits = lake.commits()
    manifest = lake.manifest()
    before = lake.event_files(commits)
    groups = _due(lake, commits, manifest, everything=everything)
    if not groups:
        return 0
    rewrite(con, lake, commits, groups)
    return len(before) - len(lake.event_files(commits))


def take_out(
    con: duckdb.DuckDBPyConnection, lake: Lake, commits: Sequence[Commit], batch: Commit | None
) -> None:
    """Puts the rows that merged files have of the batch into files of their own. Hold the lock.

    Done before another batch replaces it: files of the replaced one can then be left out whole.
    """
    if batch is None:
        return
    shared = {
        name: held
        for name, held in lake.manifest().files.items()
        if batch.key in held and len(held) > 1
    }
    groups = [
        RewriteGroup((name,), batches)
        for name, held in shared.items()
        for batches in (tuple(key for key in held if key != batch.key), (batch.key,))
    ]
    if groups:
        rewrite(con, lake, commits, groups)


def _due(
    lake: Lake, commits: Sequence[Commit], manifest: Manifest, *, everything: bool
) -> list[RewriteGroup]:
    """What is to be merged. A file that holds a batch whose record was taken away is, too."""
    known = {commit.key for commit in commits}
    held: dict[str, tuple[str, ...]] = {
        name: (commit.key,) for commit in commits for name in commit.event_files
    }
    held |= manifest.files
    source = {commit.key: commit.source for commit in commits}
    days: dict[tuple[str, str], list[str]] = {}
    for name in lake.event_files(commits):
        of = next(source[key] for key in held[name] if key in known)
        days.setdefault((of, day_of(name)), []).append(name)
    small = {
        day: [name for name in names if (lake.root / name).stat().st_size < SMALL]
        for day, names in days.items()
        if len(names) > 1
    }
    surplus = sum(len(names) - 1 for names in small.values() if names)
    most = 1 if everything or surplus > THE_LAKE_MAY_HAVE else A_DAY_MAY_HAVE
    due = [names for names in small.values() if len(names) > most]
    merging = {name for names in due for name in names}
    all_names = {name for names in days.values() for name in names}
    due += [[n] for n in all_names - merging if not known.issuperset(held[n])]
    return [
        RewriteGroup(tuple(names), tuple(sorted({key for n in names for key in held[n]} & known)))
        for names in due
    ]
