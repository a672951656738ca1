"""Diffs of builds: what they say equals a comparison of all rows of both, one by one."""

from collections import Counter
from datetime import UTC, date

import pytest

import warehouse
from etl.errors import ConfigError, NoBuild
from tests.make import build_home, load_files, write_ndjson
from warehouse.metrics import health

# Table → the column of a row's day, and whether it is a moment; and that of its source.
DAYS = {
    "session_events": ("event_date", "source"),
    "user_sessions": ("start_date", "sources"),
    "overnight_days": ("event_date", None),
    "users": ("first_date", None),
    "user_patterns": (None, None),
    "daily_session_stats": ("stat_date", None),
    "identities": ("valid_from", "source"),
    "workflow_executions": ("start_time", "source"),
    "chats": ("start_date", None),
    "chat_turns": ("start_date", None),
    "load_runs": ("loaded_at", "source"),
    "rejected_summary": (None, "source"),
}


def clicks(user, *times, **more):
    return [{"user": user, "time": f"2026-{at}:00Z", "event": "click", **more} for at in times]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Four builds: the first; late events that join sessions, one before another and new ones of
    another source; the first file read another way, and a row that is rejected; and that file read
    the first way again.
    """
    folder = tmp_path_factory.mktemp("diff")
    home = folder / "home"
    first = [
        *clicks("ann", "03-01 09:00", "03-01 09:50", "03-02 09:00", anonymous_id="a1"),
        *clicks("bob", "03-01 10:00", "03-01 10:40", "03-01 11:20", "03-03 12:00"),
        *clicks("cid", "03-02 23:50", "03-03 00:10", page="/start"),
        *clicks("dan", "03-03 12:00"),
    ]
    late = [
        *clicks("ann", "03-01 09:25", anonymous_id="a1"),
        *clicks("bob", "03-01 10:20", "03-01 11:00", "03-01 11:20"),
        *clicks("cid", "03-02 23:40"),
        *clicks("eve", "03-04 08:00"),
    ]
    read = {"map": {"user": "user", "time": "time", "type": "event"}}
    load_files(home, write_ndjson(folder / "first.ndjson", first), source="web", **read)
    build_home(home)
    load_files(home, write_ndjson(folder / "late.ndjson", late), source="web", **read)
    load_files(
        home, write_ndjson(folder / "app.ndjson", clicks("ann", "03-04 07:00")), source="app"
    )
    build_home(home)
    load_files(
        home,
        folder / "first.ndjson",
        source="web",
        map={**read["map"], "type": "'view'"},
    )
    load_files(home, write_ndjson(folder / "odd.ndjson", [*clicks("f", "03-04 09:00"), "{"]))
    build_home(home)
    load_files(home, folder / "first.ndjson", source="web", **read)
    build_home(home)
    return home


def day_of(value):
    return value.date() if hasattr(value, "hour") else value


def rows_of(wh, table):
    """Every row as text, with its day and source, however often it is there."""
    day, source = DAYS[table]
    found = Counter()
    for row in wh.sql(f"from {table}").pl().drop("user_key", strict=False).to_dicts():
        of = row[source] if source else None
        if isinstance(of, list):
            of = of[0] if len(of) == 1 else None
        found[day_of(row[day]) if day else None, of, repr(row)] += 1
    return found


def cells_of(rows):
    found = Counter()
    for (day, source, _), count in rows.items():
        found[day, source] += count
    return found


def compared_by_row(home, before, after):
    with warehouse.open(home, build=before) as one, warehouse.open(home, build=after) as other:
        wanted = set()
        for table in DAYS:
            old, new = rows_of(one, table), rows_of(other, table)
            added, removed = cells_of(new - old), cells_of(old - new)
            counts = cells_of(old), cells_of(new)
            wanted |= {
                (table, *cell, counts[0][cell], counts[1][cell], added[cell], removed[cell])
                for cell in added.keys() | removed.keys()
            }
        return wanted


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 3), (1, 4), (3, 1)])
def test_a_diff_is_what_a_comparison_row_by_row_finds(home, before, after):
    with warehouse.open(home, build=after) as wh:
        rows = health.build_diff(wh, before).rows()
    assert len(rows) == len(set(rows))
    assert set(rows) == compared_by_row(home, before, after)


def test_a_build_does_not_differ_from_itself(home):
    with warehouse.open(home, build=2) as wh:
        assert health.build_diff(wh, wh).is_empty()
        assert health.build_diff(wh, 2).columns == [
            *("table", "date", "source", "before", "after", "added", "removed"),
        ]
        assert health.build_changes(wh, 2).is_empty()


def test_what_changed_is_told_by_day_in_words(home):
    with warehouse.open(home, build=2) as wh:
        rows = {row["date"]: row for row in health.build_changes(wh, 1).to_dicts()}
    assert list(rows) == [date(2026, 3, day) for day in (4, 3, 2, 1)]
    first = rows[date(2026, 3, 1)]
    assert first["sentence"] == (
        "1 Mar 2026: +3 events late from web, 3 sessions merged, sessions 5 \u2192 2, "
        "bounce 100.0 \u2192 0.0 %, median duration 0 s \u2192 1 h 05 m"
    )
    assert (first["sessions_merged"], first["sessions_split"]) == (3, 0)
    # One that begins earlier now has another id, and is neither.
    assert rows[date(2026, 3, 2)]["sessions_merged"] == 0
    assert rows[date(2026, 3, 2)]["events_added"] == 1
    assert rows[date(2026, 3, 4)]["sentence"].startswith(
        "4 Mar 2026: +1 event from app, +1 event from web, sessions 0 \u2192 2"
    )
    assert not rows[date(2026, 3, 4)]["is_late"]
    with warehouse.open(home, build=1) as wh:
        back = {row["date"]: row for row in health.build_changes(wh, 2).to_dicts()}
    assert back[date(2026, 3, 1)]["sessions_split"] == 3
    assert "\u22123 events of web, 3 sessions split off" in back[date(2026, 3, 1)]["sentence"]


def test_builds_tell_what_each_added(home):
    with warehouse.open(home) as wh:
        rows = health.builds(wh).to_dicts()
    assert [row["build"] for row in rows] == [4, 3, 2, 1]
    second = rows[2]
    assert second["is_increment"]
    assert (second["batches_added"], second["events_added"], second["reason"]) == (
        *(2, 6),
        "new events",
    )
    assert rows[3]["events_added"] is None
    assert all(row["is_kept"] and row["built_at"] and row["seconds"] for row in rows)
    for row in rows:
        with warehouse.open(home, build=row["build"]) as wh:
            assert wh.sql("select count(*) from session_events").fetchall() == [(row["events"],)]
            assert wh.sql("select count(*) from user_sessions").fetchall() == [(row["sessions"],)]


def test_checks_of_a_build_are_told_as_they_came_out(home):
    with warehouse.open(home) as wh:
        rows = health.checks(wh)
        assert rows.height == 13
        assert rows["bad_row_count"].sum() == 0
        assert "every session has one row" in rows["sentence"].to_list()
        assert health.refused(wh).is_empty()


@pytest.mark.parametrize(
    ("other", "error", "said"),
    [
        (42, NoBuild, r"No build 42 is there. Builds kept: 1, 2, 3, 4\."),
        ("2", ConfigError, "The other build is '2'. Wanted: the number of a kept build"),
        (True, ConfigError, "The other build is True"),
    ],
)
def test_a_build_that_is_none_is_refused(home, other, error, said):
    with warehouse.open(home) as wh, pytest.raises(error, match=said):
        health.build_diff(wh, other)


def test_built_at_is_utc(home):
    with warehouse.open(home) as wh:
        newest = health.builds(wh).row(0, named=True)
        assert newest["built_at"] == wh.built_at.astimezone(UTC).replace(tzinfo=None)
