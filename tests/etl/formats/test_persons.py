"""Dumps of a table of persons: one ready session a row, from the login to the last activity."""

from pathlib import Path
from typing import Any

import pytest

from tests.etl.formats.test_sessions import as_cells, asked, at, write_sqlite
from tests.make import lake_events, load_files, write_csv, write_ndjson

Row = dict[str, Any]
SESSIONS = "select user_id, start_time, end_time from user_sessions order by all"
ANN: Row = {
    **{"id": 7, "name": "Ann", "created_at": "2025-01-01 08:00:00", "query_count": 900},
    **{"last_login_at": "2026-03-10 12:00:00", "last_activity_at": "2026-03-10 12:45:00"},
}
BOB: Row = ANN | {"id": 8, "name": "Bob", "last_activity_at": "2026-03-10 13:00:00"}
EVE: Row = ANN | {"id": 9, "name": "Eve", "last_login_at": None, "last_activity_at": None}


def at_ten(clock: str) -> Any:
    """A time of that day."""
    return at(f"2026-03-10 {clock}")


@pytest.mark.parametrize("kind", ["csv", "ndjson", "db"])
def test_a_row_is_one_session_of_that_person(tmp_path: Path, kind: str) -> None:
    rows = [ANN, BOB, EVE]
    if kind == "db":
        file = write_sqlite(tmp_path / "app.db", persons=rows, colours=[{"id": 1, "name": "red"}])
    elif kind == "csv":
        file = write_csv(tmp_path / "persons.csv", as_cells(rows))
    else:
        file = write_ndjson(tmp_path / "persons.ndjson", rows)
    (outcome,) = load_files(tmp_path / "home", file)
    # Who never logged in had no session.
    assert (outcome.format, outcome.rows_loaded, outcome.rows_rejected) == ("sessions", 4, 0)
    sessions, counts = asked(
        tmp_path / "home",
        SESSIONS,
        "select distinct action_count, query_count, exit_reason, stream from user_sessions "
        "where not is_open",
    )
    assert sessions == [
        ("7", at_ten("12:00"), at_ten("12:45")),
        ("8", at_ten("12:00"), at_ten("13:00")),
    ]
    # What a person did in all time is not what was done in the session.
    assert counts in ([], [(0, 0, "timeout", "tracker")])
    starts = [e for e in lake_events(tmp_path / "home") if e["event_type"] == "session_start"]
    assert [e["properties"]["person"]["name"] for e in starts] == ["Ann", "Bob"]


# What a later dump tells otherwise of a person → that person's sessions.
LATER: dict[str, tuple[Row, list[tuple[str, str]]]] = {
    "the same dump again": ({}, [("12:00", "12:45")]),
    "active later": ({"last_activity_at": "2026-03-10 14:00:00"}, [("12:00", "14:00")]),
    "an older dump": ({"last_activity_at": "2026-03-10 12:30:00"}, [("12:00", "12:45")]),
    "the same in another spelling": (
        {"last_login_at": "2026-03-10T12:00:00Z", "last_activity_at": "2026-03-10T12:45:00Z"},
        [("12:00", "12:45")],
    ),
    "a new login": (
        {"last_login_at": "2026-03-10 15:00:00", "last_activity_at": "2026-03-10 15:10:00"},
        [("12:00", "12:45"), ("15:00", "15:10")],
    ),
    "a new login without activity yet": (
        {"last_login_at": "2026-03-10 15:00:00"}, [("12:00", "12:45"), ("15:00", "15:00")],
    ),
    "without activity": ({"last_activity_at": None}, [("12:00", "12:45")]),
}  # fmt: skip


def test_a_later_dump(tmp_path: Path) -> None:
    home = tmp_path / "home"
    dumps = [
        [ANN | {"id": case} for case in LATER],
        [ANN | {"id": case} | later for case, (later, _) in LATER.items()],
    ]
    for number, rows in enumerate(dumps):
        load_files(home, write_ndjson(tmp_path / f"persons-{number}.ndjson", rows))
    (got,) = asked(home, SESSIONS)
    assert got == sorted(
        (case, at_ten(start), at_ten(end))
        for case, (_, sessions) in LATER.items()
        for start, end in sessions
    )


def test_a_dump_again_adds_nothing(tmp_path: Path) -> None:
    for number, loaded in enumerate([2, 0]):
        file = write_csv(tmp_path / f"persons-{number}.csv", as_cells([ANN | {"name": number}]))
        (outcome,) = load_files(tmp_path / "home", file)
        assert (outcome.rows_loaded, outcome.rows_duplicate) == (loaded, 2 - loaded)


def test_a_login_that_is_no_time_is_rejected(tmp_path: Path) -> None:
    rows = [ANN, ANN | {"id": 8, "last_login_at": "soon"}]
    (outcome,) = load_files(tmp_path / "home", write_ndjson(tmp_path / "persons.ndjson", rows))
    assert (outcome.rows_loaded, outcome.rows_rejected) == (2, 1)


def test_the_user_is_named_as_in_other_tables(tmp_path: Path) -> None:
    row = {"user_id": "ann"} | ANN
    load_files(tmp_path / "home", write_csv(tmp_path / "persons.csv", as_cells([row])))
    assert asked(tmp_path / "home", "select user_id from user_sessions") == [[("ann",)]]


def test_persons_of_a_products_database_hide_no_other_table(tmp_path: Path) -> None:
    posts = [{"id": 1, "user_id": 7, "created_at": "2026-03-10 12:10:00"}]
    database = write_sqlite(tmp_path / "app.db", persons=[ANN], posts=posts)
    assert load_files(tmp_path / "one", database)[0].format == "tables"
    ready = [{"session_id": "s1", "user_id": 7, "started_at": "2026-03-10 12:10:00",
              "ended_at": "2026-03-10 12:20:00"}]  # fmt: skip
    database = write_sqlite(tmp_path / "both.db", persons=[ANN], posts=posts, visits=ready)
    (outcome,) = load_files(tmp_path / "two", database)
    assert (outcome.format, outcome.rows_loaded) == ("sessions", 4)
