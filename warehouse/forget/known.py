"""Of ids as they were given, whose they are here, and of whom nothing is there. Changes nothing.

Somebody is known by a value where ids of people stand: of an event, a kept row of pruned days, a
line of the collector, a field of a rejected record, a file that Dwell landed, a condition that was
saved. A word in any other text is nobody: all of it would go that has the word.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.extract.left_out import spellings_of
from etl.lake import LakeState
from etl.lake.erase import find
from etl.lake.people import People
from etl.lake.schema import REJECTED_COLUMNS, table_in
from etl.lake.tombstones import tombstones_of
from warehouse.build.people import people_of
from warehouse.forget.id_columns import IdColumns
from warehouse.forget.landed import landed_files
from warehouse.forget.saved import ids_saved
from warehouse.forget.spool import ids_spooled


@dataclass(frozen=True)
class Meant:
    """Who is meant by ids.

    people        who is there, as they are called here
    unknown       ids as they were given, of whom nothing is there
    before        those that were forgotten before, of whom nothing is left
    before_names  as these may have been called
    """

    people: People
    unknown: tuple[str, ...]
    before: tuple[str, ...]
    before_names: tuple[str, ...]

    @property
    def gone(self) -> tuple[str, ...]:
        """The ids as they were given of whom nothing is there."""
        return (*self.unknown, *self.before)


def meant_by(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    state: LakeState,
    called: Mapping[str, Sequence[str]],
) -> Meant:
    """Who is meant. `called`: the ids as they were given → what the home may call them. All of it
    is looked through once, however many they are.
    """
    names = tuple(dict.fromkeys(name for some in called.values() for name in some))
    people = people_of(con, state, names)
    known = _known(con, settings, state, people, called)
    there = [one for one, some in called.items() if known & {*some}]
    tombstones = tombstones_of(state)
    gone = [one for one in called if one not in there]
    before = [one for one in gone if any(map(tombstones.is_user, called[one]))]
    users = {name for one in there for name in called[one]}
    return Meant(
        People(tuple(name for name in names if name in users), people.visits),
        tuple(one for one in gone if one not in before),
        tuple(before),
        tuple(dict.fromkeys(name for one in before for name in called[one])),
    )


def _known(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    state: LakeState,
    people: People,
    called: Mapping[str, Sequence[str]],
) -> set[str]:
    """The users of whom anything is there."""
    columns = IdColumns(settings)
    found = find(con, state, people)
    events = con.execute("select distinct user_id from leaving_rows").fetchall()
    known = {user for (user,) in events} | {*found.kept}
    users = {*people.users}
    places: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: _ids_rejected(con, state, columns),
        lambda: ids_spooled(settings.home),
        lambda: ids_saved(settings.home, columns),
        lambda: (one for file in landed_files(settings) for one in file.ids()),
    )
    for ids in places:
        # The later ones are dear, and for those alone who were met nowhere yet.
        if not all(known.intersection(some) for some in called.values()):
            known |= users.intersection(ids())
    return known


def _ids_rejected(
    con: duckdb.DuckDBPyConnection, state: LakeState, columns: IdColumns
) -> Iterator[str]:
    """The ids of the rejected records that name one of the people, which `find` has found."""
    files = [state.path_of(file) for file in state.of_kind("rejected")]
    if not files:
        return
    rows = table_in(files, REJECTED_COLUMNS, "filename = true", "file_row_number = true")
    cursor = con.execute(
        f"select raw from {rows} as rejects semi join leaving_rejects "  # noqa: S608 - our columns
        "on path = rejects.filename and row_number = rejects.file_row_number"
    )
    while some := cursor.fetchmany(10_000):
        for (raw,) in some:
            with suppress(ValueError, RecursionError):
                yield from _ids_of(json.loads(raw), columns)


def _ids_of(record: Any, columns: IdColumns, name: str = "") -> Iterator[str]:
    """The values of the fields of ids in a record, however deep."""
    if isinstance(record, dict):
        for field, value in record.items():
            yield from _ids_of(value, columns, field)
    elif isinstance(record, list):
        for value in record:
            yield from _ids_of(value, columns, name)
    elif record is not None and not isinstance(record, bool) and columns.has(name):
        yield from spellings_of(str(record))
