"""Copies for scopes of rows: what is in one, what is not, and when it is made."""

from __future__ import annotations

import shutil

import pytest

import warehouse
from etl.config.settings import load_settings
from etl.errors import ConfigError
from tests.make import build_home, load_files, write_ndjson
from tests.scoped_home import CONFIG, SECRET, WEB, make_scoped_home
from warehouse import Filters
from warehouse.build.model_files import models
from warehouse.scopes import NoScope, scope_folder, scope_home, whole_home

WHERE = {"source": ["web"]}
ALL_BOTS = Filters(include_bots=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_scoped_home(tmp_path_factory.mktemp("scoped"))


@pytest.fixture(scope="module")
def whole(made):
    with warehouse.open(made) as wh:
        yield wh


@pytest.fixture(scope="module")
def scoped(made):
    with warehouse.open(of_team(made)) as wh:
        yield wh


@pytest.fixture
def home(made, tmp_path):
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def of_team(home):
    return scope_home(home, load_settings(home).access[0])


def rows(wh, text):
    return wh.sql(text).fetchall()


def tables(wh):
    names = "select table_name from duckdb_tables() union all select view_name from duckdb_views()"
    return [name for (name,) in rows(wh, f"from ({names}) where table_name not like '%$%'")]


def test_a_copy_has_every_table_of_a_build(whole, scoped):
    marts = {model.name for model in models() if model.is_mart}
    assert marts <= set(tables(scoped))
    for mart in marts:
        assert scoped.columns_of(mart) == whole.columns_of(mart), mart
    assert not {"event_parts", "table_parts", "gone_rows"} & set(tables(scoped))


def test_no_text_beyond_the_scope_is_in_any_table(whole, scoped):
    own = {model.name for model in models() if model.is_mart} | {"models", "row_scope"}
    told = {name: str(rows(scoped, f"from {name}")) for name in own}
    assert [name for name, text in told.items() if SECRET in text.lower()] == []
    # The search would find it.
    assert SECRET in str(rows(whole, "from user_sessions"))


def test_sessions_with_an_event_in_the_scope_and_their_events_in_it(whole, scoped):
    ids = "select session_id from session_events where source = 'web' group by all order by all"
    assert rows(scoped, "select session_id from user_sessions order by all") == rows(whole, ids)
    events = "from session_events where source = 'web' order by event_id"
    assert rows(scoped, "from session_events order by event_id") == rows(whole, events)


def test_numbers_of_a_session_are_of_the_whole_and_its_texts_of_the_scope(whole, scoped):
    bob = "from user_sessions where user_id = 'bob'"
    numbers = (
        "session_id, user_id, start_time, end_time, duration_seconds, event_count, query_count, "
        "price, session_number, is_bounce, user_key"
    )
    assert rows(scoped, f"select {numbers} {bob}") == rows(whole, f"select {numbers} {bob}")
    texts = "sources, entry_page, page_path, browser, referrer_host, tags, plan, rights, event_path"
    assert rows(scoped, f"select {texts} {bob}") == [
        (
            *(["web"], None, ["/docs"], None, None, [], None, []),
            ["page_view", "prompt", "model_response", "page_view", "prompt", "model_response"],
        )
    ]
    # Nothing is taken from a session that lies within.
    ann = "from user_sessions where user_id = 'ann' order by start_time"
    assert rows(scoped, ann) == rows(whole, ann)


def test_users_and_days_are_counted_from_these(scoped):
    users = "select user_id, session_count, event_count, active_day_count from users order by all"
    assert rows(scoped, users) == [
        ("ann", 2, 4, 2),
        ("bob", 1, 9, 1),
        ("eve", 1, 2, 1),
        ("fay", 1, 2, 1),
        ("passer-by", 1, 1, 1),
    ]
    days = (
        "select stat_date::varchar, total_sessions, unique_users, new_users "
        "from daily_session_stats where stream = 'all' order by all"
    )
    assert rows(scoped, days) == [
        ("2026-03-02", 2, 2, 2),
        ("2026-03-03", 1, 1, 1),
        ("2026-03-04", 1, 1, 1),
        ("2026-03-05", 1, 1, 0),
        ("2026-03-06", 1, 1, 0),
    ]


def test_facts_of_all_history_stay_those_of_the_product(whole, scoped):
    eve = "select first_event_time, first_date::varchar from users where user_id = 'eve'"
    assert rows(scoped, eve) == rows(whole, eve)
    numbers = "select session_number, is_new_user from user_sessions where user_id = 'eve'"
    assert rows(scoped, numbers) == [(2, False)]
    assert scoped.as_of == whole.as_of


def test_totals_are_those_under_the_same_filter(whole, scoped):
    for filters in (ALL_BOTS, Filters()):
        asked = Filters(where=WHERE, include_bots=filters.include_bots)
        mine = scoped.metrics.overview.totals(filters)
        assert mine.equals(whole.metrics.overview.totals(asked))
        assert mine["session_count"][0] > 0


def test_it_says_which_scope_it_is_and_tells_nothing_of_loads(scoped, whole):
    assert (scoped.scope, whole.scope) == ("team_a", None)
    assert rows(scoped, "from load_runs") == rows(scoped, "from rejected_summary") == []
    notes = "select comment from duckdb_columns() where table_name = 'users' and comment is null"
    assert rows(scoped, notes) == []


@pytest.mark.parametrize(
    ("where", "users"),
    {
        "of a session, one's own": ({"plan": ["free"]}, ["ann", "eve", "fay", "passer-by"]),
        "of a source, negated": ({"source": ["!= offside-app"]}, ["ann", "eve", "passer-by"]),
        "two": ({"source": ["web"], "query_count": [">= 1"]}, ["ann", "bob"]),
        "nothing": ({"source": ["nowhere"]}, []),
    }.values(),
)
def test_a_scope_of_a_notebook(whole, where, users):
    with whole.within(where) as copy:
        assert [name for (name,) in rows(copy, "select user_id from users order by 1")] == users
        asked = whole.metrics.overview.totals(Filters(where=where))
        assert copy.metrics.overview.totals(Filters()).equals(asked)
        folder = copy.home
        assert folder.exists()
    assert not folder.exists()


@pytest.mark.parametrize(("where", "said"), [({"colour": ["red"]}, "colour"), ({}, "no condition")])
def test_conditions_that_do_not_fit_are_refused(whole, where, said):
    with pytest.raises(ConfigError, match=said):
        whole.within(where)


def test_a_scope_within_a_scope_is_what_both_hold(scoped):
    with scoped.within({"source": ["web", "offside-app"], "query_count": [">= 1"]}) as copy:
        users = "select user_id, first_event_time from users order by all"
        known = "select user_id, first_event_time from users where user_id in ('ann', 'bob')"
        assert rows(copy, users) == rows(scoped, f"{known} order by all")
    with scoped.within({"source": ["offside-app"]}) as copy:
        assert rows(copy, "from session_events") == []


def test_ids_seen_together_are_those_of_events_in_the_scope(tmp_path):
    """Whatever it tells of who had which id, and when, is told by its own events."""
    free, pro = ({"plan": plan, "event": "page_view"} for plan in ("free", "pro"))
    events = [
        {"user_id": user, "anonymous_id": device, "time": f"2026-03-{day}T09:00:00Z", **plan}
        for day, user, device, plan in (
            *(("01", "ann", "kiosk", free), ("02", "bob", "phone", free)),
            *(("03", "bob", "kiosk", pro), ("04", "ann", "kiosk", pro), ("05", "ann", "tv", pro)),
        )
    ]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dwell.toml").write_text(CONFIG)
    load_files(tmp_path / "home", write_ndjson(tmp_path / "e.ndjson", events), source="web")
    build_home(tmp_path / "home")
    pairs = "select source, anonymous_id, user_id, {} group by all order by all"
    counted = "min(event_time), max(event_time), count(*) from session_events"
    told = "min(first_time), max(last_time), sum(event_count) from identity_pairs"
    with warehouse.open(tmp_path / "home") as wh, wh.within({"plan": ["free"]}) as copy:
        assert rows(wh, "select count(*) from identities where is_shared") == [(3,)]
        for each in (wh, copy):
            assert rows(each, pairs.format(told)) == rows(each, pairs.format(counted))
        ids = "select anonymous_id, user_id, is_shared from identities order by all"
        assert rows(copy, ids) == [("kiosk", "ann", False), ("phone", "bob", False)]


def test_a_copy_follows_each_build_and_two_are_kept(home):
    folder = of_team(home)
    for number in (2, 3):
        row = {**WEB[0], "user_id": f"new-{number}"}
        load_files(home, write_ndjson(home.parent / f"{number}.ndjson", [row]), source="web")
        build_home(home)
        with warehouse.open(folder) as wh:
            assert wh.build == warehouse.current_build(home) == number
            assert rows(wh, f"select count(*) from users where user_id = 'new-{number}'") == [(1,)]
    assert sorted(path.name for path in (folder / "builds").glob("wh-*")) == [
        "wh-000002.duckdb",
        "wh-000003.duckdb",
    ]
    with warehouse.open(folder, build=2) as older:
        assert older.as_of == warehouse.open(home, build=2).as_of


def test_other_conditions_are_another_copy_and_the_one_before_goes(home):
    before = of_team(home)
    (before / "segments.json").write_text('{"segments": {}}')
    (home / "dwell.toml").write_text(CONFIG.replace('["web"]', '["offside-app"]'))
    with pytest.raises(NoScope, match="dwell build"):
        of_team(home)
    build_home(home)
    after = of_team(home)
    with warehouse.open(after) as wh:
        assert rows(wh, "select distinct source from session_events") == [("offside-app",)]
    assert not (before / "builds").exists()
    # What was saved tells of the rows that were seen then: it is there again where these are.
    assert not (after / "segments.json").exists()
    (home / "dwell.toml").write_text(CONFIG)
    build_home(home)
    assert (of_team(home) / "segments.json").exists()


def test_a_scope_that_is_no_more_leaves_no_rows(home):
    folder = of_team(home)
    (home / "dwell.toml").write_text("")
    build_home(home)
    assert not (folder / "builds").exists()


def test_a_copy_that_cannot_be_made_is_told_and_stops_no_build(home):
    (home / "dwell.toml").write_text(CONFIG.replace("source =", "colour ="))
    settings = load_settings(home)
    [problem] = build_home(home, settings).scope_problems
    assert "team_a" in problem
    assert "colour" in problem
    assert not scope_folder(home, settings.access[0]).joinpath("builds", "current.json").exists()


def test_what_a_kill_left_of_a_copy_is_made_again(home):
    folder = of_team(home) / "builds"
    (folder / "current.json").unlink()
    (folder / "wh-000001.building").write_bytes(b"half")
    build_home(home)
    with warehouse.open(folder.parent) as wh:
        assert rows(wh, "select count(*) from user_sessions") == [(6,)]
    assert sorted(path.name for path in folder.iterdir()) == ["current.json", "wh-000001.duckdb"]


def test_a_copy_that_was_cut_by_other_rules_is_cut_anew(home, monkeypatch):
    copy = of_team(home) / "builds" / "wh-000001.duckdb"
    before = copy.stat().st_mtime_ns
    assert not build_home(home).is_new
    assert copy.stat().st_mtime_ns == before
    monkeypatch.setattr("warehouse.build.scopes.rules", lambda: "of a newer Dwell")
    assert not build_home(home).is_new
    assert copy.stat().st_mtime_ns > before
    with warehouse.open(of_team(home)) as wh:
        assert rows(wh, "select count(*) from user_sessions") == [(6,)]


def test_the_scoped_home_reads_the_dwell_toml_of_the_whole(home):
    assert load_settings(of_team(home)).access == load_settings(home).access


def test_a_home_in_a_folder_of_that_name_is_no_scope(tmp_path):
    home = tmp_path / "scopes" / "data"
    home.mkdir(parents=True)
    (home / "dwell.toml").write_text('time_zone = "Asia/Tokyo"\n')
    assert whole_home(home) == home
    assert load_settings(home).time_zone == "Asia/Tokyo"
