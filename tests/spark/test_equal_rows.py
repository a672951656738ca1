"""Spark makes the rows that DuckDB makes: of generated histories, odd texts, and the demo."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.errors import BuildError
from etl.lake import Lake, locked
from tests.chat_histories import chat_histories
from tests.make import NOON, build_home, commit_events, event, settings_of
from tests.spark import engines
from tests.spark.histories import odd_events, of_the_law, rules_of_odd, side_by_side
from tests.warehouse.build.test_increment import settings_for
from tests.warehouse.build.test_oracle import histories
from warehouse.build import build
from warehouse.build.spark import SparkEngine
from warehouse.cli import main

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(engines.missing()), reason=engines.missing() or "Spark is here"),
    # Spark's own, of pandas 3, and of sockets that its client leaves to the collector of rubbish.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.mark.parametrize("number", [1, 2])
def test_histories_of_the_law_of_increments(tmp_path: Path, number: int) -> None:
    drawn = of_the_law(histories(), 150, number)
    # The rules are of one of them: each seed has others.
    settings = settings_for(tmp_path / "home", drawn[-1][2])
    settings = replace(settings, page_rules=("/:id",) if number == 2 else ())
    commit_events(settings.home, side_by_side([events for events, _, _ in drawn]))
    now = max(now for _, now, _ in drawn)
    one, other = engines.of_both(settings, now=now)
    assert not engines.unequal(one.path, other.path)
    assert one.sessions > 500


def test_odd_texts_and_chats(tmp_path: Path) -> None:
    chats = of_the_law(chat_histories(NOON), 60, 3)
    settings = replace(
        settings_for(tmp_path / "home", rules_of_odd()),
        page_rules=(":number", "/a/:id", "/ΟΔΟΣ => /İ"),
    )
    rows = side_by_side([odd_events(4, 6_000), *(events for events, _ in chats)])
    # One user of so many events that their places, times a million, need more than 32 bits.
    rows += [
        event(timedelta(seconds=20 * n), "click" if n % 7 else "page_view", user_id="many")
        for n in range(5_000)
    ]
    commit_events(settings.home, rows)
    one, other = engines.of_both(settings, now=datetime(2026, 3, 29, 6, tzinfo=UTC))
    assert not engines.unequal(one.path, other.path)


def test_a_build_of_spark_grows_as_one_of_duckdb(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = settings_of(home)
    commit_events(home, odd_events(5, 500))
    now = datetime(2026, 4, 1, tzinfo=UTC)
    engine = SparkEngine(engines.LOCAL, home)
    with locked(home):
        build(settings, full=True, now=now, make_sessions=engine.make_sessions)
    commit_events(home, [row | {"source": "late"} for row in odd_events(6, 100)])
    engine = SparkEngine(engines.LOCAL, home)
    with locked(home):
        grown = build(settings, now=now, make_sessions=engine.make_sessions)
    # What only adds is DuckDB's.
    assert not engine.has_run
    at_once = build_home(home, settings, full=True, now=now)
    assert not engines.unequal(grown.path, at_once.path)


def test_an_empty_lake(tmp_path: Path) -> None:
    one, other = engines.of_both(settings_of(tmp_path / "home"), now=NOON.replace(tzinfo=UTC))
    assert not engines.unequal(one.path, other.path)


def test_a_check_is_asked_on_spark(tmp_path: Path) -> None:
    home = tmp_path / "home"
    twice = event(timedelta(), event_id="same")
    commit_events(home, [twice])
    commit_events(home, [twice])
    engine = SparkEngine(engines.LOCAL, home)
    with locked(home), pytest.raises(BuildError, match="no event is there twice"):
        build(settings_of(home), full=True, make_sessions=engine.make_sessions)


def test_an_error_of_spark_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    commit_events(home, [event(timedelta())])
    before = build_home(home)
    spark = replace(engines.LOCAL, home=f"file:{tmp_path}/elsewhere")
    with locked(home), pytest.raises(BuildError) as refused:
        build(settings_of(home), full=True, make_sessions=SparkEngine(spark, home).make_sessions)
    assert "An executor of Spark cannot read or write the home" in str(refused.value)
    assert "docs/scale.md" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert json.loads((home / "builds/current.json").read_text())["build"] == before.number
    assert not list(Lake(home).spill.glob("*"))


def test_another_folder_of_the_same_name_is_found_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    commit_events(home, [event(timedelta())])
    build_home(home)
    # Executors that see a copy: what they write is not here.
    engine = _EngineThatCopies(engines.LOCAL, home)
    with locked(home), pytest.raises(BuildError, match="they see another folder"):
        build(settings_of(home), full=True, make_sessions=engine.make_sessions)


class _EngineThatCopies(SparkEngine):
    """As if what executors wrote went to a disk of their own."""

    def make_sessions(self, con, target, state) -> None:
        from warehouse.build import spark_session

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spark_session, "_answers", lambda folder, mark: 0)
            super().make_sessions(con, target, state)


def test_the_demo(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert main(["demo", "--no-dashboard", "--home", str(home)]) == 0
    one, other = engines.of_both(settings_of(home))
    assert not engines.unequal(one.path, other.path)
    assert one.sessions > 10_000
