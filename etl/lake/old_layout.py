"""Lakes of before the log: what their records say, as one transaction. Writes no row.

Until 0.3 a batch was a record `commits/<batch>.json` with files of its own, a day each, and
`layout.json` named the files that had been merged since; `origins` told which batch each row of
those is of. The files stay as they are and count as files of days: merges take them up by and by.
"""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from etl.duck import connect
from etl.durable import write_json
from etl.errors import SourceError
from etl.lake.records import Batch, LakeFile, Pruned, Transaction
from etl.lake.state import LakeState, numbered

# What an older Dwell says when it meets it: that this record cannot be read, by its name.
MARK = "this-lake-needs-a-newer-dwell.json"


@dataclass(frozen=True)
class _Layout:
    """`layout.json`: merged file → the batches whose rows it holds; what was pruned."""

    files: Mapping[str, tuple[str, ...]]
    pruned: Pruned | None


def read(root: Path) -> Transaction | None:
    """All that the old records say; None where there are none. SourceError if one is broken."""
    commits = _commits(root)
    layout = _layout(root / "layout.json")
    if not commits and not layout.files and layout.pruned is None:
        return None
    batches = _batches(commits)
    files = [*_event_files(root, commits, batches, layout), *_rejected_files(root, commits, layout)]
    return Transaction("upgrade", files=files, batches=batches, pruned=layout.pruned)


def finish_move(root: Path) -> None:
    """Moves what a merge that was killed has left beside the lake to its place."""
    arranging = root / "arranging"
    layout = _layout(root / "layout.json")
    kept = layout.pruned.kept if layout.pruned else ""
    for name in {*map(_origins_of, layout.files), *layout.files, kept} - {""}:
        if (arranging / name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (arranging / name).replace(root / name)
    shutil.rmtree(arranging, ignore_errors=True)


def is_there(root: Path) -> bool:
    """Whether there are old records."""
    return any(_records(root)) or (root / "layout.json").exists()


def mark(root: Path) -> None:
    """Has an older Dwell stop here, before it loads anything."""
    path = root / "commits" / MARK
    if not path.exists():
        write_json(path, {"written_by": "a Dwell that keeps a log: see lake/log"})


def remove(root: Path) -> None:
    """Removes the old records, once the log has all they say."""
    for path in _records(root):
        path.unlink(missing_ok=True)
    (root / "layout.json").unlink(missing_ok=True)


def _records(root: Path) -> Iterator[Path]:
    return (path for path in (root / "commits").glob("*.json") if path.name != MARK)


def _commits(root: Path) -> list[dict[str, Any]]:
    """The old records in the order in which they came, without those that a later one replaces."""
    found = [_commit(path) for path in _records(root)]
    replaced: dict[str | None, int] = defaultdict(int)
    for commit in found:
        of = commit.get("replaces")
        replaced[of] = max(replaced[of], commit["sequence"])
    return sorted(
        (commit for commit in found if replaced[commit["batch_id"]] < commit["sequence"]),
        key=lambda commit: (commit["sequence"], commit["batch_id"]),
    )


def _commit(path: Path) -> dict[str, Any]:
    try:
        commit: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not {"batch_id", "sequence", "event_files"} <= commit.keys():
            raise ValueError(sorted(commit))
    except (OSError, ValueError, AttributeError) as error:
        msg = (
            f"The commit record {path} cannot be read: {error}. Restore it from a backup, or "
            "move it away: its batch then counts as never loaded."
        )
        raise SourceError(msg) from error
    return commit


def _batches(commits: Iterable[Mapping[str, Any]]) -> list[Batch]:
    """The batches with the numbers they had, which are those of their order."""
    state = LakeState(Path())
    for commit in commits:
        fields = {name: commit[name] for name in Batch._fields if name in commit}
        changes = tuple(commit.get("schema_changes", ()))
        batch = Batch(**{**fields, "number": 0, "schema_changes": changes})
        given = numbered(replace(state, last_batch=commit["sequence"] - 1), [batch])
        state = state.after(0, Transaction("upgrade", batches=given), "")
    return list(state.recent)


def _event_files(
    root: Path, commits: Iterable[Mapping[str, Any]], batches: Iterable[Batch], layout: _Layout
) -> list[LakeFile]:
    keys = {f"{c['batch_id']}-{c['sequence']}": b for c, b in zip(commits, batches, strict=True)}
    merged = {(key, _day_of(name)) for name, held in layout.files.items() for key in held}
    # Of what was pruned, all rows that are left are in merged files.
    first = str(layout.pruned.time.date()) if layout.pruned else ""
    holders: dict[str, list[Batch]] = {
        name: [keys[key]]
        for commit, key in zip(commits, keys, strict=True)
        for name in commit["event_files"]
        if _day_of(name) >= first and (key, _day_of(name)) not in merged
    }
    for name, held in layout.files.items():
        if known := [keys[key] for key in held if key in keys]:
            holders[name] = known
    rows = _rows_of(root, list(holders))
    missing = [name for name in holders if name not in rows]
    # A merge that was killed has left some beside the lake: they are moved first.
    if missing and not (root / "arranging").exists():
        msg = (
            f"{root / missing[0]} is missing, and so are {len(missing) - 1} more files that the "
            f"records in {root / 'commits'} name. Nothing was changed. Restore them from a backup."
        )
        raise SourceError(msg)
    return [
        LakeFile(
            name=name,
            source=held[0].source,
            rows=rows[name],
            bytes=(root / name).stat().st_size,
            grain="day",
            first_time=f"{_day_of(name)}T00:00:00",
            last_time=f"{_day_of(name)}T23:59:59.999999",
            first_batch=min(batch.number for batch in held),
            last_batch=max(batch.number for batch in held),
            # Rows of a batch whose record was taken away by hand are told apart by it, too.
            origins=_origins_of(name) if name in layout.files else None,
        )
        for name, held in holders.items()
        if name in rows
    ]


def _rejected_files(
    root: Path, commits: Iterable[Mapping[str, Any]], layout: _Layout
) -> list[LakeFile]:
    """Those of batches that were loaded since the last prune."""
    since = layout.pruned.time.replace(tzinfo=UTC) if layout.pruned else None
    return [
        LakeFile(
            name=name,
            source=commit["source"],
            rows=commit["rows_rejected"],
            bytes=(root / name).stat().st_size,
            first_time=commit["loaded_at"],
            last_time=commit["loaded_at"],
            first_batch=commit["sequence"],
            last_batch=commit["sequence"],
        )
        for commit in commits
        if (name := commit["rejected_file"]) and (root / name).exists()
        if since is None or datetime.fromisoformat(commit["loaded_at"]) >= since
    ]


def _layout(path: Path) -> _Layout:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): tuple(keys) for name, keys in content["files"].items()}
        return _Layout(files, Pruned.of(content["pruned"]) if content["pruned"] else None)
    except FileNotFoundError:
        return _Layout({}, None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = (
            f"{path} cannot be read: {error}. It says which files hold the events: restore it "
            "from a backup of the lake."
        )
        raise SourceError(msg) from error


def _rows_of(root: Path, names: list[str]) -> dict[str, int]:
    """How many rows each file has. Files that a killed merge has not moved yet are left out."""
    paths = {str(root / name): name for name in names if (root / name).exists()}
    if not paths:
        return {}
    with connect() as con:
        rows = con.execute(
            "select file_name, num_rows from parquet_file_metadata($paths)", {"paths": list(paths)}
        ).fetchall()
    return {paths[path]: count for path, count in rows}


def _origins_of(name: str) -> str:
    """The file that says which batch each row of a merged file is of."""
    return f"origins/{name.rpartition('/')[2].rpartition('_')[0]}.parquet"


def _day_of(name: str) -> str:
    """The day, as 2026-11-20, of a file of events."""
    return date.fromisoformat(name.split("/")[1].removeprefix("event_date=")).isoformat()
