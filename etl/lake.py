"""The lake on disk: staged Parquet files, commit records, the lock. Never reads a source.

A batch is visible if and only if its commit record exists. The record is written last, by
rename, after everything it names is on disk: a kill at any moment leaves either no batch or a
whole one, and `sweep` clears what was left half-way.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from etl.errors import Busy, SourceError
from etl.schema import LAKE_VERSION

# Past so many files one flush of the file systems is cheaper than one call each.
_MANY_FILES = 64


@dataclass(frozen=True)
class Commit:
    """The record of one batch: where its input came from, what it held, what files it is."""

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

    def write_commit(self, commit: Commit) -> None:
        """Writes the record of a batch: the batch counts from here on, or says more."""
        write_json(self.commits_folder / f"{commit.batch_id}.json", asdict(commit))

    def sweep(self) -> int:
        """Removes files of batches that were never committed, or were replaced; how many.

        Call only under the lock: a running load has such files too.
        """
        shutil.rmtree(self.staging, ignore_errors=True)
        known = {commit.batch_id for commit in self.commits()}
        orphans = [
            path
            for folder in (self.events, self.rejected, self.ids)
            for path in folder.rglob("*.parquet")
            if path.stem.partition("-")[0] not in known
        ]
        # The records go last: without them a replaced batch would be one again.
        orphans += [p for p in self.commits_folder.glob("*.json") if p.stem not in known]
        orphans += self.root.rglob("*.tmp")
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the home's lock, which the kernel frees when the process dies. Busy if taken."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / ".lock").open("a+")
    except OSError as error:
        msg = (
            f"The home folder {home} cannot be written: {error.strerror}. Wanted: a folder of "
            "yours. Give another with --home, or mend its owner and permissions."
        )
        raise SourceError(msg) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            msg = (
                f"Another run (process {holder}) is working on {home}. Nothing was changed. "
                "Wait for it to end and run again."
            )
            raise Busy(msg) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes a JSON file that is either the old one or the whole new one, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    try:
        with temporary.open("w", encoding="utf-8") as handle:
            json.dump(content, handle, ensure_ascii=False)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def flush(files: list[Path]) -> None:
    """Waits until the files and the folders that name them are on disk."""
    if len(files) > _MANY_FILES:
        os.sync()
        return
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    for folder in {path.parent for path in files}:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Waits until the folder's own entries are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
