"""The log of the lake: numbered records that are each one transaction. Moves no file of rows.

A record counts when its file `<number>.json` is there, which happens in an instant, by a link,
after it and all that it names are on disk. Until then it lies beside as `<number>.tmp`: what a
killed run leaves says what it had moved. Every so many records a snapshot holds what all of them
come to; the one before it and the records since stay, should a snapshot turn out to be broken.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from etl.duck import connect, create_table, quoted
from etl.durable import flush, sync_folder
from etl.errors import SourceError
from etl.file_hash import file_hash
from etl.lake.checksums import refuse_changed, signed
from etl.lake.records import RECORD_KEYS, Erased, LakeFile, Pruned, Transaction
from etl.lake.schema import LAKE_VERSION
from etl.lake.state import LakeState, columns_of

SNAPSHOT_EVERY = 50
# Batches that are read from records are dearer than those of a snapshot.
_MOST_RECENT = 2_000
_RECORD = re.compile(r"(\d{8})\.json")
_SNAPSHOT = re.compile(r"(\d{8})\.snapshot")
_FORM = "format parquet, compression zstd"
# What a snapshot says beside its files, as the state has it.
_TOLD = ("number", "history", "leaving", "last_batch", "batch_count")
# A snapshot that is read may be gone by then: a running load has made two newer ones.
_TRIES = 5


class Log:
    """The folder `log` of a lake."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "log"

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded."""
        return any(_numbers(self.folder, _RECORD)) or any(_numbers(self.folder, _SNAPSHOT))

    def read(self) -> LakeState:
        """The state after the last record. SourceError when one cannot be read."""
        for attempt in range(_TRIES):
            with suppress(FileNotFoundError):
                return self._read()
            if attempt + 1 == _TRIES:
                break
        return self._read()

    def _read(self) -> LakeState:
        last = max(_numbers(self.folder, _RECORD), default=0)
        state, problem = LakeState(self.root), None
        for number in sorted(_numbers(self.folder, _SNAPSHOT), reverse=True):
            try:
                state = self.read_snapshot(number)
                break
            except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
                if not self.snapshot_path(number).exists():
                    # Two newer ones came while it was read.
                    raise FileNotFoundError(self.snapshot_path(number)) from error
                problem = f"{self.snapshot_path(number)} cannot be read either: {error}. "
        numbers = range(state.number + 1, last + 1)
        return state.after_all(self._record(number, problem or "") for number in numbers)

    def records(self) -> list[int]:
        """The numbers of the records that are there."""
        return sorted(_numbers(self.folder, _RECORD))

    def snapshots(self) -> list[int]:
        """The numbers of the snapshots that are there."""
        return sorted(_numbers(self.folder, _SNAPSHOT))

    def read_record(self, number: int) -> tuple[int, Transaction, str]:
        """A record: its number, what it changes, when it was written. SourceError when it cannot be
        read.
        """
        return self._record(number, "")

    def _record(self, number: int, problem: str) -> tuple[int, Transaction, str]:
        path = self.path_of(number)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["lake_version"] > LAKE_VERSION:
                msg = (
                    f"{path} was written by a newer Dwell (lake version "
                    f"{content['lake_version']}, this one knows {LAKE_VERSION}). Run that one."
                )
                raise SourceError(msg)
            refuse_changed(content, RECORD_KEYS)
            return number, Transaction.of(content), str(content["written_at"])
        except FileNotFoundError:
            if max(_numbers(self.folder, _SNAPSHOT), default=0) >= number and not problem:
                raise
            msg = (
                f"The record {path} is missing. {problem}The lake's log says what counts, and a "
                "part of it is lost: restore lake/log from a backup."
            )
            raise SourceError(msg) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            msg = (
                f"The record {path} cannot be read: {error!r}. It says which files of the lake "
                "count: restore it from a backup."
            )
            raise SourceError(msg) from error

    def path_of(self, number: int) -> Path:
        """The file of the record of that number."""
        return self.folder / f"{number:08d}.json"

    def refuse_taken(self, number: int) -> None:
        """FileExistsError when there is a record of that number."""
        if self.path_of(number).exists():
            raise FileExistsError(self.path_of(number))

    def prepare(self, number: int, transaction: Transaction) -> Path:
        """Writes the record of that number beside the log, on disk; where."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            for folder in (self.root, self.root.parent):
                sync_folder(folder)
        path = self.path_of(number).with_suffix(".tmp")
        with path.open("w", encoding="utf-8") as handle:
            json.dump(signed(transaction.as_json(number)), handle, ensure_ascii=False)
            handle.flush()
            os.fsync(handle.fileno())
        return path

    def publish(self, prepared: Path) -> None:
        """Puts a prepared record in force. FileExistsError when there is one of that number."""
        record = prepared.with_suffix(".json")
        try:
            os.link(prepared, record)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links. Who holds the lock is alone here.
            if record.exists():
                raise FileExistsError(record) from None
            prepared.replace(record)
        sync_folder(self.folder)
        prepared.unlink(missing_ok=True)

    def unfinished(self) -> Iterator[tuple[Path, Transaction | None]]:
        """Records that were prepared, and what they were to change: None where that is unreadable,
        or where they are in force already.
        """
        for path in self.folder.glob("*.tmp"):
            change = None
            if path.is_file() and not path.with_suffix(".json").exists():
                # One that was not written to its end has moved nothing.
                with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                    change = Transaction.of(json.loads(path.read_text(encoding="utf-8")))
            yield path, change

    def is_snapshot_due(self, state: LakeState) -> bool:
        """Whether so many records, or batches, came since the last snapshot."""
        newest = max(_numbers(self.folder, _SNAPSHOT), default=0)
        return state.number - newest >= SNAPSHOT_EVERY or len(state.recent) >= _MOST_RECENT

    def write_snapshot(self, state: LakeState) -> None:
        """Writes what all records come to, and removes those that two snapshots now hold."""
        target = self.snapshot_path(state.number)
        temporary = target.with_suffix(".tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        with connect() as con:
            state.lay_out_batches(con)
            files = [file._asdict() for file in state.files.values()]
            create_table(con, "lake_files", columns_of(LakeFile), files)
            for name, order in (("batches", "number"), ("files", "rowid")):
                file = quoted(temporary / f"{name}.parquet")
                con.execute(f"copy (from lake_{name} order by {order}) to {file} ({_FORM})")
        sums = {path.name: file_hash(path) for path in temporary.iterdir()}
        with (temporary / "state.json").open("w", encoding="utf-8") as handle:
            json.dump(signed({**_as_json(state), "files": sums}), handle, ensure_ascii=False)
        flush(list(temporary.iterdir()))
        temporary.replace(target)
        sync_folder(self.folder)
        self._forget()

    def read_snapshot(self, number: int) -> LakeState:
        """The state as a snapshot tells it. OSError, ValueError, KeyError, TypeError or
        duckdb.Error when it cannot be read.
        """
        folder = self.snapshot_path(number)
        content = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        refuse_changed(content, (*_TOLD, "pruned"))
        archive = folder / "batches.parquet"
        with connect() as con:
            rows = con.execute("from read_parquet($file)", {"file": str(folder / "files.parquet")})
            # One of before a field was added lacks it.
            names = [column[0] for column in rows.description or ()]
            files = [LakeFile(**dict(zip(names, row, strict=True))) for row in rows.fetchall()]
            # Its footer is read: a broken one is found out here, not later.
            con.execute("select count(*) from read_parquet($file)", {"file": str(archive)})
        pruned = content["pruned"]
        told = {name: content[name] for name in _TOLD}
        return LakeState(
            root=self.root,
            files={file.name: file for file in files},
            archive=archive,
            pruned=Pruned.of(pruned) if pruned else None,
            erased=tuple(map(Erased.of, content.get("erased", ()))),
            **told,
        )

    def changed_since(self, number: int) -> list[str]:
        """The files of a snapshot that are not as they were written, as far as that was noted."""
        folder = self.snapshot_path(number)
        content = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        sums = content.get("files", {})
        return [name for name, noted in sums.items() if file_hash(folder / name) != noted]

    def _is_whole(self, number: int) -> bool:
        try:
            self.read_snapshot(number)
        except (OSError, ValueError, KeyError, TypeError, duckdb.Error):
            return False
        return True

    def snapshot_path(self, number: int) -> Path:
        """The folder of the snapshot of that number."""
        return self.folder / f"{number:08d}.snapshot"

    def begin_anew(self, state: LakeState) -> None:
        """Leaves of the log one snapshot of the state: records and snapshots of before hold texts
        that are to be nowhere. Hold the lock.
        """
        if not self.snapshot_path(state.number).exists():
            self.write_snapshot(state)
        for number in self.records():
            if number <= state.number:
                self.path_of(number).unlink(missing_ok=True)
        for number in self.snapshots():
            if number < state.number:
                shutil.rmtree(self.snapshot_path(number), ignore_errors=True)
        sync_folder(self.folder)

    def _forget(self) -> None:
        """Removes what two later snapshots hold as well."""
        whole = [n for n in sorted(_numbers(self.folder, _SNAPSHOT)) if self._is_whole(n)]
        *older, last_but_one, _ = [0, 0, *whole]
        for number in _numbers(self.folder, _RECORD):
            if number <= last_but_one:
                self.path_of(number).unlink(missing_ok=True)
        for number in filter(None, older):
            shutil.rmtree(self.snapshot_path(number), ignore_errors=True)


def _as_json(state: LakeState) -> dict[str, Any]:
    """What a snapshot says beside its files and batches."""
    there = {n: t for n, t in state.leaving.items() if (state.root / n).exists()}
    erased = {"erased": [one.as_json() for one in state.erased]} if state.erased else {}
    return {
        **erased,
        "number": state.number,
        "history": state.history,
        "leaving": there,
        "pruned": state.pruned.as_json() if state.pruned else None,
        "last_batch": state.last_batch,
        "batch_count": state.batch_count,
    }


def _numbers(folder: Path, pattern: re.Pattern[str]) -> list[int]:
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    return [int(found[1]) for name in names if (found := pattern.fullmatch(name))]
