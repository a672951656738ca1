"""Builds: made when something changed, published whole, never in place of a better one."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from etl.errors import BuildError, CheckFailed
from tests.make import build_home, load_files, settings_of, write_ndjson
from warehouse.build import runner
from warehouse.build.model_files import Check, Model, checks, models
from warehouse.build_files import current


def add_events(folder: Path, number: int, users: int = 3) -> None:
    """Loads one more file of some users' events."""
    rows = [
        {"user": f"u{user}", "time": 1773144000 + number * 600 + user, "event": "click"}
        for user in range(users)
    ]
    load_files(folder / "home", write_ndjson(folder / f"in/{number}.ndjson", rows), source="web")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one file loaded and one build, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    add_events(folder, 0)
    build_home(folder / "home")
    return folder / "home"


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy of that home."""
    return Path(shutil.copytree(built, tmp_path / "home"))


def test_a_build_is_made_only_when_lake_settings_or_models_changed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build_home(home).is_new is False
    add_events(tmp_path, 1)
    assert build_home(home).reason == "new events"
    assert build_home(home).is_new is False
    assert "settings" in build_home(home, settings_of(home, 'timeout = "1 h"')).reason
    assert "settings" in build_home(home).reason
    changed = [Model(m.name, m.layer, m.sql + "\n-- a word more\n") for m in models()]
    for module in ("publish", "runner"):
        monkeypatch.setattr(f"warehouse.build.{module}.models", lambda: changed)
    assert "models" in build_home(home).reason


def test_settings_that_change_no_session_make_no_build(home: Path) -> None:
    assert build_home(home, settings_of(home, "keep_builds = 9")).is_new is False


def test_numbers_go_up_and_the_pointer_names_the_newest(home: Path, tmp_path: Path) -> None:
    add_events(tmp_path, 1)
    build = build_home(home)
    assert (build.number, build.path.name) == (2, "wh-000002.duckdb")
    pointer = json.loads((home / "builds/current.json").read_text())
    assert (pointer["build"], pointer["file"], pointer["events"]) == (2, build.path.name, 6)
    assert current(home).path == build.path


def test_events_that_somebody_removed_are_made_again(home: Path, tmp_path: Path) -> None:
    for path in (home / "builds/parts").iterdir():
        path.unlink()
    build = build_home(home)
    assert "the last build is damaged" in build.reason
    with warehouse.open(home) as wh:
        assert wh.sql("select count(*) from session_events").fetchall() == [(3,)]


def test_a_build_that_cannot_be_read_is_no_ground_for_the_next(home: Path, tmp_path: Path) -> None:
    current(home).path.write_text("no database")
    add_events(tmp_path, 1)
    assert build_home(home).events == 6


def test_a_home_that_was_moved_still_shows_its_events(home: Path, tmp_path: Path) -> None:
    moved = home.rename(tmp_path / "elsewhere")
    with warehouse.open(moved) as wh:
        for table in ("session_events", "user_sessions", "session_days", "users"):
            assert wh.sql(f"select count(*) from {table}").fetchall() == [(3,)], table


def test_the_last_builds_are_kept_and_a_reader_of_an_older_one_goes_on(home: Path) -> None:
    with warehouse.open(home) as reader:
        for _ in range(6):
            build_home(home, full=True)
        for kind, folder in (("wh", home / "builds"), ("events", home / "builds/parts")):
            kept = sorted(path.name for path in folder.glob(f"{kind}-*"))
            assert kept == [f"{kind}-{number:06d}.duckdb" for number in range(3, 8)]
        assert reader.build == 1
        assert reader.sql("select count(*) from session_events").fetchall() == [(3,)]


def test_a_full_build_says_what_the_last_one_said(home: Path, tmp_path: Path) -> None:
    for number in (3, 1, 2):
        add_events(tmp_path, number)
        build_home(home)
    tables = ("user_sessions", "session_events", "daily_session_stats", "users", "session_days")

    def content() -> dict[str, Any]:
        with warehouse.open(home) as wh:
            return {table: wh.sql(f"from {table} order by all").fetchall() for table in tables}

    before = content()
    build_home(home, full=True)
    assert content() == before


def test_a_failing_check_leaves_the_current_build(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_events(tmp_path, 1)
    bad = Check("user_sessions__none_is_there", "select session_id from user_sessions")
    monkeypatch.setattr(runner, "checks", lambda: [*checks(), bad])
    with pytest.raises(CheckFailed, match="user_sessions: none is there: 3 bad rows"):
        build_home(home)
    assert sorted(path.name for path in (home / "builds").iterdir()) == [
        *("builds.ndjson", "current.json", "parts", "wh-000001.duckdb"),
    ]
    assert current(home).number == 1
    with warehouse.open(home) as wh:
        (told,) = wh.metrics.health.refused().to_dicts()
    assert "user_sessions: none is there: 3 bad rows" in told["message"]
    monkeypatch.undo()
    assert (build_home(home).number, current(home).events) == (2, 6)
    with warehouse.open(home) as wh:
        assert wh.metrics.health.refused().is_empty()


def test_a_model_that_cannot_run_leaves_the_current_build(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Model("broken", "marts", "-- Breaks.\nselect 1 / 'x'::int as y from lake_events")
    monkeypatch.setattr(runner, "models", lambda: [*models(), broken])
    with pytest.raises(
        BuildError, match=r"(?s)Model broken could not be made.*current build stays"
    ):
        build_home(home, full=True)
    assert [path.name for path in (home / "builds").glob("wh-*")] == ["wh-000001.duckdb"]


def test_a_model_that_reads_what_is_not_there_is_named() -> None:
    lost = Model("lost", "marts", "select * from nowhere")
    with pytest.raises(BuildError, match="Model lost reads nowhere, which is no model"):
        runner.in_order([*models(), lost])


def test_models_come_after_what_they_read() -> None:
    names = [model.name for model in runner.in_order(models())]
    assert sorted(names) == sorted(model.name for model in models())
    for before, after in (
        ("stg_events", "int_sessionised_events"),
        ("int_sessionised_events", "user_sessions"),
        ("user_sessions", "daily_session_stats"),
    ):
        assert names.index(before) < names.index(after)


def test_what_a_killed_build_left_is_swept(home: Path) -> None:
    halves = ("wh-000002.building", "wh-000002.building.wal", "current.tmp")
    for name in (*halves, "parts/events-000002.building"):
        (home / "builds" / name).write_text("half")
    build_home(home)
    assert [path.name for path in (home / "builds/parts").iterdir()] == ["events-000001.duckdb"]
    assert sorted(path.name for path in (home / "builds").iterdir()) == [
        *("builds.ndjson", "current.json", "parts", "wh-000001.duckdb"),
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"file": "x"}'])
def test_a_pointer_that_cannot_be_read_is_made_anew(home: Path, content: str) -> None:
    (home / "builds/current.json").write_text(content)
    build = build_home(home)
    assert (build.number, build.events) == (2, 3)
    assert current(home).number == 2


def test_an_empty_lake_makes_an_empty_build(tmp_path: Path) -> None:
    build = build_home(tmp_path / "home")
    assert (build.sessions, build.events, build.as_of) == (0, 0, None)
    with warehouse.open(tmp_path / "home") as wh:
        assert wh.sql("from user_sessions").fetchall() == []


def test_files_are_written_for_older_notebooks_too(home: Path) -> None:
    with duckdb.connect(current(home).path, read_only=True) as con:
        tags = con.execute("select tags from duckdb_databases() where not internal").fetchall()
    assert "v1.5" in str(tags)


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.name)
def test_a_check_is_a_question_for_bad_rows_that_a_good_build_answers_with_none(
    home: Path, check: Check
) -> None:
    assert check.name.count("__") == 1
    with duckdb.connect(current(home).path) as con:
        if "lake_" not in check.sql and check.scope not in ("session", "part"):
            assert con.execute(check.sql).fetchall() == []


BREAKS = {
    "identities__no_two_intervals_of_an_anonymous_id_overlap": (
        "insert into identities by name select 'web' as source, 'x' as anonymous_id, "
        "unnest([1, 2]) as interval_number, timestamp '2026-03-10 12:00' as valid_from"
    ),
    "daily_session_stats__all_streams_are_one_row_a_day": (
        "update daily_session_stats set unique_users = unique_users + 9 where stream = 'all'"
    ),
    "daily_session_stats__totals_equal_those_of_sessions": "delete from daily_session_stats",
    "events__all_of_a_piece_are_in_its_sessions": "delete from int_session_totals",
    "events__no_event_is_there_twice": "insert into lake_events from lake_events",
    "session_events__a_part_holds_the_events_of_its_sessions": "delete from part_events",
    "user_sessions__a_number_is_of_one_user": "update user_sessions set user_key = 1",
    "user_sessions__a_user_has_one_number": (
        "insert into user_sessions select * replace (user_key + 1 as user_key) from user_sessions"
    ),
    "user_sessions__every_session_has_one_row": "insert into user_sessions from user_sessions",
    "user_sessions__no_key_or_time_is_null": "update user_sessions set user_id = null",
    "user_sessions__no_session_ends_before_it_starts": (
        "update user_sessions set end_time = start_time - interval 1 second"
    ),
    "user_sessions__no_user_is_in_two_sessions_at_once": (
        "insert into user_sessions select * replace ('x' || session_id as session_id, "
        "start_time - interval 1 minute as start_time, end_time + interval 1 hour as end_time) "
        "from user_sessions"
    ),
    "user_sessions__events_add_up_to_the_lake": "delete from user_sessions",
}


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.name)
def test_each_check_finds_what_it_looks_for(home: Path, check: Check) -> None:
    with duckdb.connect(current(home).path) as con:
        for name in ("lake_events", "part_events"):
            con.execute(f"create temp table {name} as from session_events")
        for name in ("int_sessions", "int_session_totals"):
            con.execute(f"create temp table {name} as from user_sessions")
        # Parts never change: what is broken is a copy.
        for name in ("user_sessions", "identities"):
            con.execute(f"create temp table {name}_copy as from {name}")
            con.execute(f"alter table temp.{name}_copy rename to {name}")
        con.execute(BREAKS[check.name])
        assert con.execute(check.sql).fetchall() != []
