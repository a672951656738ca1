"""Finds the rows that a lake has of some people. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from etl.duck import create_table, sql_beside
from etl.lake.row_owner import Owner, owner_of
from etl.lake.schema import FILE_COLUMNS, REJECTED_COLUMNS, table_in
from etl.lake.spellings import Places
from etl.lake.state import LakeState
from etl.lake.tombstones import Visit, is_within


@dataclass(frozen=True)
class People:
    """Whose rows are meant.

    users    user ids, as the lake has them
    visits   anonymous ids while they were theirs
    """

    users: tuple[str, ...]
    visits: tuple[Visit, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids that rows of theirs have as user_id."""
        return tuple(dict.fromkeys([*self.users, *(visit.anonymous_id for visit in self.visits)]))

    @property
    def own_ids(self) -> tuple[str, ...]:
        """Those ids that nobody else had, at no time."""
        others = {v.anonymous_id for v in self.visits if v.start is not None or v.end is not None}
        return tuple(one for one in self.ids if one in self.users or one not in others)

    def are_at(self, source: str, visitor: str, time: datetime | None) -> bool:
        """Whether an anonymous id of a source was theirs then. Without a time: whether ever."""
        return any(
            (visit.source, visit.anonymous_id) == (source, visitor)
            and (time is None or is_within(time, (visit.start, visit.end)))
            for visit in self.visits
        )


def lay_out_people(con: duckdb.DuckDBPyConnection, people: People) -> None:
    """Creates the temp tables people_users, people_visits and people_ids."""
    users = [{"user_id": user} for user in people.users]
    create_table(con, "people_users", {"user_id": "VARCHAR"}, users)
    create_table(con, "people_ids", {"id": "VARCHAR"}, [{"id": one} for one in people.ids])
    columns = {
        **dict.fromkeys(("source", "anonymous_id"), "VARCHAR"),
        **dict.fromkeys(("valid_from", "valid_to"), "TIMESTAMP"),
    }
    visits = [
        {
            "source": visit.source,
            "anonymous_id": visit.anonymous_id,
            "valid_from": visit.start,
            "valid_to": visit.end,
        }
        for visit in people.visits
    ]
    create_table(con, "people_visits", columns, visits)


def find_events(con: duckdb.DuckDBPyConnection, state: LakeState) -> None:
    """Leaves the temp table leaving_rows: path, row_number, source, user_id and event_time of each
    event of the people that are laid out.
    """
    options = ("filename = true", "file_row_number = true")
    files = [state.path_of(file) for file in state.events]
    rows = table_in(files, FILE_COLUMNS, *options)
    if not files:
        told = "null::varchar as filename, 0::bigint as file_row_number"
        rows = f"(select *, {told} from {rows})"  # noqa: S608 - our columns
    con.execute(f"create or replace temp view event_rows as from {rows}")
    text = sql_beside(__file__, "rows_of_people")
    con.execute(f"create or replace temp table leaving_rows as {text}")


def find_rejects(con: duckdb.DuckDBPyConnection, state: LakeState, people: People) -> None:
    """Leaves three temp tables. leaving_rejects has path, row_number and batch_id of each rejected
    row of the people: one that says so in a field of an id, and one in whose text an id of theirs
    stands, where it does not say whose it is. blanked_rejects has path, row_number and the text
    without their ids of rows of others in which they stand. blanked_files has path, file and the
    same without their ids, of files that rejected rows came from.
    """
    files = [state.path_of(file) for file in state.of_kind("rejected")]
    rows = table_in(files, REJECTED_COLUMNS, "filename = true", "file_row_number = true")
    leaving, blanked, named = [], [], []
    if files and people.ids:
        rejects = _Rejects(people)
        named = [
            {"path": path, "file": file, "told": rejects.all.without(file)}
            for path, file in con.execute(f"select distinct filename, file from {rows}").fetchall()  # noqa: S608
            if file and rejects.all.are_in(file)
        ]
        cursor = con.execute(
            "select filename, file_row_number, batch_id, source, raw "  # noqa: S608 - our paths
            f"from {rows} where raw is not null order by 1, 2"
        )
        while some := cursor.fetchmany(10_000):
            for path, row, batch, source, raw in some:
                if not rejects.all.are_in(raw):
                    continue
                owner = owner_of(raw)
                place = {"path": path, "row_number": row}
                if rejects.are_theirs(source, owner, raw):
                    leaving.append({**place, "batch_id": batch})
                elif owner and (text := rejects.own.without(raw)) != raw:
                    blanked.append({**place, "raw": text})
    columns = {"path": "VARCHAR", "row_number": "BIGINT"}
    create_table(con, "leaving_rejects", {**columns, "batch_id": "VARCHAR"}, leaving)
    create_table(con, "blanked_rejects", {**columns, "raw": "VARCHAR"}, blanked)
    create_table(con, "blanked_files", dict.fromkeys(("path", "file", "told"), "VARCHAR"), named)


class _Rejects:
    """Tells of rejected rows in which an id stands whether they are of the people."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.all, self.own = Places(people.ids), Places(people.own_ids)
        self._users = Places(people.users)
        self._visitors: dict[str, Places] = {}

    def are_theirs(self, source: str, owner: Owner | None, raw: str) -> bool:
        if owner and owner.user:
            return owner.user in self._users.ids or self.people.are_at(
                source, owner.user, owner.time
            )
        if owner and owner.visitor and self.people.are_at(source, owner.visitor, owner.time):
            return True
        if owner and owner.visitor and owner.time and owner.visitor in self.people.ids:
            # On a device that others have, too, and not in their time.
            return False
        if source not in self._visitors:
            ids = {v.anonymous_id for v in self.people.visits if v.source == source}
            self._visitors[source] = Places([*self.people.users, *ids])
        return self._visitors[source].are_in(raw)


def kept_ids(con: duckdb.DuckDBPyConnection, state: LakeState, people: People) -> Sequence[str]:
    """The ids of the people of whom a row is kept from pruned days. What is kept of an anonymous id
    is one sum: it is theirs where all of it lies within their time.
    """
    if state.pruned is None:
        return []
    file = state.root / state.pruned.kept / "users.parquet"
    rows = con.execute(
        "select user_id, first_event_time, last_event_time from read_parquet($file) "
        "where list_contains($ids, user_id)",
        {"file": str(file), "ids": list(people.ids)},
    ).fetchall()
    return [
        user
        for user, first, last in rows
        if user in people.users
        or any(
            (visit.start is None or (first and first >= visit.start))
            and (visit.end is None or (last and last < visit.end))
            for visit in people.visits
            if visit.anonymous_id == user
        )
    ]
