"""What is seen of a home, whatever happens to it meanwhile."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from etl.collector.spool_files import OPEN
from etl.config.settings import Settings
from etl.errors import NoBuild
from etl.lake import locked
from tests.warehouse.live.spooled import NOON, built_with, home_of, line, refreshed, spool
from warehouse import Filters
from warehouse.live import live as live_module
from warehouse.live import tail as tail_module
from warehouse.live.live import Live, Seen
from warehouse.metrics import active

NOW = NOON + timedelta(hours=1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    """A home with one build: ann, 5 minutes ago, and her query."""
    lines = [line(55, user_id="ann", session_id="a"), line(54, "query", user_id="ann")]
    return home_of(tmp_path_factory.mktemp("built") / "home", lines, NOW, config="")


@pytest.fixture
def settings(built: tuple[Path, Settings], tmp_path: Path) -> Settings:
    """Those of a copy of it."""
    shutil.copytree(built[0], tmp_path / "home")
    return replace(built[1], home=tmp_path / "home")


@pytest.fixture
def live(settings: Settings) -> Iterator[Live]:
    """The copy, looked at."""
    live = Live(settings.home, lambda: settings, threads=1, every=0)
    yield live
    live.close()


def users(seen: Seen) -> int:
    """How many are in a session, as far as is seen."""
    assert seen.live
    return int(active.totals(seen.live, Filters())["open_user_count"][0])


def test_a_home_without_a_build_has_none(tmp_path: Path) -> None:
    spool(tmp_path, [line(0, user_id="x")], "1")
    with pytest.raises(NoBuild):
        Live(tmp_path).look()


def test_a_home_without_a_collector_is_its_build(settings: Settings, live: Live) -> None:
    shutil.rmtree(settings.home / "landing")
    seen = live.look(NOW)
    assert (seen.live, seen.events, seen.problem) == (None, 0, None)


def test_a_tail_that_is_in_the_build_costs_nothing(live: Live) -> None:
    seen = live.look(NOW)
    assert (seen.live, seen.events, seen.problem) == (None, 0, None)
    assert live._of_build
    assert live._of_build.sessions is None


def test_the_token_changes_when_something_is_new(settings: Settings, live: Live) -> None:
    spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    first = live.look(NOW)
    assert (first.events, users(first)) == (1, 2)
    assert live.look(NOW) is first
    # It was sent again.
    spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    assert live.look(NOW) is first
    spool(settings.home, [line(59, user_id="cyd")], "2", is_open=True)
    second = live.look(NOW)
    assert second.token != first.token
    assert users(second) == 3


def test_what_was_seen_holds_for_a_moment(settings: Settings, live: Live) -> None:
    live.every = 60
    spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    seen = live.look(NOW)
    spool(settings.home, [line(59, user_id="cyd")], "2", is_open=True)
    assert live.look(NOW) is seen


def test_a_time_ahead_counts_once_it_has_come(settings: Settings, live: Live) -> None:
    spool(settings.home, [line(58, user_id="bob"), line(90, user_id="cyd")], "2", is_open=True)
    before = live.look(NOW)
    after = live.look(NOW + timedelta(minutes=40))
    assert before.live
    assert after.live
    assert (before.live.as_of, after.live.as_of) == (
        (NOON + timedelta(minutes=58)).replace(tzinfo=None),
        (NOON + timedelta(minutes=90)).replace(tzinfo=None),
    )


def test_a_build_takes_the_tail_over(settings: Settings, live: Live) -> None:
    (path,) = spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    assert live.look(NOW).events == 1
    path.rename(path.with_name(path.name.removesuffix(OPEN)))
    assert live.look(NOW).events == 1
    refreshed(settings, NOW)
    seen = live.look(NOW)
    assert (seen.build.number, seen.live, seen.events) == (2, None, 0)
    # A collector's file is removed once it is in the build.
    path.with_name(path.name.removesuffix(OPEN)).unlink()
    spool(settings.home, [line(59, user_id="bob")], "3", is_open=True)
    assert users(live.look(NOW)) == 2


def test_nothing_is_locked_or_written(settings: Settings, live: Live) -> None:
    spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    before = contents(settings.home)
    with locked(settings.home):
        assert live.look(NOW).events == 1
    assert contents(settings.home) == before


def contents(home: Path) -> dict[Path, int]:
    """All files of a home, and when each was changed."""
    files = [path for path in home.rglob("*") if path.name != ".lock"]
    return {path: path.stat().st_mtime_ns for path in files}


def no_lake(settings: Settings, live: Live) -> None:
    shutil.rmtree(settings.home / "lake" / "events")


def broken_lake(settings: Settings, live: Live) -> None:
    for path in (settings.home / "lake" / "log").iterdir():
        path.write_text("no record")


def other_settings(settings: Settings, live: Live) -> None:
    live.settings = lambda: replace(settings, timeout=timedelta(minutes=5))


def broken_settings(settings: Settings, live: Live) -> None:
    settings.home.joinpath("dwell.toml").write_text("nonsense = 1")
    live.settings = Live(settings.home).settings


PROBLEMS: dict[str, tuple[Callable[[Settings, Live], None], str]] = {
    "events that are gone": (no_lake, "'dwell check'"),
    "a log that is no log": (broken_lake, "lake"),
    "other settings than the build's": (other_settings, "dwell.toml has changed"),
    "settings that are none": (broken_settings, "nonsense"),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_keeps_from_the_tail_is_told_and_the_build_stays(
    settings: Settings, live: Live, problem: str
) -> None:
    change, told = PROBLEMS[problem]
    change(settings, live)
    spool(settings.home, [line(56, user_id="ann", session_id="a")], "2", is_open=True)
    seen = live.look(NOW)
    assert told in (seen.problem or "")
    with seen.answering(settings.home) as wh:
        assert active.totals(wh, Filters())["open_user_count"].to_list() == [1]


def test_what_kept_from_the_tail_is_tried_again(
    settings: Settings, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_settings(settings, live)
    spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    assert live.look(NOW).problem
    live.settings = lambda: settings
    assert live.look(NOW).problem
    monkeypatch.setattr(live_module, "_TRY_AGAIN_AFTER", 0)
    assert users(live.look(NOW)) == 2


def test_a_tail_that_is_too_long_waits_for_a_build(
    settings: Settings, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "MOST_LINES", 1)
    spool(settings.home, [line(57, user_id="ann"), line(58, user_id="bob")], "2")
    seen = live.look(NOW)
    assert "'dwell run'" in (seen.problem or "")
    assert live.look(NOW) is seen


def test_lines_that_are_no_events_are_passed_over(settings: Settings, live: Live) -> None:
    (path,) = spool(settings.home, [line(58, user_id="bob")], "2", is_open=True)
    with path.open("a") as handle:
        handle.write("no JSON\n" + '{"event_type": "x"}\n')
    assert live.look(NOW).events == 1
    with path.open("a") as handle:
        handle.write("no JSON\n")
    assert live.look(NOW).problem is None
    spool(settings.home, [line(59, user_id="cyd")], "2", is_open=True)
    assert users(live.look(NOW)) == 3


def test_lines_that_were_taken_back_no_longer_count(settings: Settings, live: Live) -> None:
    lines = [line(58, user_id="bob"), line(59, user_id="cyd")]
    (path,) = spool(settings.home, lines, "2", is_open=True)
    assert users(live.look(NOW)) == 3
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert users(live.look(NOW)) == 2


@pytest.mark.parametrize("known", [["18.0", "bob"], ["18", "18.0"]])
def test_a_user_is_called_alike_by_the_tail_and_the_build_whoever_is_beside(
    settings: Settings, live: Live, known: list[str]
) -> None:
    for minute, user in enumerate(known):
        spool(settings.home, [line(56 + minute, user_id=user)], "2", is_open=True)
        seen = live.look(NOW)
    asked = "select distinct user_id from user_sessions where user_id <> 'ann' order by 1"
    wanted = [(user,) for user in known]
    with seen.answering(settings.home) as wh:
        assert wh.sql(asked).fetchall() == wanted
    with built_with(settings, [], NOW, settings.home.parent / "copy") as wh:
        assert wh.sql(asked).fetchall() == wanted
