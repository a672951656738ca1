"""The records of batches once rows of theirs were erased. Changes no file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from etl.duck import listed
from etl.lake.people import People
from etl.lake.records import Batch, LakeFile
from etl.lake.spellings import Places
from etl.lake.state import LakeState
from etl.lake.tombstones import Tombstones

# What is told of a batch in words, and the names of its file. Names of columns stay: loads read
# the next files by them.
_TEXTS = ("file", "path", "warnings", "schema_changes")


@dataclass(frozen=True)
class Left:
    """What left of a batch: events, from when until when, and rejected rows."""

    events: int = 0
    first: datetime | None = None
    last: datetime | None = None
    rejects: int = 0


@dataclass(frozen=True)
class AllLeft:
    """The same of all batches: events by their numbers, rejected rows by their ids."""

    events: Mapping[int, Left]
    rejects: Mapping[str, int]


def recounted(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    left: AllLeft,
    people: People,
    staying: Sequence[tuple[Path, LakeFile]],
    tombstones: Tombstones,
) -> list[Batch]:
    """The batches that change, as they are now: they say how many of their rows were erased, when
    the first and the last of the others are, and no id. `staying`: the files of the others.

    A path without an id is no path any more: what it is known by stands beside it.
    """
    changed = []
    places = Places(people.ids)
    for batch in state.batches():
        events = left.events.get(batch.number, Left())
        rejects = left.rejects.get(batch.batch_id, 0)
        told = {name: _without(places, getattr(batch, name)) for name in _TEXTS}
        new = batch._replace(
            **told,
            rows_erased=batch.rows_erased + events.events,
            rejects_erased=batch.rejects_erased + rejects,
        )
        if new.path != batch.path:
            new = new._replace(place=batch.place or tombstones.place_of(batch.path))
        if events.events and _is_at_the_end(batch, events):
            first, last = _span(con, batch, staying)
            new = new._replace(first_event_time=first, last_event_time=last)
        if new != batch:
            changed.append(new)
    return changed


def _without(places: Places, told: Any) -> Any:
    """A text, or several, without the ids of the people."""
    return tuple(map(places.without, told)) if isinstance(told, tuple) else places.without(told)


def _is_at_the_end(batch: Batch, left: Left) -> bool:
    """Whether the first or the last event of a batch left."""
    ends = [_time(batch.first_event_time), _time(batch.last_event_time)]
    return left.first in ends or left.last in ends


def _span(
    con: duckdb.DuckDBPyConnection, batch: Batch, staying: Sequence[tuple[Path, LakeFile]]
) -> tuple[str | None, str | None]:
    """The first and the last time of the events that a batch still has; None of none."""
    files = [
        (path, file)
        for path, file in staying
        if file.source == batch.source and file.first_batch <= batch.number <= file.last_batch
    ]
    if any(file.origins for _, file in files):
        # Whose the rows of such a file are is told elsewhere: the span may be too long, then.
        return batch.first_event_time, batch.last_event_time
    mixed = [path for path, file in files if file.first_batch != file.last_batch]
    spans = [(file.first_time, file.last_time) for p, file in files if p not in mixed]
    if mixed:
        (row,) = con.execute(
            "select min(event_time), max(event_time) from "  # noqa: S608 - our paths
            f"read_parquet({listed(mixed)}, hive_partitioning = false, union_by_name = true) "
            "where batch_number = $number",
            {"number": batch.number},
        ).fetchall()
        spans += [(row[0].isoformat(), row[1].isoformat())] if row[0] else []
    if not spans:
        return None, None
    times = [(_time(first), _time(last)) for first, last in spans]
    first = min(one for one, _ in times if one)
    last = max(one for _, one in times if one)
    return first.isoformat(), last.isoformat()


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
