"""Takes the events of old days out of the lake. What stays known of them, others have written."""

from collections.abc import Sequence

import duckdb

from etl.lake.manifest import Manifest, Pruned, day_of
from etl.lake.rewrite import RewriteGroup, rewrite
from etl.lake.store import Commit, Lake


def prune_events(
    con: duckdb.DuckDBPyConnection, lake: Lake, commits: Sequence[Commit], pruned: Pruned
) -> Manifest:
    """The manifest in force, without the events before pruned.time. Hold the lock.

    Events that the connection's table `staying_events` (source, event_id, event_day) names stay.
    The folder pruned.kept waits in the folder `arranging`. Errors leave the lake as it was.
    """
    staying = set(con.execute("select distinct source, event_day from staying_events").fetchall())
    return rewrite(con, lake, commits, _left(lake, commits, pruned, staying), pruned)


def _left(
    lake: Lake, commits: Sequence[Commit], pruned: Pruned, staying: set[tuple[str, str]]
) -> list[RewriteGroup]:
    """The files that are written anew: of days with events that stay, and the day of the cut."""
    manifest = lake.manifest()
    source = {commit.key: commit.source for commit in commits}
    held: dict[str, tuple[str, ...]] = {
        name: (commit.key,) for commit in commits for name in commit.event_files
    }
    held |= manifest.files
    cut_day = str(pruned.time.date())
    # A cut at midnight goes through no day.
    last = cut_day if pruned.time.time().isoformat() != "00:00:00" else ""
    days: dict[tuple[str, str], list[str]] = {}
    for name in lake.event_files(commits):
        of = next(source[key] for key in held[name] if key in source)
        day = day_of(name)
        if day == last or (day < cut_day and (of, day) in staying):
            days.setdefault((of, day), []).append(name)
    return [
        RewriteGroup(
            tuple(names), tuple(sorted({key for n in names for key in held[n] if key in source}))
        )
        for names in days.values()
    ]
