"""Reads every record and snapshot of a lake's log, and says which of them are damaged."""

import json
import re
from collections.abc import Iterator

import duckdb

from etl.errors import SourceError, in_brief
from etl.lake.faults import BACKUP, Fault, read_all
from etl.lake.log import Log

# The name of a loaded file in a record.
_FILE = re.compile(r'"file": ("(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")')


def faults_of_log(log: Log) -> Iterator[Fault]:
    """What is damaged in it; nothing of a lake that has none yet."""
    broken = {number: problem for number in log.records() if (problem := _unread(log, number))}
    damaged = {number: problem for number in log.snapshots() if (problem := _problem(log, number))}
    whole = [number for number in log.snapshots() if number not in damaged]
    newest = max(whole, default=0)
    there = log.records()
    missing = set(range(newest + 1, max(there, default=0))) - {*there}
    broken |= dict.fromkeys(missing, "is missing")
    needed = min((number for number in broken if number > newest), default=0)
    for number, problem in sorted(broken.items()):
        remedy = (
            f"Remove it: {log.snapshot_path(newest).name} says the same."
            if number <= newest
            else _way_back(log, needed)
            if number == needed
            else f"See {log.path_of(needed).name}."
        )
        yield Fault(log.path_of(number), problem, remedy)
    for number, problem in damaged.items():
        others = len(log.snapshots()) - len(damaged)
        remedy = BACKUP
        if others or 1 in log.records():
            remedy = "Remove it: an older one, and the records since, say the same."
        yield Fault(log.snapshot_path(number), problem, remedy)


def _unread(log: Log, number: int) -> str:
    """Why a record cannot be read; empty when it can."""
    try:
        log.read_record(number)
    except SourceError as error:
        # What a newer Dwell wrote is told by the state: nothing is wrong with it.
        return f"cannot be read: {error.__cause__}" if error.__cause__ else ""
    return ""


def _way_back(log: Log, number: int) -> str:
    """What to do about a record that says what counts, also without a backup.

    Of a lake, all up to a record is as whole as before that came: what was loaded since is loaded
    again, and files that went meanwhile are told as lost with their exports.
    """
    since = sorted({number, *(one for one in log.records() if one > number)})
    files = dict.fromkeys(path for one in since for path in _loaded_by(log, one))
    names = ", ".join(log.path_of(one).name for one in since if log.path_of(one).exists())
    again = f": dwell load {' '.join(files)}" if files else ""
    return (
        f"{BACKUP} Without one move {names} out of {log.folder}: the lake is then as it was before "
        f"it. Load again what was loaded since{again}, with the sources and options of then, and "
        "run 'dwell check' once more. What was pruned since may be back."
    )


def _loaded_by(log: Log, number: int) -> list[str]:
    """The files that a record says were loaded, as far as it can be read."""
    try:
        return [batch.file for batch in log.read_record(number)[1].batches]
    except SourceError:
        path = log.path_of(number)
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        return [json.loads(found) for found in _FILE.findall(text.partition('"batches"')[2])]


def _problem(log: Log, number: int) -> str:
    """What is wrong with a snapshot; empty when nothing is."""
    try:
        if changed := log.changed_since(number):
            return f"is damaged: {', '.join(changed)} is not as it was written"
        log.read_snapshot(number)
        for name in ("batches", "files"):
            read_all(log.snapshot_path(number) / f"{name}.parquet")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"cannot be read: {error}"
    except duckdb.Error as error:
        return f"cannot be read: {in_brief(error)}"
    return ""
