"""The law of increments: any split of any events into batches, in any order, makes one build."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.config.own import OwnDimension, OwnMeasure
from etl.config.settings import Settings, load_settings
from etl.lake import Lake
from etl.lake.compact import compact
from tests.chat_histories import chat_histories
from tests.homes import lake_rows, tables
from tests.make import (
    NOON,
    build_home,
    commit_events,
    event,
    load_files,
    settings_of,
    write_ndjson,
)
from tests.oracle import Oracle, Rules, assert_same_rows
from tests.search import some
from tests.warehouse.build.test_oracle import histories
from warehouse import event_parts, table_parts
from warehouse.build import day_chunks, sessioniser, user_shares

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
# How long before the last build the others were made: events may have been ahead of their clock.
AGES = (timedelta(), MINUTE, 31 * MINUTE, DAY)

# Of what generated events tell: the columns are part of the law like all others.
OWN_DIMENSIONS = (
    OwnDimension("reason", "exit_reason", "Reason"),
    OwnDimension("words", "text", "Words", "any"),
    OwnDimension("host", "page_host", "Host", "latest"),
)
OWN_MEASURES = (
    OwnMeasure("x_mean", "x", "X", "avg"),
    OwnMeasure("y_last", "y", "Y", "last"),
    OwnMeasure("told_queries", "session.queries", "Queries told", "sum"),
)


def settings_for(home: Path, rules: Rules) -> Settings:
    """The settings of a home by the rules of an oracle."""
    return replace(
        load_settings(home),
        time_zone=rules.time_zone,
        timeout=rules.timeout,
        starts=tuple(rules.starts),
        internal_hosts=tuple(rules.internal_hosts),
        pattern_sessions=rules.pattern_sessions,
        pattern_actions=rules.pattern_actions,
        rage_clicks=rules.rage_clicks,
        rage_click_distance=rules.rage_click_distance,
        repeated_query_time=rules.repeated_query_time,
        dimensions=OWN_DIMENSIONS,
        measures=OWN_MEASURES,
    )


@contextmanager
def changed(module: ModuleType, name: str, value: int) -> Iterator[None]:
    """The module's number is this one meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, value)
        yield


@st.composite
def splits(draw: st.DrawFn, events: list[Any]) -> list[list[Any]]:
    """The events as batches, in any order: late ones come after those that follow them."""
    count = draw(st.integers(1, 4))
    batches: list[list[Any]] = [[] for _ in range(count)]
    for row in events:
        batches[draw(st.integers(0, count - 1))].append(row)
    return [batch for batch in batches if batch]


def merge_files(home: Path) -> None:
    """Merges all there is to merge."""
    lake = Lake(home)
    with duckdb.connect() as con:
        compact(con, lake, lake.sweep(), everything=True)


def assert_same_tables(got: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    """Every table, row by row."""
    assert got.keys() == wanted.keys()
    for name, rows in wanted.items():
        if name != "load_runs":
            assert got[name] == rows, name


@settings(max_examples=some(2, of=40))
@given(st.data())
def test_any_split_in_any_order_makes_the_same_build(data: st.DataObject) -> None:
    events, now, rules = data.draw(histories())
    # Of one year, or here and there in several.
    years = data.draw(st.sampled_from([0, 0, 3]))
    for number, row in enumerate(events):
        row["event_time"] -= number % (years + 1) * timedelta(days=366)
    batches = data.draw(splits(events))
    ages = data.draw(st.lists(st.sampled_from(AGES), max_size=len(batches) - 1))
    clocks = [now - age for age in sorted(ages, reverse=True)]
    clock = now.replace(tzinfo=UTC)
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        chosen = settings_for(home, rules)
        most = data.draw(st.sampled_from([1, 2, 8]))
        with changed(event_parts, "MOST_PARTS", most), changed(table_parts, "MOST_PARTS", most):
            for number, batch in enumerate(batches):
                commit_events(home, batch)
                if data.draw(st.booleans()):
                    merge_files(home)
                if number < len(clocks):
                    build_home(home, chosen, now=clocks[number].replace(tzinfo=UTC))
            build = build_home(home, chosen, now=clock)
        grown = tables(build.path)
        at_once = tables(build_home(home, chosen, full=True, now=clock).path)
        assert_same_tables(grown, at_once)
        # Chunks of a day each, as where days are large, or of some days.
        if not years:
            with (
                changed(day_chunks, "LAKE_BYTES", 0),
                changed(day_chunks, "CHUNK_BYTES", data.draw(st.sampled_from([1, 15_000]))),
            ):
                in_chunks = tables(build_home(home, chosen, full=True, now=clock).path)
            assert_same_tables(in_chunks, at_once)
        # A share of users for every core; sessions wait in tables, or in files.
        most_in_memory = data.draw(st.sampled_from([1_000, 0]))
        with (
            changed(user_shares, "SHARE_EVENTS", 1),
            changed(sessioniser, "MOST_SESSIONS_IN_MEMORY", most_in_memory),
        ):
            in_shares = tables(build_home(home, chosen, full=True, now=clock).path)
        assert_same_tables(in_shares, at_once)
        with warehouse.open(home) as wh:
            query = "select *, len(pattern_indicators) as indicator_count from user_sessions"
            sessions = wh.sql(query).to_arrow_table().to_pylist()
    assert_same_rows(sessions, Oracle(events, now, rules).sessions, ("session_id",))


@pytest.mark.long
@settings(max_examples=some(1, of=30))
@given(st.data())
def test_chats_grow_to_what_they_are_at_once(data: st.DataObject) -> None:
    events, now = data.draw(chat_histories(NOON))
    batches = data.draw(splits(events))
    ages = data.draw(st.lists(st.sampled_from(AGES), max_size=len(batches) - 1))
    clocks = [now - age for age in sorted(ages, reverse=True)]
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        for number, batch in enumerate(batches):
            commit_events(home, batch)
            if number < len(clocks):
                build_home(home, now=clocks[number].replace(tzinfo=UTC))
        clock = now.replace(tzinfo=UTC)
        by_increments = tables(build_home(home, now=clock).path)
        at_once = tables(build_home(home, full=True, now=clock).path)
    assert_same_tables(by_increments, at_once)


def test_what_comes_later_changes_the_answers_it_belongs_to(tmp_path: Path) -> None:
    home = tmp_path / "home"

    def of_chat(second: float, kind: str, **columns: Any) -> dict[str, Any]:
        return event(second * SECOND, kind, chat_id="c", **columns)

    batches = [
        [of_chat(0, "prompt"), of_chat(1, "model_response"), of_chat(2, "heartbeat")],
        # The session closes, then a later visit has feedback, and a late event names a prompt.
        [event(7200 * SECOND, user_id="ben")],
        [of_chat(9000, "feedback", properties={"value": "up"}), of_chat(9001, "prompt")],
        [of_chat(15, "prompt")],
    ]
    told = []
    for batch in batches:
        commit_events(home, batch)
        build = build_home(home, now=LATER)
        with warehouse.open(home) as wh:
            told += wh.sql(
                "select is_silent_failure, feedback, is_rephrased from responses"
            ).fetchall()
    assert told == [
        (None, None, False),
        (True, None, False),
        (False, "up", False),
        (True, None, True),
    ]
    assert_same_tables(tables(build.path), tables(build_home(home, full=True, now=LATER).path))


def clicks(user: str, *minutes: float, kind: str = "click") -> list[dict[str, Any]]:
    """A user's events, so many minutes after noon."""
    return [event(minute * MINUTE, kind, user_id=user) for minute in minutes]


def grown(home: Path, *batches: list[dict[str, Any]], **options: Any) -> list[str]:
    """Builds after each batch; why each build was made."""
    reasons = []
    for batch in batches:
        commit_events(home, batch)
        reasons.append(build_home(home, now=LATER, **options).reason)
    return reasons


LATER = (NOON + 9 * DAY).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the events of some users and a build of them, to be copied."""
    home = tmp_path_factory.mktemp("known") / "home"
    events = [*clicks("ann", 0, 5, 10, 60, 70, 1500), *clicks("ben", 8, 600), *clicks("eve", 9)]
    assert grown(home, events) == ["first build"]
    return home


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(clicks("ann", 35), id="an event that bridges two sessions"),
        pytest.param(clicks("ann", -30, 40.001, -1440), id="events at and beyond the timeout"),
        pytest.param(clicks("ann", 12, kind="logout"), id="a logout that divides a session"),
        pytest.param(clicks("ben", 5), id="an event before a user's first"),
        pytest.param(clicks("new", 5), id="a new user"),
        pytest.param(clicks("ann", 9 * 1440), id="an event of another day"),
    ],
)
def test_late_events_change_what_they_touch_alone(
    known: Path, tmp_path: Path, late: list[Any]
) -> None:
    home = Path(shutil.copytree(known, tmp_path / "home"))
    assert grown(home, late) == ["new events"]
    by_increments = tables(build_home(home, now=LATER).path)
    assert_same_tables(by_increments, tables(build_home(home, full=True, now=LATER).path))


def test_fractions_of_seconds_add_up_to_the_same_in_any_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    # As fractions these come to other digits when the first one is added last.
    durations = [0.2, 0.7, 0.2, 0.8, 0.3, 0.1]
    visits = [
        [event(hour * 60 * MINUTE + seconds * SECOND, user_id="ann") for seconds in (0, duration)]
        for hour, duration in enumerate(durations)
    ]
    grown(home, [row for visit in visits[1:] for row in visit], visits[0])
    by_increments = tables(build_home(home, now=LATER).path)
    assert_same_tables(by_increments, tables(build_home(home, full=True, now=LATER).path))


def test_sessions_that_new_events_do_not_touch_are_not_made_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    grown(home, clicks("ann", *range(0, 1000, 50)), clicks("ben", 3000), clicks("ben", 3100))
    with warehouse.open(home) as wh:
        rows = wh.sql("select rows from models where name = 'int_sessions'").fetchall()
        assert rows == [(2,)]
        assert wh.sql("select count(*) from event_parts").fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ('timeout = "10 min"', "settings changed: all history redone"),
        ("bounce_actions = 2", "settings changed: all history redone"),
        ('time_zone = "Europe/Berlin"', "settings changed: all history redone"),
    ],
)
def test_a_setting_that_changes_sessions_redoes_history(
    tmp_path: Path, change: str, reason: str
) -> None:
    home = tmp_path / "home"
    grown(home, clicks("ann", 0, 20, 40))
    assert build_home(home, settings_of(home, change), now=LATER).reason == reason


def test_the_first_query_of_a_stream_redoes_history(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = [*clicks("ann", -600), *clicks("eve", 0)]
    reasons = grown(home, before, clicks("ben", -300, kind="search"), clicks("ben", 0))
    assert reasons[1].startswith("first queries of the stream inactivity")
    assert reasons[2] == "new events"
    with warehouse.open(home) as wh:
        abandoned = "select user_id from user_sessions where is_abandoned order by 1"
        assert wh.sql(abandoned).fetchall() == [("ann",), ("ben",)]


def test_a_clock_that_was_set_back_redoes_history(tmp_path: Path) -> None:
    home = tmp_path / "home"
    grown(home, [*clicks("ann", 0), *clicks("ben", 2 * 1440)])
    commit_events(home, clicks("eve", 1))
    back = (NOON + timedelta(minutes=5)).replace(tzinfo=UTC)
    assert build_home(home, now=back).reason == "the clock was set back: all history redone"


def test_many_new_events_are_built_with_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.build.build_file._FEW_EVENTS", 3)
    home = tmp_path / "home"
    grown(home, clicks("ann", *range(12)), clicks("ben", 0, 1, 2), clicks("eve", *range(5)))
    with warehouse.open(home) as wh:
        assert wh.sql("select part from event_parts").fetchall() == [(3,)]


def test_small_parts_become_one_and_what_was_replaced_is_left_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with changed(event_parts, "MOST_PARTS", 3):
        grown(home, clicks("ann", *range(40)), *[clicks("ben", 5 * n) for n in range(6)])
    with warehouse.open(home) as wh:
        parts = wh.sql("select event_count from event_parts order by part").fetchall()
        assert len(parts) <= 3
        assert wh.sql("select count(*) from session_events").fetchall() == [(46,)]
        assert sum(count for (count,) in parts) < 60
    by_increments = tables(build_home(home, now=LATER).path)
    assert_same_tables(by_increments, tables(build_home(home, full=True, now=LATER).path))


def test_a_batch_that_is_replaced_in_a_load_after_a_new_one_has_history_redone(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    rows = [
        {"user": f"u{n}", "who": f"w{n % 2}", "time": 1_773_144_000 + n * 432_000, "event": "x"}
        for n in range(6)
    ]
    old = write_ndjson(tmp_path / "old.ndjson", rows)
    load_files(home, old, source="web")
    build_home(home, now=LATER)
    new = write_ndjson(tmp_path / "new.ndjson", [rows[0] | {"user": "new"}])
    load_files(home, new, source="web")
    load_files(home, old, source="web", map={"user": "who"})
    grown_build = tables(build_home(home, now=LATER).path)
    assert_same_tables(grown_build, tables(build_home(home, full=True, now=LATER).path))
    assert len(lake_rows(home)) == 7


def test_a_batch_that_lies_in_a_merged_file_is_added_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    grown(home, clicks("ann", 0), clicks("ben", -600))
    commit_events(home, clicks("ann", 10))
    merge_files(home)
    assert len(Lake(home).event_files()) == 1
    assert build_home(home, now=LATER).reason == "new events"
    by_increments = tables(build_home(home, now=LATER).path)
    with warehouse.open(home) as wh:
        assert wh.sql("select rows from models where name = 'int_sessions'").fetchall() == [(1,)]
    assert_same_tables(by_increments, tables(build_home(home, full=True, now=LATER).path))
