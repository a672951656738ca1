"""The lake on disk: staged Parquet files, commit records, the lock. Never reads a source.

A batch is visible if and only if its commit record exists. The record is written last, by
rename, after everything it names is on disk: a kill at any moment leaves either no batch or a
whole one, and `sweep` clears what was left half-way. The manifest, which says what files hold the
batches' rows now, is changed in the same manner: `arrange` writes its record, then `settle` moves
the files, and goes on where a kill stopped it.
"""

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from etl.errors import SourceError

# Others take them from here.
from etl.lake.durable import flush as flush
from etl.lake.durable import sync_folder as sync_folder
from etl.lake.durable import write_json as write_json
from etl.lake.manifest import RECORD, Manifest, day_of, read_manifest
from etl.lake.schema import LAKE_VERSION


@dataclass(frozen=True)
class Commit:
    """The record of one batch: where its input came from, what it held, what it wrote.

    `event_files` and `rejected_file` are what the load wrote. What holds the rows now,
    Lake.event_files and Lake.rejected_files tell.
    """

    batch_id: str
    source: str
    stream: str
    format: str
    file: str
    path: str
    file_size: int
    file_mtime_ns: int
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    first_event_time: str | None
    last_event_time: str | None
    loaded_at: str
    seconds: float
    event_files: tuple[str, ...]
    rejected_file: str | None
    content: str
    reading: str
    sequence: int
    replaces: str | None = None
    ids_file: str | None = None
    ids_probe: str | None = None
    lake_version: int = LAKE_VERSION
    schema_changes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of this load of the batch: one that comes back later is another."""
        return f"{self.batch_id}-{self.sequence}"


class Lake:
    """The lake folder of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "lake"
        self.events = self.root / "events"
        self.rejected = self.root / "rejected"
        self.ids = self.root / "ids"
        self.commits_folder = self.root / "commits"
        self.staging = self.root / "staging"
        self.arranging = self.root / "arranging"
        self.origins = self.root / "origins"
        self.spill = self.staging / "spill"

    def commits(self) -> list[Commit]:
        """All batches, in the order they were received, without those that a later one replaces."""
        found = [_read_commit(path) for path in self.commits_folder.glob("*.json")]
        # Who goes back to an earlier way of reading replaces what had replaced it: only a later
        # batch counts.
        replaced: dict[str | None, int] = {}
        for commit in found:
            latest = replaced.get(commit.replaces, 0)
            replaced[commit.replaces] = max(latest, commit.sequence)
        return sorted(
            (c for c in found if replaced.get(c.batch_id, 0) < c.sequence),
            key=lambda commit: (commit.sequence, commit.batch_id),
        )

    def publish(self, commit: Commit, staged: Path) -> None:
        """Moves the staged files of one batch into the lake and commits them."""
        others = (commit.rejected_file, commit.ids_file)
        moved = [*commit.event_files, *(name for name in others if name)]
        for name in moved:
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(target)
        flush([self.root / name for name in moved])
        self.write_commit(commit)
        shutil.rmtree(staged, ignore_errors=True)

    def clear_staged(self) -> None:
        """Removes what a batch that failed has left, so that its room is free at once."""
        for path in self.staging.glob("*"):
            if path != self.spill:
                shutil.rmtree(path, ignore_errors=True)

    def write_commit(self, commit: Commit) -> None:
        """Writes the record of a batch: the batch counts from here on, or says more."""
        write_json(self.commits_folder / f"{commit.batch_id}.json", asdict(commit))

    def manifest(self) -> Manifest:
        """Where the rows of the batches lie now."""
        return read_manifest(self.root / RECORD)

    def event_files(self, commits: Sequence[Commit] | None = None) -> list[str]:
        """The files, below the lake, that hold the events of the batches now.

        Of all batches when none are given. A merged file is named if it holds one of them; its
        batches are all of one source.
        """
        commits = self.commits() if commits is None else commits
        manifest = self.manifest()
        merged = manifest.merged()
        whole = _first_day_written_once(manifest)
        own = [
            name
            for commit in commits
            for name in commit.event_files
            if day_of(name) >= whole and (commit.key, day_of(name)) not in merged
        ]
        return [*own, *manifest.without_strangers(commit.key for commit in commits).files]

    def rejected_files(self, commits: Sequence[Commit]) -> list[str]:
        """The files, below the lake, of the batches' rejected rows. Pruning takes old ones."""
        pruned = self.manifest().pruned
        since = pruned.time.replace(tzinfo=UTC) if pruned else datetime.min.replace(tzinfo=UTC)
        return [
            commit.rejected_file
            for commit in commits
            if commit.rejected_file and datetime.fromisoformat(commit.loaded_at) >= since
        ]

    def publish_manifest(self, manifest: Manifest) -> None:
        """Puts a manifest in force; its new files wait, flushed, in the folder `arranging`."""
        write_json(self.root / RECORD, manifest.as_json())
        self.finish_move()

    def finish_move(self) -> None:
        """Moves the files of the manifest to their places, and away what they stand for."""
        if not self.arranging.exists():
            return
        manifest = self.manifest()
        named = set(self.event_files())
        told = {origins_of(name) for name in manifest.files}
        told |= {manifest.pruned.kept} if manifest.pruned else set()
        # Day by day: who reads a folder as it is will hardly ever see rows twice.
        for name in [*told, *manifest.files]:
            if not (self.arranging / name).exists():
                continue
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.arranging / name).replace(target)
            if name not in told:
                for path in target.parent.glob("*.parquet"):
                    if path.relative_to(self.root).as_posix() not in named:
                        path.unlink()
        shutil.rmtree(self.arranging)

    def sweep(self) -> int:
        """Removes what a killed run left, and files that hold nothing of a batch; how many.

        Call only under the lock: a running load has such files too.
        """
        shutil.rmtree(self.staging, ignore_errors=True)
        self.finish_move()
        return self.remove_orphans()

    def remove_orphans(self) -> int:
        """Removes the files that no record names; how many."""
        commits = self.commits()
        manifest = self.manifest()
        named = {self.root / name for name in self.event_files(commits)}
        named |= {self.root / name for name in self.rejected_files(commits)}
        named |= {self.root / commit.ids_file for commit in commits if commit.ids_file}
        named |= {self.root / origins_of(name) for name in manifest.files}
        if manifest.pruned:
            named |= set((self.root / manifest.pruned.kept).glob("*.parquet"))
        folders = (self.events, self.rejected, self.ids, self.origins, self.root / "kept")
        found = [path for folder in folders for path in folder.rglob("*.parquet")]
        orphans = [path for path in found if path not in named]
        # The records go last: without them a replaced batch would be one again.
        known = {commit.batch_id for commit in commits}
        orphans += [p for p in self.commits_folder.glob("*.json") if p.stem not in known]
        orphans += self.root.rglob("*.tmp")
        for path in orphans:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in orphans if path.suffix == ".parquet"}:
            with suppress(OSError):
                folder.rmdir()
        return len(orphans)


def origins_of(name: str) -> str:
    """The file that says which batch each row of a merged file is of; both below the lake."""
    return f"origins/{name.rpartition('/')[2].rpartition('_')[0]}.parquet"


def _first_day_written_once(manifest: Manifest) -> str:
    """The first day of which batches' own files count: all rows left of earlier ones are merged."""
    if manifest.pruned is None:
        return str(date.min)
    # A day that the cut goes through counts: batches that come later may still add to it.
    return str(manifest.pruned.time.date())


def _read_commit(path: Path) -> Commit:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["event_files"] = tuple(content["event_files"])
        content["schema_changes"] = tuple(content.get("schema_changes", ()))
        return Commit(**content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = (
            f"The commit record {path} cannot be read: {error}. Restore it from a backup, or "
            "move it away: its batch then counts as never loaded."
        )
        raise SourceError(msg) from error
