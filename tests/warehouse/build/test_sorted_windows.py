"""Windows over sorted rows: rewritten where the rows were sorted so, and with the same rows."""

import duckdb
import pytest
from hypothesis import given, settings

from tests.model_runs import run_models
from tests.oracle import Rules
from tests.search import some
from tests.warehouse.build.test_oracle import histories
from warehouse.build.model_files import Model, models
from warehouse.build.sorted_windows import without_sorting_again

SORTED = "select * from rows\n    order by timeline, time, id\n"
SESSIONS = "int_sessionised_events"


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        pytest.param(
            f"{SORTED}window timeline as (partition by timeline order by time, id)",
            f"{SORTED}window timeline as ()",
            id="the rows were sorted by the same",
        ),
        pytest.param(
            f"{SORTED}window timeline as (\n    partition by timeline order by time, id\n"
            "    rows unbounded preceding\n)",
            f"{SORTED}window timeline as (rows unbounded preceding)",
            id="a frame stays",
        ),
        pytest.param(
            f"{SORTED}window timeline as (partition by timeline order by time)",
            None,
            id="they were sorted by more",
        ),
        pytest.param(
            "window timeline as (partition by timeline order by time, id)",
            None,
            id="they were not sorted",
        ),
        pytest.param(
            f"{SORTED}window timeline as (partition by timeline order by time desc, id)",
            None,
            id="they were sorted the other way round",
        ),
        pytest.param(
            f"{SORTED}window in_a_row as (partition by timeline order by time, id)",
            None,
            id="a window of another name",
        ),
    ],
)
def test_a_window_is_all_rows_where_these_were_sorted_by_its_columns(
    sql: str, wanted: str | None
) -> None:
    assert without_sorting_again(sql) == (wanted or sql)


def test_the_events_of_all_timelines_are_sorted_once() -> None:
    (model,) = (model for model in models() if model.name == SESSIONS)
    with duckdb.connect() as con:
        for name in ("stg_events", "stg_settings", "int_tracked_users", "int_page_names"):
            con.execute(f"create table {name} as {_EMPTY[name]}")
        plans = [
            con.execute(f"explain {sql}").fetchall()[0][1]
            for sql in (model.sql, without_sorting_again(model.sql))
        ]
    assert ["PARTITION BY" in plan for plan in plans] == [True, False]
    assert "Streaming Window" in plans[1]


_EMPTY = {
    "stg_events": "select '' as event_id, '' as source, '' as stream, '' as user_id, "
    "now()::timestamp as event_time, '' as event_type, '' as tracker_key, '' as page",
    "stg_settings": "select [''] as first_events, [''] as last_events, 1 as timeout_us, "
    "1 as idle_timeout_us, [''] as ends, [''] as starts, [''] as idle_events",
    "int_tracked_users": "select '' as user_id, '' as tracker_key",
    "int_page_names": "select '' as raw_page, '' as page",
}


def sql_for_builds(model: Model) -> str:
    """A model's text as builds run it."""
    return without_sorting_again(model.sql)


@settings(max_examples=some(4, of=20))
@given(histories())
def test_sessions_are_the_same_with_and_without_sorting_again(
    history: tuple[list[dict], object, Rules],
) -> None:
    events, now, rules = history
    options = {
        name: getattr(rules, name) for name in ("time_zone", "timeout", "pattern_sessions")
    } | {"starts": tuple(rules.starts)}
    plain, rewritten = (
        run_models(events, now, sql_of=sql_of, **options)
        for sql_of in (lambda model: model.sql, sql_for_builds)
    )
    for table in ("user_sessions", "session_events", "overnight_days", "workflow_events"):
        query = f"from {table} order by all"
        assert plain.rows(query) == rewritten.rows(query), table
