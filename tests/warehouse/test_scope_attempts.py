"""What somebody under a scope of rows may try to see others: by SQL, filters, segments, builds."""

from __future__ import annotations

import duckdb
import pytest

import warehouse
from etl.config.settings import load_settings
from tests.make import build_home
from tests.scoped_home import SECRET, make_scoped_home
from warehouse import DwellError, Filters
from warehouse.annotations import annotations
from warehouse.experiments import experiment_of
from warehouse.limited_sql import Limits, Question, answered
from warehouse.saved_funnels import read_funnels
from warehouse.scopes import scope_home
from warehouse.segments import read_segments, segments_or_problems

# Where the whole lies, in the texts below.
WHOLE, LAKE, PART = "$whole", "$lake", "$part"
SQL = {
    "all sessions": "from user_sessions",
    "all events": "from session_events",
    "of another source": "from session_events where source = 'offside-app'",
    "not of one's own": "from session_events where source <> 'web'",
    "an id of another": "from user_sessions where user_id = 'offside-cid'",
    "a union": "select user_id from users union select user_id from user_sessions",
    "a union of all": "select page from session_events union all select browser from user_sessions",
    "a schema of builds": "from in_parts.session_events",
    "main": "from main.session_events",
    "the file as a database": "from whole_build.main.user_sessions",
    "the copy's name": "from scope_copy.main.user_sessions",
    "a part": 'from "events-000001".session_events',
    "a part by its number": 'from "events-000001".main.user_sessions',
    "attach the whole": f"attach '{WHOLE}' as w",
    "attach a part": f"attach '{PART}' as w (read_only)",
    "read the whole": f"from read_duckdb('{WHOLE}', table_name = 'settings')",
    "read a part": f"from read_duckdb('{PART}', table_name = 'session_events')",
    "a file by its name": f"from '{PART}'",
    "the lake": f"from read_parquet('{LAKE}/**/*.parquet')",
    "the lake by glob": f"from glob('{LAKE}/**')",
    "the lake as text": f"from read_text('{LAKE}/log/*')",
    "the lake as blobs": f"from read_blob('{LAKE}/**')",
    "rejected rows": f"from read_csv('{LAKE}/rejected/**')",
    "dwell.toml": f"from read_text('{LAKE}/../dwell.toml')",
    "up and over": "from read_duckdb('../../../builds/wh-000001.duckdb', table_name = 'settings')",
    "parts it was made of": "from event_parts",
    "tables in parts": "from table_parts",
    "rows that are gone": "from gone_rows",
    "what was replaced": "from replaced_sessions",
    "databases": "select path from duckdb_databases()",
    "views and their texts": "select sql from duckdb_views()",
    "a list of tables": "from information_schema.tables",
    "all columns": "from duckdb_columns()",
    "open access again": "set enable_external_access = true",
    "another search path": "set search_path = 'in_parts'",
    "use another": "use in_parts",
    "pragma": "pragma database_list",
    "a macro": "create macro m() as table from session_events",
    "copy out": "copy session_events to '/tmp/x.csv'",
    "import": f"import database '{LAKE}'",
    "install": "install httpfs",
    "query by text": "from query('from session_events')",
    "query a table by name": "from query_table('session_events')",
    "the loads": "from load_runs",
    "what was rejected": "from rejected_summary",
    "the models": "from models",
    "patterns of all": "from pattern_scores",
    "who is who": "from identities",
    "pairs of ids": "from identity_pairs",
    "days of all sources": "from source_days",
    "days of all": "from daily_session_stats",
    "runs of workflows": "from workflow_executions",
    "a variable": "select getvariable('offside')",
    "the environment": "select getenv('HOME')",
    "samples": "from session_events using sample 100 percent",
    "summaries": "summarize user_sessions",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_scoped_home(tmp_path_factory.mktemp("tried"))


CONFIGURED = """
[segments.ours]
label = "offside label"
campaign = "offside-campaign"
[funnels.offside_way]
steps = ["offside_click", "page_view"]
[experiments.offside-test]
split = { a = 0.5, b = 0.5 }
[[annotations]]
date = 2026-03-02
text = "offside launch"
"""


@pytest.mark.parametrize("way", ["home", "environment", "config", "scope changed"])
def test_what_dwell_toml_tells_of_the_product_is_told_under_no_scope(
    home, within, monkeypatch, tmp_path, way
):
    config = tmp_path / "dwell.toml"
    written = (home / "dwell.toml").read_text()
    config.write_text(written + CONFIGURED)
    named = config if way != "environment" else None
    if named is None:
        monkeypatch.setenv("DWELL_CONFIG", str(config))
    whole = load_settings(home, named)
    told = (whole.annotations, whole.segments, whole.funnels, whole.experiments)
    assert all(told)
    shows = f"{written}shows_configured = true\n{CONFIGURED}"
    if way == "scope changed":
        # Whose folder this was has other rows by now, of which it says that it shows them.
        config.write_text(shows.replace('["web"]', '["web", "x"]'))
    cut = load_settings(within, named)
    assert (cut.annotations, cut.segments, cut.funnels, cut.experiments) == ((), (), (), ())
    assert cut.access
    if way != "scope changed":
        config.write_text(shows)
        same = load_settings(within, named)
        assert (same.annotations, same.segments, same.funnels, same.experiments) == told


def test_no_reader_of_a_scope_finds_what_dwell_toml_tells(home, within, monkeypatch, tmp_path):
    config = tmp_path / "dwell.toml"
    config.write_text((home / "dwell.toml").read_text() + CONFIGURED)
    monkeypatch.setenv("DWELL_CONFIG", str(config))
    for folder, are_there in ((home, True), (within, False)):
        assert bool(annotations(folder)) is are_there
        assert bool(segments_or_problems(folder).by_name) is are_there
        assert bool(read_funnels(folder)[0]) is are_there
        found = experiment_of(folder, Filters(), "model_group", ["a", "b"])
        assert (found is not None) is are_there
    with pytest.raises(DwellError, match=r"Unknown segment 'ours'\. None is known yet"):
        read_segments(within).conditions("ours")


@pytest.fixture(scope="module")
def within(home):
    return scope_home(home, load_settings(home).access[0])


@pytest.fixture(scope="module")
def scoped(within):
    with warehouse.open(within) as wh:
        yield wh


def rows_of(wh, text):
    """What a text comes to, in words; empty where it is refused."""
    try:
        return str(wh.sql(text).fetchall())
    except (duckdb.Error, DwellError):
        return ""


@pytest.mark.parametrize("name", SQL)
def test_sql_tells_no_row_of_others(home, scoped, name):
    text = (
        SQL[name]
        .replace(WHOLE, str(home / "builds" / "wh-000001.duckdb"))
        .replace(PART, str(home / "builds" / "parts" / "events-000001.duckdb"))
        .replace(LAKE, str(home / "lake"))
    )
    told = rows_of(scoped, text)
    assert SECRET not in told.replace(SQL[name], "")
    # What asks for the copy's own rows is answered.
    assert told or name not in ("all sessions", "a union", "main", "days of all")
    assert "wh-000001.duckdb" not in told or str(scoped.path) in told


ALL = Filters(include_bots=True)
FILTERS = {
    "another source": {"source": ["offside-app"]},
    "any but one's own": {"source": ["!= web"]},
    "a page beyond": {"exit_page": ["/offside-page"]},
    "pages that begin so": {"exit_page": ["/offside*"]},
    "a browser beyond": {"browser": [f"{SECRET}-browser"]},
    "a value of one's own": {"plan": [f"{SECRET}-plan"]},
    "a tag beyond": {"tag": [f"{SECRET}-tag"]},
    "a kind of query": {"query_type": [f"{SECRET}-kind"]},
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_and_segments_narrow_alone(scoped, name):
    asked = Filters(where=FILTERS[name], include_bots=True)
    assert scoped.metrics.sessions.count(asked)["session_count"].to_list() == [0]
    as_segment = Filters(segments=[FILTERS[name]], include_bots=True)
    assert scoped.metrics.overview.totals(as_segment)["session_count"].to_list() == [0]


def test_sessions_and_users_of_others_are_not_there(home, scoped):
    with warehouse.open(home) as whole:
        ids = whole.sql("select session_id, user_id from user_sessions").fetchall()
    mine = {one for (one,) in scoped.sql("select session_id from user_sessions").fetchall()}
    others = [(session, user) for session, user in ids if session not in mine]
    assert len(others) == 4
    for session, user in others:
        assert scoped.metrics.sessions.events(session).is_empty()
        if SECRET in user:
            assert scoped.metrics.users.profile(user).is_empty()
    assert SECRET not in str(scoped.metrics.sessions.search(ALL, text="offside").to_dicts())


def test_a_pinned_build_is_one_of_the_copies(home, within):
    build_home(home, load_settings(home), full=True)
    for number in (1, 2):
        with warehouse.open(within, build=number) as wh:
            assert SECRET not in rows_of(wh, "from user_sessions")
    (within / "builds" / "wh-000001.duckdb").unlink()
    with pytest.raises(warehouse.NoBuild):
        warehouse.open(within, build=1)


@pytest.mark.parametrize(
    "name", ["all events", "read a part", "attach the whole", "the lake as blobs", "databases"]
)
def test_the_process_that_asks_sql_has_no_way_out(home, within, name):
    text = (
        SQL[name]
        .replace(WHOLE, str(home / "builds" / "wh-000001.duckdb"))
        .replace(PART, str(home / "builds" / "parts" / "events-000001.duckdb"))
        .replace(LAKE, str(home / "lake"))
    )
    try:
        answer = answered(
            Question(within, warehouse.current_build(within), text, Limits(20.0, 500_000_000))
        )
    except DwellError:
        return
    assert SECRET.encode() not in answer
