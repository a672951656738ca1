"""dwell export-user: what a home holds of one person, as one object. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.duck import connect
from etl.lake import Lake
from etl.lake.people import People, find_events, find_rejects, lay_out_people
from etl.lake.schema import EVENT_COLUMNS, REJECTED_COLUMNS, names_of, table_in
from etl.privacy.key import names_of as names_of_person
from warehouse.build.failures import refuse_lost_rows
from warehouse.build.people import people_of
from warehouse.build_files import last_build
from warehouse.connection import open as open_warehouse

_REJECTED = ("source", "file", "line", "reason", "raw")


@dataclass(frozen=True)
class Held:
    """What is held of somebody, each a list of rows by column.

    ids         what they are called here
    identities  anonymous ids while they were theirs
    profile     their rows of users; sessions, those of user_sessions: as of the current build
    events      all of the lake, by time, with those of their anonymous ids
    rejected    rows that name them and are no event
    """

    ids: tuple[str, ...]
    identities: list[dict[str, Any]]
    profile: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    events: list[dict[str, Any]]
    rejected: list[dict[str, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing of them."""
        return not (self.events or self.rejected or self.profile)


def held_of(settings: Settings, user: str) -> Held:
    """What the home holds of a user, who is told by a plain id or a pseudonym. BuildError when a
    file of the lake is lost.
    """
    lake = Lake(settings.home)
    state = lake.state()
    refuse_lost_rows(state)
    names = names_of_person(user, settings.redact, settings.all_rules(), lake, state)
    with connect() as con:
        con.execute("set TimeZone = 'UTC'")
        people = people_of(con, state, names)
        lay_out_people(con, people)
        find_events(con, state)
        find_rejects(con, state, people)
        events = _rows(
            con,
            f"select {names_of(EVENT_COLUMNS)} from event_rows "  # noqa: S608 - our columns
            "semi join leaving_rows on path = filename and row_number = file_row_number "
            "order by event_time, event_id",
        )
        rejected = _rejected(con, [state.path_of(file) for file in state.of_kind("rejected")])
    profile, sessions = _of_build(settings, people)
    identities = [
        {
            "source": visit.source,
            "anonymous_id": visit.anonymous_id,
            "valid_from": visit.start,
            "valid_to": visit.end,
        }
        for visit in people.visits
    ]
    return Held(people.users, identities, profile, sessions, events, rejected)


def _rejected(con: duckdb.DuckDBPyConnection, files: Sequence[Any]) -> list[dict[str, Any]]:
    if not files:
        return []
    rows = table_in(files, REJECTED_COLUMNS, "filename = true", "file_row_number = true")
    return _rows(
        con,
        f"select {', '.join(_REJECTED)} from {rows} as rejects "  # noqa: S608 - our columns
        "semi join leaving_rejects on path = rejects.filename "
        "and row_number = rejects.file_row_number order by file, line",
    )


def _of_build(
    settings: Settings, people: People
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of users and sessions: of an anonymous id, those that began while it was theirs."""
    if last_build(settings.home) is None:
        return [], []
    with open_warehouse(settings.home) as wh:
        ids = {"ids": list(people.ids)}
        users = wh.sql("from users where list_contains($ids, user_id)", ids)
        profile = _dicts(users)
        sessions = _dicts(
            wh.sql("from user_sessions where list_contains($ids, user_id) order by start_time", ids)
        )
    whole = {v.anonymous_id for v in people.visits if v.start is None and v.end is None}
    return (
        [row for row in profile if row["user_id"] in (*people.users, *whole)],
        [row for row in sessions if _is_theirs(row, people)],
    )


def _is_theirs(session: dict[str, Any], people: People) -> bool:
    user, began = session["user_id"], session["start_time"]
    return user in people.users or any(
        people.are_at(source, user, began) for source in session["sources"]
    )


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    return _dicts(con.sql(query))


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
