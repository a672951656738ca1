"""Reads every file of a lake, and says which of them are damaged. Changes nothing."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import numpy as np

from etl.errors import SourceError, in_brief
from etl.file_hash import file_hash
from etl.lake.faults import BACKUP, Fault, read_all
from etl.lake.losses import batches_in, losses, of_batches
from etl.lake.records import LakeFile
from etl.lake.state import LakeState
from etl.lake.store import Lake
from etl.lake.verify_log import faults_of_log

_KEPT = ("daily", "users")
# Where notes lie → what each holds, and what to do without.
_NOTES: dict[str, tuple[Mapping[str, type], str]] = {
    "fields/*.json": (
        {"kinds": dict, "shares": dict},
        "Remove it: the next file of its kind is taken as the first, and compared with none.",
    ),
    "failures/*.json": (
        {"file": str},
        "Remove it: the next load tells anew which files fail.",
    ),
    "pseudonyms.json": (
        {"key": str},
        f"{BACKUP} Without one remove it: the visitors of access logs become others from here on.",
    ),
    "erased/key.json": (
        {"key": str},
        f"{BACKUP} Without it nothing can be loaded: who was forgotten could come back.",
    ),
    "erased/0*.json": ({"begun_at": str}, f"{BACKUP} It says what was forgotten."),
}
_IDS = "Remove it: nothing is lost, the next load makes the ids anew."


def verify(lake: Lake) -> Iterator[Fault]:
    """The faults of the lake's log, files and notes; none when all is whole."""
    yield from _notes(lake)
    of_log = list(faults_of_log(lake.log))
    yield from of_log
    try:
        state = lake.state()
    except SourceError as error:
        # Without the log nobody knows what counts. A record that says so is told already.
        if not any(str(fault.path) in str(error) for fault in of_log):
            yield Fault(lake.log.folder, "cannot be read", str(error))
        return
    lost = losses(state)
    for loss in lost:
        yield Fault(state.path_of(loss.file), loss.problem, loss.remedy)
    known = {loss.file.name for loss in lost}
    others = [file for file in state.files.values() if file.name not in known]
    damaged = [(file, problem) for file in others if (problem := _problem(state, file))]
    batches = batches_in(state, [file for file, _ in damaged])
    for (file, problem), theirs in zip(damaged, batches, strict=True):
        remedy = _IDS if file.kind == "ids" else f"Remove it. {of_batches(file, theirs)}"
        yield Fault(state.path_of(file), problem, remedy)
    yield from _beside(state)
    if not lost:
        yield from _unaccounted(state)


def _problem(state: LakeState, file: LakeFile) -> str:
    """What is wrong with a file; empty when nothing is."""
    path = state.path_of(file)
    try:
        if path.stat().st_size != file.bytes:
            return f"has {path.stat().st_size:,} bytes, {file.bytes:,} were written"
        if file.checksum:
            return "" if file_hash(path) == file.checksum else "is not as it was written"
        return _problem_of_keys(path, file) if file.kind == "ids" else _problem_of_rows(path, file)
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error}"


def _problem_of_rows(path: Path, file: LakeFile) -> str:
    """Of a file that was written before Dwell noted checksums."""
    try:
        rows = read_all(path)
    except duckdb.Error as error:
        return f"cannot be read: {in_brief(error)}"
    return "" if rows == file.rows else f"has {rows:,} rows, {file.rows:,} were written"


def _problem_of_keys(path: Path, file: LakeFile) -> str:
    keys = np.fromfile(path, np.uint64)
    is_sorted = bool(np.all(keys[1:] >= keys[:-1]))
    return "" if len(keys) == file.rows and is_sorted else "is not as it was written"


def _beside(state: LakeState) -> Iterator[Fault]:
    """What files of rows need beside them: whose their rows are, what is kept of pruned days."""
    tables = {state.root / f.origins for f in state.files.values() if f.origins}
    if state.pruned:
        tables |= {state.root / state.pruned.kept / f"{name}.parquet" for name in _KEPT}
    for path in sorted(tables):
        try:
            read_all(path)
        except duckdb.Error as error:
            problem = f"cannot be read: {in_brief(error)}" if path.exists() else "is missing"
            yield Fault(path, problem, BACKUP)


def _unaccounted(state: LakeState) -> Iterator[Fault]:
    """Rows that are neither there nor erased, by what the batches say. A prune takes rows of which
    no batch is told.
    """
    if state.pruned:
        return
    with state.batch_table() as con:
        loaded, rejected = con.execute(
            "select coalesce(sum(rows_loaded - coalesce(rows_erased, 0)), 0)::bigint, "
            "coalesce(sum(rows_rejected - coalesce(rejects_erased, 0)), 0)::bigint "
            "from lake_batches"
        ).fetchall()[0]
    for kind, wanted in (("events", loaded), ("rejected", rejected)):
        rows = sum(file.rows for file in state.of_kind(kind))
        if rows != wanted:
            problem = f"has {rows:,} rows, its batches have {wanted:,} that were not erased"
            yield Fault(state.root / kind, problem, BACKUP)


def _notes(lake: Lake) -> Iterator[Fault]:
    """JSON beside the log that cannot be read, or does not say what it is there for."""
    for pattern, (wanted, remedy) in _NOTES.items():
        for path in sorted(lake.root.glob(pattern)):
            if problem := _problem_of_note(path, wanted):
                yield Fault(path, problem, remedy)


def _problem_of_note(path: Path, wanted: Mapping[str, type]) -> str:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    is_whole = isinstance(content, dict) and all(
        isinstance(content.get(key), kind) for key, kind in wanted.items()
    )
    return "" if is_whole else f"is not as it was written: it has no {' and no '.join(wanted)}"
