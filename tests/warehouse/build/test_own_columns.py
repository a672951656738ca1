"""What dwell.toml adds: columns of sessions and users out of properties, metrics, and refusals."""

import re
from datetime import UTC, date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import warehouse
from etl.errors import ConfigError
from tests.homes import tables
from tests.make import NOON, build_home, commit_events, event, settings_of
from tests.warehouse.build.test_increment import assert_same_tables
from warehouse import Filters, Warehouse
from warehouse.metrics import breakdowns, data, normal, overview
from warehouse.query import sql_of

LATER = (NOON + timedelta(days=9)).replace(tzinfo=UTC)
MINUTE = timedelta(minutes=1)

COLUMNS = """
[dimensions.plan]
property = "plan"

[dimensions.topic]
property = "topic"
take = "any"

[dimensions.team]
property = "account.team"
label = "Team of the user"
take = "latest"

[dimensions.host]
property = "page_host"

[measures.mean_ms]
property = "ms"
take = "avg"

[measures.sum_ms]
property = "ms"
take = "sum"

[measures.max_ms]
property = "ms"
take = "max"

[measures.last_ms]
property = "ms"
"""

METRICS = """
[metrics.deep_reads]
label = "Deep reads"
unit = "rate"
better = "up"
sql = "avg((engaged_seconds >= 30)::int)  -- of all"

[metrics.slowest]
sql = "max(max_ms)"
"""


def told(user: str, minute: float, **others: Any) -> dict[str, Any]:
    """A click that tells properties; page_host is a column of its own."""
    columns = {"page_host": others.pop("page_host")} if "page_host" in others else {}
    return event(minute * MINUTE, user_id=user, properties=others or None, **columns)


EVENTS = (
    told("ann", 0, plan="", topic=["b", "", None, "a"], ms=10),
    told("ann", 1, plan="pro", topic="c", ms="20.5", page_host="a.test"),
    told("ann", 2, plan="free", topic=[], ms="fast", account={"team": "x"}),
    told("ann", 100, account={"team": "y"}, ms=1e400),
    told("ben", 0, plan=True, ms=None, **{"account.team": "z"}),
    told("eve", 0),
)
WANTED = {
    ("ann", 1): ("pro", ["a", "b", "c"], "x", "a.test", 15.25, 30.5, 20.5, 20.5),
    ("ann", 2): (None, [], "y", None, None, None, None, None),
    ("ben", 1): ("true", [], "z", None, None, None, None, None),
    ("eve", 1): (None, [], None, None, None, None, None, None),
}
NAMES = "plan, topic, team, host, mean_ms, sum_ms, max_ms, last_ms"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the columns and metrics, built in two steps."""
    home = tmp_path_factory.mktemp("own") / "home"
    settings = settings_of(home, COLUMNS + METRICS)
    for events in (EVENTS[::2], EVENTS[1::2]):
        commit_events(home, events)
        build_home(home, settings, now=LATER)
    return home


@pytest.fixture(scope="module")
def wh(home: Path) -> Warehouse:
    return warehouse.open(home)


def test_sessions_have_what_their_events_tell(wh: Warehouse) -> None:
    rows = wh.sql(f"select user_id, session_number, {NAMES} from user_sessions").fetchall()
    assert {row[:2]: row[2:] for row in rows} == WANTED


def test_users_have_the_latest_value_told(wh: Warehouse) -> None:
    rows = wh.sql("select user_id, team from users order by user_id").fetchall()
    assert rows == [("ann", "y"), ("ben", "z"), ("eve", None)]


def test_a_build_that_grew_is_that_of_everything(home: Path, tmp_path: Path) -> None:
    # One process opens a file in one way alone, and the others read this one.
    other = Path(copytree(home, tmp_path / "home"))
    settings = settings_of(other, COLUMNS + METRICS)
    grown = tables(other / "builds" / "wh-000002.duckdb")
    assert_same_tables(grown, tables(build_home(other, settings, full=True, now=LATER).path))


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"plan": "pro"}, 1),
        ({"plan": "!= pro"}, 3),
        ({"plan": None}, 2),
        ({"plan": ["pro", "true"]}, 2),
        ({"topic": "a"}, 1),
        ({"topic": "(not known)"}, 3),
        ({"team": "y"}, 2),
        ({"team": "x"}, 0),
        ({"mean_ms": ">= 15.25"}, 1),
        ({"last_ms": "20..21", "plan": "pro"}, 1),
        ({"sum_ms": None}, 3),
    ],
    ids=str,
)
def test_own_dimensions_filter_like_all_others(
    wh: Warehouse, where: dict[str, Any], count: int
) -> None:
    filters = Filters(where=where)
    assert overview.totals(wh, filters)["session_count"].item() == count


def test_own_dimensions_break_down_like_all_others(wh: Warehouse) -> None:
    columns = ("value", "is_total", "session_count", "user_count")
    by_topic = breakdowns.by(wh, Filters(), "topic", columns[2:]).select(columns).rows()
    assert by_topic == [
        ("a", False, 1, 1),
        ("b", False, 1, 1),
        ("c", False, 1, 1),
        (None, False, 3, 3),
        (None, True, 4, 3),
    ]
    by_team = overview.breakdown(wh, Filters(), "team").select("value", "session_count").rows()
    assert by_team == [("y", 2), ("z", 1), (None, 1)]
    assert data.values(wh, Filters(), "plan")["value"].to_list() == [None, "pro", "true"]


def test_own_metrics_are_told_wherever_metrics_are(wh: Warehouse) -> None:
    totals = overview.totals(wh, Filters()).row(0, named=True)
    # One of four has 60 s of engaged time, capped at 30 s a gap.
    assert (totals["deep_reads"], totals["slowest"]) == (0.25, 20.5)
    assert overview.series(wh, Filters(), "deep_reads", "month")["value"].to_list() == [0.25]
    rates = breakdowns.by(wh, Filters(), "plan", ("deep_reads",)).select("value", "deep_reads")
    assert rates.rows() == [("pro", 1.0), ("true", 0.0), (None, 0.0), (None, 0.25)]
    filters = Filters.last_days(30, wh.as_of_date)
    assert {"deep_reads", "slowest"} <= set(overview.change(wh, filters)["metric"])
    nobody = overview.totals(wh, Filters(where={"plan": "none"})).row(0, named=True)
    assert (nobody["session_count"], nobody["deep_reads"]) == (0, None)


def test_the_registries_of_a_build_tell_of_its_own(wh: Warehouse) -> None:
    own = wh.sql("select name, scope, kind, is_list from dimensions where is_own").fetchall()
    assert [row[0] for row in own] == NAMES.split(", ")
    assert own[2] == ("team", "user is", "text", False)
    metric = data.definitions(wh).filter(name="deep_reads").row(0, named=True)
    assert (metric["label"], metric["unit"], metric["better"]) == ("Deep reads", "rate", 1)
    notes = data.columns(wh, "user_sessions")
    assert "Plan: first plan" in notes.filter(column_name="plan")["comment"].item()


def test_a_name_that_the_build_does_not_have_is_refused_when_it_is_asked(wh: Warehouse) -> None:
    for where, said in (
        ({"plann": "pro"}, "Unknown dimension 'plann'. Did you mean 'plan'?"),
        ({"mean_ms": "fast"}, "mean_ms 'fast' is no number."),
        ({"plan": "/docs*x", "mean_ms": "5..1"}, "takes nothing"),
    ):
        with pytest.raises(ConfigError, match=re.escape(said)):
            overview.totals(wh, Filters(where=where))
    with pytest.raises(ConfigError, match="Unknown dimension 'mean_ms'"):
        breakdowns.by(wh, Filters(), "mean_ms")


def test_own_metrics_have_no_band_and_no_zero_for_what_was_not_there(wh: Warehouse) -> None:
    band = normal.band(wh, Filters(), ("slowest", "session_count"))
    assert band["slowest"].drop_nulls().to_list() == [20.5]
    assert band["slowest_low"].null_count() == band["slowest_high"].null_count() == band.height
    later = Filters(wh.as_of_date, wh.as_of_date)
    before = Filters(date(2026, 3, 9), date(2026, 3, 9))
    told = breakdowns.change(wh, later, "plan", ("slowest",), compare=before)
    assert told["slowest_previous"].null_count() == told.height


def test_the_sql_beside_a_number_has_its_own_metrics(wh: Warehouse) -> None:
    assert "max(max_ms)" in sql_of("overview.totals", wh=wh)
    assert "max(max_ms)" not in sql_of("overview.totals")


def test_changed_metrics_do_not_redo_history(tmp_path: Path) -> None:
    home = tmp_path / "home"
    commit_events(home, EVENTS[:3])
    reasons = [
        build_home(home, settings_of(home, text), now=LATER).reason
        for text in (COLUMNS, COLUMNS + METRICS, COLUMNS, COLUMNS.replace("avg", "sum"))
    ]
    changed = "metrics of dwell.toml changed"
    assert reasons == ["first build", changed, changed, "settings changed: all history redone"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[dimensions.browser]\nproperty = 'b'", "Dwell calls something else 'browser'"),
        ("[dimensions.group]\nproperty = 'b'", "Dwell calls something else 'group'"),
        ("[measures.period]\nproperty = 'b'", "Dwell calls something else 'period'"),
        ("[measures.timed_seconds]\nproperty = 'b'", "something else 'timed_seconds'"),
        ("[measures.bounced]\nproperty = 'b'", "Dwell calls something else 'bounced'"),
        ("[dimensions.value_rank]\nproperty = 'b'", "something else 'value_rank'"),
        ("[dimensions.dimension_value]\nproperty = 'b'", "something else 'dimension_value'"),
        ("[dimensions.left]\nproperty = 'b'", "Dwell calls something else 'left'"),
        ("[dimensions.across]\nproperty = 'b'", "Dwell calls something else 'across'"),
        ("[dimensions.segment_1_browser]\nproperty = 'b'", "something else 'segment_1_browser'"),
        ("[metrics.is_complete]\nsql = 'avg(1)'", "Dwell calls something else 'is_complete'"),
        ("[metrics.bounce]\nsql = 'avg(1)'", "Dwell calls something else 'bounce'"),
        ("[metrics.bounce_rate]\nsql = 'avg(1)'", "Dwell calls something else 'bounce_rate'"),
        ("[metrics.my_count]\nsql = 'count(*)'", "cannot end with _count"),
        ("[dimensions.a]\nproperty = 'a'\n[measures.a]\nproperty = 'a'", "[dimensions.a]"),
    ],
)
def test_names_that_are_taken_are_refused(tmp_path: Path, text: str, said: str) -> None:
    home = tmp_path / "home"
    with pytest.raises(ConfigError, match=re.escape(said)):
        build_home(home, settings_of(home, text), now=LATER)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("avg(engaged_seconds", "cannot be read"),
        ("avg(engaged_seconds) as x", "cannot be read"),
        ("avg(a), avg(b)", "names a, which is no column"),
        ("avg(a)) as x, (avg(b)", "is not one expression"),
        ("avg(a)) from sessions union all select (1", "is not one expression"),
        ("(select count(*) from users)", "has a query of its own"),
        ("count(*) filter (user_id in (select 'a'))", "has a query of its own"),
        ("sum(count(*)) over ()", "looks from one session at others"),
        ("max($first_date)", "is not one expression"),
        ("count(columns(*))", "has a star in it"),
        ("max(random())", "calls random()"),
        ("max(now())", "calls now()"),
        ("max(getenv('HOME'))", "calls getenv()"),
        ("max(current_setting('threads'))", "calls current_setting()"),
        ("avg(sessions.engaged_seconds)", "names sessions.engaged_seconds, which is no column"),
        ("max(epoch(current_date))", "names current_date, which is no column"),
        ("max(epoch(age(start_time)))", "calls age()"),
        ("reservoir_quantile(engaged_seconds, 0.5)", "calls reservoir_quantile()"),
        ("approx_quantile(engaged_seconds, 0.5)", "calls approx_quantile()"),
        ("max(list_filter(tags, lambda t: t = engaged))", "names engaged, which is no column"),
        ("engaged_seconds", "says something of each session"),
        ("avg(engaged_second)", "Did you mean 'engaged_seconds'?"),
        ("max(browser)", "cannot be computed"),
    ],
)
def test_expressions_that_are_no_metric_are_refused(tmp_path: Path, sql: str, said: str) -> None:
    home = tmp_path / "home"
    commit_events(home, [event(MINUTE, browser="Firefox")])
    settings = settings_of(home, f"[metrics.mine]\nsql = '''{sql}'''")
    with pytest.raises(ConfigError, match=re.escape(said)) as refused:
        build_home(home, settings, now=LATER)
    assert "[metrics.mine]" in str(refused.value)
