"""Days that are one sorted file each are read as they lie, and make the sessions of sorted ones."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.lake import Lake
from etl.settings import load_settings
from tests.homes import pieces_of, tables
from tests.make import build_home, commit_events, event, settings_of
from tests.oracle import Oracle, assert_same_rows
from tests.warehouse.test_increments import settings_for
from tests.warehouse.test_oracle import histories
from warehouse import pieces
from warehouse.build import Build
from warehouse.lake_views import lay_out_events
from warehouse.runner import Tally, ancestors_of, kind_of, make, ordered_models

MIDNIGHT = datetime(2026, 3, 11)  # noqa: DTZ001
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
LATER = datetime(2026, 3, 20, tzinfo=UTC)
# Files of a day are some 7,000 bytes here.
TWO_DAYS, THREE_DAYS = 15_000, 22_000


def at(minutes: float, kind: str = "click", id: str | None = None, **columns: Any) -> dict:
    """An event of ann, so many minutes after midnight; by its id it lies among equal times."""
    named = {"event_id": id} if id else {}
    return event(MIDNIGHT + minutes * MINUTE, kind, **named, **columns)


def pieces_in_order(home: Path) -> list[int]:
    """How many days each piece has that is read as it lies."""
    lake = Lake(home)
    files = lake.event_files()
    found = pieces.pieces_of(lake, files, lake.sorted_files(lake.commits()))
    return [len(piece.files) for piece in found if piece.is_in_order]


def spans(build: Build) -> list[tuple[float, float, int]]:
    """First and last minute of ann's sessions after midnight, and their events."""
    with duckdb.connect(build.path, read_only=True) as con:
        return con.execute(
            "select epoch(start_time - $midnight) / 60, epoch(end_time - $midnight) / 60, "
            "event_count from user_sessions where user_id = 'ann' order by start_time, end_time",
            {"midnight": MIDNIGHT},
        ).fetchall()


# Somebody on every day, so that there are several pieces of several days.
OTHERS = [event(MIDNIGHT + (day - 2) * DAY + 600 * MINUTE, user_id="ben") for day in range(6)]


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        pytest.param([at(-10), at(10)], [(-10, 10, 2)], id="over midnight"),
        pytest.param([at(-10), at(20)], [(-10, 20, 2)], id="at the timeout"),
        pytest.param([at(-10), at(20.001)], [(-10, -10, 1), (20.001, 20.001, 1)], id="beyond it"),
        pytest.param(
            [at(-10), at(-5, "logout"), at(10)], [(-10, -5, 2), (10, 10, 1)], id="logged out before"
        ),
        pytest.param(
            [at(minute) for minute in range(-1450, 1460, 29)],
            [(-1450, 1450, 101)],
            id="over three midnights",
        ),
        pytest.param(
            [at(0, "logout", "a"), at(0, "click", "b"), at(5)],
            [(0, 0, 2), (5, 5, 1)],
            id="a logout ends all of its time",
        ),
        pytest.param(
            [at(100, "click", "a"), at(100, "session_start", "b"), at(105)],
            [(100, 105, 3)],
            id="a start comes first",
        ),
        pytest.param(
            [at(-3), at(-3, "logout", "a"), at(-3, "error", "b"), at(2)],
            [(-3, -3, 3), (2, 2, 1)],
            id="a logout at one time before midnight",
        ),
        pytest.param([at(0), at(1440)], [(0, 0, 1), (1440, 1440, 1)], id="at midnights"),
        pytest.param([at(-0.001), at(0)], [(-0.001, 0, 2)], id="around midnight"),
    ],
)
@pytest.mark.parametrize("most_bytes", [TWO_DAYS, THREE_DAYS])
def test_sessions_are_those_of_sorted_days(
    tmp_path: Path, events: list[dict], wanted: list[tuple], most_bytes: int
) -> None:
    home = tmp_path / "home"
    commit_events(home, [*events, *OTHERS])
    with pieces_of(most_bytes):
        assert max(pieces_in_order(home)) == most_bytes // 7000
        made = build_home(home, now=LATER)
    found = [(round(first, 6), round(last, 6), count) for first, last, count in spans(made)]
    assert found == wanted


def test_a_start_comes_before_what_is_told_of_the_same_time(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tied = [at(100, "page_view", "a", page="/late"), at(100, "session_start", "b", page="/first")]
    commit_events(home, [*tied, *OTHERS])
    with pieces_of(TWO_DAYS):
        build_home(home, now=LATER)
    with warehouse.open(home) as wh:
        entry = "select entry_page, exit_page from user_sessions where user_id = 'ann'"
        assert wh.sql(entry).fetchall() == [("/first", "/late")]
        numbers = "select event_number from session_events where user_id = 'ann' order by event_id"
        assert wh.sql(numbers).fetchall() == [(2,), (1,)]


def test_rows_keep_their_places_where_a_file_ends(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    # The engine reads 2,048 rows at a time, and puts few that are left behind later ones when a
    # join comes before the rows are numbered.
    commit_events(
        lake.home,
        [
            event(MIDNIGHT + day * DAY + (600 + number % 3) * MINUTE, user_id=f"u{number // 3:04d}")
            for day in range(3)
            for number in range(2048 + 13)
        ],
    )
    commits = lake.commits()
    models = ordered_models()
    needed = ancestors_of(models, ["int_sessionised_events"])
    with duckdb.connect(config={"threads": 1}) as con:
        lay_out_events(con, lake, commits, load_settings(lake.home), LATER)
        for model in models:
            if model.name == "int_timelines_in_order":
                con.execute(f"create temp view {model.name} as from int_timelines")
            elif model.name in needed:
                make(con, model, kind_of(model), Tally())
        places = (
            "select *, (event_time::date - $first::date) * 2061 + user_id[2:]::int * 3 "
            "+ minute(event_time) + 1 as place from int_sessionised_events"
        )
        # Neither asks for an order, so the engine keeps one only where the models do.
        for wrong in ("position <> place", "session_index <> (place + 2) // 3"):
            query = f"select count(*), count(*) filter ({wrong}) from ({places})"
            assert con.execute(query, {"first": MIDNIGHT}).fetchall() == [(3 * 2061, 0)]


@settings(max_examples=15)
@given(st.data())
def test_any_history_makes_the_same_build_in_pieces_of_any_size(data: st.DataObject) -> None:
    drawn, now, rules = data.draw(histories())
    events = [one | {"source": "web", "stream": "inactivity"} for one in drawn]
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        commit_events(home, events)
        chosen = settings_for(home, rules)
        clock = now.replace(tzinfo=UTC)
        with pieces_of(data.draw(st.sampled_from([1, TWO_DAYS, THREE_DAYS]))):
            as_they_lie = tables(build_home(home, chosen, now=clock).path)
        at_once = tables(build_home(home, chosen, full=True, now=clock).path)
        for name in at_once.keys() - {"load_runs"}:
            assert as_they_lie[name] == at_once[name], name
        with warehouse.open(home) as wh:
            query = "select *, len(pattern_indicators) as indicator_count from user_sessions"
            sessions = wh.sql(query).to_arrow_table().to_pylist()
    assert_same_rows(sessions, Oracle(events, now, rules).sessions, ("session_id",))


def sorted_days(home: Path) -> int:
    """How many days lie in order."""
    lake = Lake(home)
    return len(lake.sorted_files(lake.commits()))


def test_files_of_the_first_version_are_not_taken_to_be_sorted_by_id(tmp_path: Path) -> None:
    home = tmp_path / "home"
    commit_events(home, [at(0), at(1440)])
    assert sorted_days(home) == 2
    for record in Lake(home).commits_folder.glob("*.json"):
        told = json.loads(record.read_text())
        record.write_text(json.dumps(told | {"lake_version": 1}))
    assert sorted_days(home) == 0
    assert pieces_in_order(home) == []


def made_in_order(home: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Sequence[bool]:
    """Whether each piece of a full build was read as it lies."""
    found: list[bool] = []
    made = pieces.Piece.__init__

    def told(self: pieces.Piece, *args: Any, **named: Any) -> None:
        made(self, *args, **named)
        found.append(self.is_in_order)

    monkeypatch.setattr(pieces.Piece, "__init__", told)
    with pieces_of(TWO_DAYS):
        build_home(home, now=LATER, full=True, **options)
    return found


def test_long_timeouts_and_trackers_have_all_days_sorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    commit_events(home, OTHERS)
    assert any(made_in_order(home, monkeypatch))
    slow = settings_of(home, 'timeout = "5 h"')
    assert not any(made_in_order(home, monkeypatch, settings=slow))
    commit_events(home, [at(0, source="app", stream="tracker", tracker_session_id="t")])
    assert not any(made_in_order(home, monkeypatch))
