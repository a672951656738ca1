"""What a call that does not fit is told: what was met, and what is valid."""

from typing import Any

import pytest

from tests.warehouse.mcp.serving import Caller

# Tool, arguments, and words of the answer.
CASES: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("query_metrics", {}, ("Unknown tool 'query_metrics'", "Did you mean 'query_metric'?")),
    ("query_metric", {}, ("metric is missing", "list_metrics")),
    ("query_metric", {"metric": "bounce"}, ("Unknown metric", "'bounce_rate'")),
    (
        "query_metric",
        {"metric": "bounce_rate", "filters": {"browser": "Firefox"}},
        ("query_metric has no argument 'filters'", "Known: metric, by, where"),
    ),
    (
        "query_metric",
        {"metric": "bounce_rate", "segment": "x"},
        ("no argument 'segment'", "Did you mean 'segments'?"),
    ),
    ("query_metric", {"metric": "bounce_rate", "by": "referrer"}, ("'referrer_host'",)),
    ("query_metric", {"metric": "bounce_rate", "by": "year"}, ("Known: ", "month", "week")),
    (
        "query_metric",
        {"metric": "bounce_rate", "by": "duration_seconds"},
        ("duration_seconds of its own", "where"),
    ),
    ("query_metric", {"metric": "bounce_rate", "by": ["day", "os"]}, ("by is ['day', 'os']",)),
    ("query_metric", {"metric": "bounce_rate", "where": {"browsr": "x"}}, ("'browser'",)),
    ("query_metric", {"metric": "bounce_rate", "where": {"device_type": "phone"}}, ("mobile",)),
    ("query_metric", {"metric": "bounce_rate", "where": {"browser": []}}, ("has no value",)),
    ("query_metric", {"metric": "bounce_rate", "where": ["phone"]}, ("NAME=VALUE",)),
    ("query_metric", {"metric": "bounce_rate", "where": 7}, ("'7' is no condition",)),
    ("query_metric", {"metric": "bounce_rate", "where": [{"os": "x"}]}, ("where is", "texts such")),
    ("query_metric", {"metric": "bounce_rate", "segments": "none"}, ("Unknown segment 'none'",)),
    ("query_metric", {"metric": "bounce_rate", "start": "yesterday"}, ("is no day", "2026-11-01")),
    ("query_metric", {"metric": "bounce_rate", "end": "10.3.2026"}, ("is no day", "end 2026")),
    (
        "query_metric",
        {"metric": "bounce_rate", "start": "2026-03-10", "end": "2026-03-01"},
        ("after its end",),
    ),
    (
        "query_metric",
        {"metric": "bounce_rate", "start": "2026-03-10", "days": 3},
        ("Leave one of them out",),
    ),
    ("query_metric", {"metric": "bounce_rate", "days": 0}, ("0 days", "1 day or more")),
    ("query_metric", {"metric": "bounce_rate", "days": 10**9}, ("days",)),
    ("query_metric", {"metric": "bounce_rate", "days": "many"}, ("days is 'many'", "Default 30")),
    (
        "query_metric",
        {"metric": "bounce_rate", "compare": "last week"},
        ("'weekday', 'previous' or 'year'",),
    ),
    ("query_metric", {"metric": "bounce_rate", "order_by": "value"}, ("Give one as by",)),
    (
        "query_metric",
        {"metric": "bounce_rate", "by": "os", "order_by": "change"},
        ("needs a comparison",),
    ),
    ("query_metric", {"metric": "bounce_rate", "limit": 0}, ("limit is 0", "500")),
    ("query_metric", {"metric": "bounce_rate", "limit": 501}, ("limit is 501", "500")),
    ("query_metric", {"metric": "bounce_rate", "offset": -1}, ("offset is -1",)),
    ("query_metric", {"metric": "bounce_rate", "build": 99}, ("No build 99", "Builds kept: 1")),
    ("get-session-analytics", {"days": 0}, ("1 day or more",)),
    ("get-session-analytics", {"days": None}, ("days is None",)),
    ("get-session-analytics", {"user": "ann"}, ("no argument 'user'", "'user_id'")),
    ("get_user_timeline", {"user_id": "an"}, ("No user 'an'", "'ann'")),
    ("get_user_timeline", {"user_id": "zoe"}, ("No user 'zoe'", "run_sql")),
    ("get_user_timeline", {"user_id": "ann", "limit": 501}, ("limit is 501",)),
    ("get_session", {"session_id": "none"}, ("No session 'none'", "get_user_timeline")),
    ("get_session", {"session_id": "none", "show_texts": True}, ("hidden", "dwell.toml")),
    ("describe_tables", {"table": "sessions"}, ("user_sessions", "filtered_sessions")),
    ("describe_tables", {"table": "zzz"}, ("Unknown table", "session_events")),
    ("run_sql", {"sql": "select 1", "show_texts": True}, ("hidden", "dwell.toml")),
    (
        "run_sql",
        {"sql": "select count(*) from users", "where": {"os": "iOS"}},
        ("filtered_sessions", "SQL filters itself"),
    ),
    ("run_sql", {"sql": "delete from users"}, ("delete", "only read")),
    ("run_sql", {"sql": "select nothing from users"}, ("nothing", "Mend the query")),
    ("run_sql", {"sql": "select 1; select 2"}, ("2 queries", "one after the other")),
)  # fmt: skip


@pytest.mark.parametrize(("tool", "arguments", "words"), CASES)
def test_a_call_that_does_not_fit_is_told_what_does(
    over_http: Caller, tool: str, arguments: dict[str, Any], words: tuple[str, ...]
) -> None:
    text = over_http.refusal(tool, **arguments)
    for word in words:
        assert word in text
    # Short, in words of ours.
    assert len(text) < 700
    assert "pydantic" not in text
    assert "Error executing" not in text


# What each tool needs beside a number.
NEEDED = {
    "query_metric": {"metric": "bounce_rate", "by": "os"},
    "get_user_timeline": {"user_id": "ann"},
    "get_session": {"session_id": "none"},
    "run_sql": {"sql": "select 1"},
}


@pytest.mark.parametrize("number", [2**63, 2**70, -(2**70)])
def test_numbers_that_nothing_has_are_refused(over_http: Caller, number: int) -> None:
    tools = over_http.run(over_http.client.list_tools).tools
    counted = [
        (tool.name, name)
        for tool in tools
        for name, about in tool.input_schema["properties"].items()
        if "integer" in {about.get("type"), *(one.get("type") for one in about.get("anyOf", ()))}
    ]
    assert len(counted) > 10
    for tool, name in counted:
        said = over_http.refusal(tool, **NEEDED.get(tool, {}), **{name: number})
        assert "nobody expected" not in said, (tool, name)


def test_a_call_after_refusals_is_answered(over_http: Caller) -> None:
    over_http.refusal("query_metric", metric="none")
    assert over_http.answer("query_metric", metric="session_count")["rows"]
