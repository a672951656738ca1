"""Reads every record and snapshot of a lake's log, and says which of them are damaged."""

from collections.abc import Iterator

import duckdb

from etl.errors import SourceError, in_brief
from etl.lake.faults import BACKUP, Fault, read_all
from etl.lake.log import Log


def faults_of_log(log: Log) -> Iterator[Fault]:
    """What is damaged in it; nothing of a lake that has none yet."""
    for number in log.records():
        try:
            log.read_record(number)
        except SourceError as error:
            yield Fault(log.path_of(number), f"cannot be read: {error.__cause__}", BACKUP)
    damaged = {number: problem for number in log.snapshots() if (problem := _problem(log, number))}
    for number, problem in damaged.items():
        others = len(log.snapshots()) - len(damaged)
        remedy = BACKUP
        if others or 1 in log.records():
            remedy = "Remove it: an older one, and the records since, say the same."
        yield Fault(log.snapshot_path(number), problem, remedy)


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
