"""Finds the rows that a lake has of some people. Changes nothing."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from etl.duck import create_table, sql_beside
from etl.lake.schema import FILE_COLUMNS, REJECTED_COLUMNS, table_in
from etl.lake.state import LakeState
from etl.lake.tombstones import Visit, words_of


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
    """Leaves the temp table leaving_rejects: path, row_number and batch_id of each rejected row
    that names one of the people: as a value of JSON, or as a word.
    """
    files = [state.path_of(file) for file in state.of_kind("rejected")]
    rows = table_in(files, REJECTED_COLUMNS, "filename = true", "file_row_number = true")
    found: list[dict[str, Any]] = []
    if files:
        ids = frozenset(people.ids)
        visited = {(visit.source, visit.anonymous_id) for visit in people.visits}
        users = frozenset(people.users)
        cursor = con.execute(
            "select filename, file_row_number, batch_id, source, raw "  # noqa: S608 - our paths
            f"from {rows} where raw is not null and list_bool_or(list_transform($ids, "
            "lambda id: contains(raw, id))) order by 1, 2",
            {"ids": _spellings(ids)},
        )
        while some := cursor.fetchmany(10_000):
            found += [
                {"path": path, "row_number": row, "batch_id": batch}
                for path, row, batch, source, raw in some
                if any(word in users or (source, word) in visited for word in words_of(raw))
            ]
    columns = {"path": "VARCHAR", "row_number": "BIGINT", "batch_id": "VARCHAR"}
    create_table(con, "leaving_rejects", columns, found)


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


def _spellings(ids: Iterable[str]) -> list[str]:
    """The ids as plain text and as JSON may write them."""
    return list(dict.fromkeys(s for one in ids for s in (one, json.dumps(one)[1:-1])))
