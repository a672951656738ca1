"""The lake on disk: what counts, and the one way to change that. Never reads a source.

Whatever a load, a merge or a prune changes, it writes beside the lake first; then one record of
the log puts all of it in force. A kill at any moment leaves the lake as it was before or as it is
after, and `sweep` clears what was left half-way.
"""

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb

from etl.durable import flush, sync_folder
from etl.errors import SourceError
from etl.lake import old_layout
from etl.lake.checksums import with_checksums
from etl.lake.log import Log
from etl.lake.records import Batch, Transaction
from etl.lake.state import LakeState

# Who has made a list of files may read them so long after they were merged into others.
GRACE = timedelta(hours=1)
_FOLDERS = ("events", "rejected", "ids", "kept", "origins")


class Lake:
    """The lake folder of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "lake"
        self.staging = self.root / "staging"
        self.spill = self.staging / "spill"
        self.unpacked = self.staging / "unpacked"
        self.log = Log(self.root)

    def state(self) -> LakeState:
        """What the lake holds now. SourceError when the log cannot be read."""
        try:
            old = None if self.log.exists else old_layout.read(self.root)
        except SourceError:
            # It may have been turned over meanwhile.
            if not self.log.exists:
                raise
            old = None
        if old is None or self.log.exists:
            return self.log.read()
        return LakeState(self.root).after(0, old, datetime.now(UTC).isoformat())

    def batches(self) -> list[Batch]:
        """All batches that are there now, in the order they came."""
        return self.state().batches()

    def event_files(self) -> list[str]:
        """The files, below the lake, that hold the events now."""
        return [file.name for file in self.state().events]

    def staged(self) -> Path:
        """A new folder for the files of one transaction, laid out as the lake is."""
        folder = self.staging / uuid4().hex
        folder.mkdir(parents=True)
        return folder

    def commit(
        self, state: LakeState, transaction: Transaction, staged: Path | None = None
    ) -> LakeState:
        """The state after the transaction, whose new files wait in the staged folder, by the names
        that they shall have below the lake. Hold the lock.

        Errors leave the lake as it was. Once this returns, all of it is on disk. FileExistsError
        when the lake has changed since that state.
        """
        transaction = with_checksums(transaction, staged)
        files = [path for path in staged.rglob("*") if path.is_file()] if staged else []
        flush(files)
        number = state.number + 1
        # Asked before a file is moved: those of that number may be in force.
        self.log.refuse_taken(number)
        prepared = self.log.prepare(number, transaction)
        try:
            moved = []
            for path in files:
                target = self.root / path.relative_to(staged or self.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                moved.append(path.replace(target))
            for folder in {parent for path in moved for parent in path.parents}:
                if folder.is_relative_to(self.root):
                    sync_folder(folder)
            self.log.publish(prepared)
        except BaseException:
            self._undo()
            raise
        if staged:
            shutil.rmtree(staged, ignore_errors=True)
        return self._tidied(state.after(number, transaction, datetime.now(UTC).isoformat()))

    def _tidied(self, state: LakeState) -> LakeState:
        """The state, after what is due from time to time. It counts already: whatever fails here,
        the next transaction does.
        """
        with suppress(OSError, duckdb.Error):
            self._remove_left(state)
            if self.log.is_snapshot_due(state):
                self.log.write_snapshot(state)
                self.remove_orphans(state)
                return replace(self.log.read(), lost=state.lost)
        return state

    def clear_staged(self) -> None:
        """Removes what a file that failed has left, so that its room is free at once."""
        for path in self.staging.glob("*"):
            if path not in (self.spill, self.unpacked):
                shutil.rmtree(path, ignore_errors=True)

    def sweep(self) -> LakeState:
        """Removes what a killed run left, and files that have not counted for an hour; the state.

        A lake of before the log gets one. Hold the lock: a running load has such files too.
        """
        shutil.rmtree(self.staging, ignore_errors=True)
        self._undo()
        known = self.log.exists
        state = self._without_old(self.log.read()) if known else self._turned_over()
        self._remove_left(state)
        return state

    def orphans(self, state: LakeState) -> list[Path]:
        """Files that no record names, and that nobody may still be reading."""
        named = {*state.files, *state.leaving}
        named |= {file.origins for file in state.files.values() if file.origins}
        folders = [self.root / name for name in _FOLDERS]
        kept = self.root / state.pruned.kept if state.pruned else None
        return [
            path
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
            and path.relative_to(self.root).as_posix() not in named
            and path.parent != kept
        ]

    def _turned_over(self) -> LakeState:
        """The state of a lake of before the log, which has one now."""
        old_layout.finish_move(self.root)
        state, old = LakeState(self.root), old_layout.read(self.root)
        if old is None:
            return state
        # First of all: an older Dwell that comes in between must not load into it.
        old_layout.mark(self.root)
        return self._without_old(self.commit(state, old))

    def _without_old(self, state: LakeState) -> LakeState:
        """Removes what a lake of before the log had besides the files that count, if it is one."""
        if old_layout.is_there(self.root):
            self.remove_orphans(state)
            old_layout.remove(self.root)
        return state

    def _undo(self) -> None:
        """Takes back what a transaction did that did not come into force."""
        for path, change in self.log.unfinished():
            # The files of an upgrade were there before it.
            if change is not None and change.what != "upgrade":
                self._remove([file.name for file in change.files])
                if change.pruned:
                    shutil.rmtree(self.root / change.pruned.kept, ignore_errors=True)
                if change.erased:
                    (self.root / change.erased.receipt).unlink(missing_ok=True)
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)

    def _remove_left(self, state: LakeState) -> None:
        """Removes files that have not counted for an hour, and all that a prune has left."""
        oldest = (datetime.now(UTC) - GRACE).isoformat()
        self._remove([name for name, since in state.leaving.items() if since < oldest])

    def remove_orphans(self, state: LakeState) -> None:
        """Removes files that no record names. Hold the lock."""
        orphans = self.orphans(state)
        self._remove([path.relative_to(self.root).as_posix() for path in orphans])

    def _remove(self, names: list[str]) -> None:
        for name in names:
            path = self.root / name
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
