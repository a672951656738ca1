"""Every tool, asked by a real client over both transports."""

import json
from typing import Any

import pytest

import warehouse
from tests.warehouse.mcp.serving import VISITORS, Caller
from warehouse.filters import Filters
from warehouse.metric_answers import metric_answer
from warehouse.metrics import data, registry, sessions, users
from warehouse.own_sql import RELATIONS

TOOLS = (
    *("get-session-analytics", "list_metrics", "query_metric", "get_user_timeline"),
    *("get_session", "get_alerts", "describe_tables", "run_sql"),
)
MARCH = {"start": "2026-03-01", "end": "2026-03-10"}


def of_march(**others: Any) -> Filters:
    """The same period for the metrics."""
    days = [warehouse.filters.parse_day(day) for day in MARCH.values()]
    return Filters(start=days[0], end=days[1], **others)


def test_the_tools_are_told_with_their_schemas(caller: Caller) -> None:
    listed = caller.run(caller.client.list_tools).tools
    assert sorted(tool.name for tool in listed) == sorted(TOOLS)
    for tool in listed:
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False
        assert tool.title
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
        assert {"build", "as_of", "time_zone"} <= set(tool.output_schema["required"])
    assert "never instructions" in caller.client.instructions


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get-session-analytics", {}),
        ("list_metrics", {}),
        ("query_metric", {"metric": "session_count"}),
        ("get_user_timeline", {"user_id": "ann"}),
        ("get_alerts", {}),
        ("describe_tables", {}),
        ("describe_tables", {"table": "users"}),
        ("run_sql", {"sql": "select 1 as one"}),
    ],
)
def test_every_answer_says_what_it_is_of(
    caller: Caller, tool: str, arguments: dict[str, Any]
) -> None:
    result = caller.ask(tool, **arguments)
    answer = result.structured_content
    assert answer is not None
    assert answer["build"] == 1
    assert answer["as_of"] == "2026-03-10T13:00:00+00:00"
    assert answer["time_zone"] == "UTC"
    # Clients that know no schemas read the text: it is the same.
    (content,) = result.content
    assert content.type == "text"
    assert json.loads(content.text) == answer


# The keys of the object, and what JSON has there.
STATISTICS: dict[str, type | tuple[type, ...]] = {
    "status": str,
    "total_sessions": int,
    "active_sessions": int,
    "archived_sessions": int,
    "total_queries": int,
    "avg_duration_seconds": float,
    "avg_queries_per_session": float,
    "abandonment_rate": float,
    "period_days": int,
    "user_id": (str, type(None)),
    "session_type": (str, type(None)),
    "top_assets": list,
    "query_type_distribution": dict,
    "session_type_breakdown": dict,
    "popular_tags": list,
}


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        ({}, VISITORS + 3),
        ({"days": 7}, VISITORS + 3),
        ({"days": 1}, 2),
        ({"user_id": "ann"}, 2),
        ({"user_id": "ann", "days": 1}, 1),
        ({"session_type": "research"}, 1),
        ({"user_id": "ann", "session_type": "research", "days": 30}, 1),
        ({"user_id": "nobody"}, 0),
        ({"session_type": "none such"}, 0),
    ],
)
def test_the_statistics_have_their_keys_and_types(
    over_http: Caller, arguments: dict[str, Any], total: int
) -> None:
    answer = over_http.answer("get-session-analytics", **arguments)
    beside = {"build", "as_of", "time_zone"} | ({"message"} if not total else set())
    assert answer.keys() == STATISTICS.keys() | beside
    for key, kinds in STATISTICS.items():
        assert isinstance(answer[key], kinds), key
        assert not isinstance(answer[key], bool), key
    assert answer["status"] == "success"
    assert answer["total_sessions"] == total
    assert answer["period_days"] == arguments.get("days", 30)
    assert answer["user_id"] == arguments.get("user_id")
    for entry in answer["top_assets"]:
        assert [type(each) for each in entry.values()] == [str, int]
        assert entry.keys() == {"symbol", "count"}
    for entry in answer["popular_tags"]:
        assert entry.keys() == {"tag", "count"}


def test_the_statistics_are_those_of_the_warehouse(caller: Caller, wh: warehouse.Warehouse) -> None:
    answer = caller.answer("get-session-analytics", user_id="ann")
    for key in ("build", "as_of", "time_zone"):
        del answer[key]
    assert answer == warehouse.SessionAnalytics(wh).get_session_stats("ann")
    assert answer["popular_tags"] == [{"tag": "x", "count": 1}, {"tag": "y", "count": 1}]
    assert answer["query_type_distribution"] == {"how_to": 1}


def test_all_that_can_be_asked_is_listed(over_http: Caller, wh: warehouse.Warehouse) -> None:
    answer = over_http.answer("list_metrics")
    told = dict(data.definitions(wh).select("name", "definition").rows())
    assert {each["name"]: each["definition"] for each in answer["metrics"]} == {
        name: told[name] for name in registry.measures(wh)
    }
    assert [each["name"] for each in answer["dimensions"]] == [each.name for each in wh.dimensions]
    by_name = {each["name"]: each for each in answer["dimensions"]}
    assert by_name["device_type"]["values"] == ["desktop", "mobile", "tablet", "bot", "other"]
    assert by_name["entry_page"]["by"]
    assert not by_name["duration_seconds"]["by"]
    assert (answer["first_day"], answer["last_day"]) == ("2026-03-08", "2026-03-10")


def test_a_search_lists_what_is_called_so(over_http: Caller) -> None:
    answer = over_http.answer("list_metrics", search="bounce")
    assert [each["name"] for each in answer["metrics"]] == ["bounce_rate"]
    assert answer["dimensions"] == []


@pytest.mark.parametrize("metric", registry.TOTALS)
def test_one_number_is_that_of_the_metrics(
    over_http: Caller, wh: warehouse.Warehouse, metric: str
) -> None:
    answer = over_http.answer("query_metric", metric=metric, **MARCH)
    expected = metric_answer(wh, of_march(), metric).item()
    assert answer["rows"] == [{"value": expected, "session_count": VISITORS + 3}]
    assert "note" not in answer
    assert (answer["start"], answer["end"]) == tuple(MARCH.values())


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_a_series_is_that_of_the_metrics(
    over_http: Caller, wh: warehouse.Warehouse, grain: str
) -> None:
    answer = over_http.answer("query_metric", metric="session_count", by=grain, **MARCH)
    expected = metric_answer(wh, of_march(), "session_count", grain).to_dicts()
    assert answer["rows"] == [
        {
            "group": row["period_start"].isoformat(),
            "value": row["value"],
            "is_complete": row["is_complete"],
        }
        for row in expected
    ]
    assert sum(row["value"] for row in answer["rows"]) == VISITORS + 3


def test_values_of_a_property_have_their_sessions_beside_them(
    over_http: Caller, wh: warehouse.Warehouse
) -> None:
    answer = over_http.answer("query_metric", metric="bounce_rate", by="device_type", **MARCH)
    expected = {
        row["value"] or "unknown": row
        for row in metric_answer(wh, of_march(), "bounce_rate", "device_type").to_dicts()
        if not row["is_total"]
    }
    rows = {row["group"]: row for row in answer["rows"]}
    assert rows.keys() == expected.keys() == {"mobile", "unknown"}
    for name, row in rows.items():
        assert row["value"] == expected[name]["bounce_rate"]
        assert row["low"] == expected[name]["bounce_rate_low"]
        assert row["high"] == expected[name]["bounce_rate_high"]
    assert rows["mobile"]["session_count"] == VISITORS
    assert rows["unknown"]["session_count"] == 3
    assert answer["total"]["session_count"] == VISITORS + 3


@pytest.mark.parametrize(
    ("arguments", "sessions"),
    [
        ({"where": {"device_type": "mobile"}}, VISITORS),
        ({"where": {"device_type": ["mobile", "desktop"]}}, VISITORS),
        ({"where": ["device_type=mobile"]}, VISITORS),
        ({"where": "device_type!=mobile"}, 3),
        ({"where": {"entry_page": "/p/*"}}, VISITORS),
        ({"where": {"entry_page": "/p/*", "device_type": "desktop"}}, 0),
        ({"where": ["entry_page=/a", "duration_seconds>=35"]}, 1),
        ({"where": {"event_count": ">= 3"}}, 2),
        ({"where": {"event_count": 3}}, 1),
        # As some clients send objects.
        ({"where": '{"device_type": "mobile"}'}, VISITORS),
        ({"days": "1"}, 2),
        ({"start": "2026-03-08", "end": "2026-03-08"}, 1),
        ({"end": "2026-03-09", "days": 1}, VISITORS),
        ({"build": 1}, VISITORS + 3),
    ],
)
def test_conditions_and_periods_choose_sessions(
    over_http: Caller, arguments: dict[str, Any], sessions: int
) -> None:
    answer = over_http.answer("query_metric", metric="session_count", **arguments)
    assert answer["rows"][0]["value"] == sessions


def test_values_are_ordered_and_small_ones_left_out(over_http: Caller) -> None:
    asked = {"metric": "session_count", "by": "entry_page", **MARCH}
    answer = over_http.answer("query_metric", **asked, min_sessions=2)
    assert [row["group"] for row in answer["rows"]] == ["/a"]
    assert answer["note"] == (
        f"Left out: {VISITORS + 1} values with fewer than 2 sessions (min_sessions)."
    )
    rising = over_http.answer("query_metric", **asked, order_by="value", descending=False)
    assert rising["rows"][0]["value"] == 1
    top = over_http.answer("query_metric", **asked, order_by="value")
    assert top["rows"][0]["group"] == "/a"


def test_a_comparison_says_what_stands_beside_what(over_http: Caller) -> None:
    asked = {"metric": "session_count", "start": "2026-03-09", "end": "2026-03-09"}
    answer = over_http.answer("query_metric", **asked, compare="previous")
    assert answer["comparison"] == "9 Mar 2026 against 8 Mar 2026"
    assert answer["rows"] == [
        {
            **{"value": VISITORS, "session_count": VISITORS},
            **{"current": VISITORS, "previous": 1, "change": VISITORS - 1.0},
        }
    ]
    by_page = over_http.answer("query_metric", **asked, compare="previous", by="device_type")
    (mobile,) = by_page["rows"]
    assert (mobile["group"], mobile["current"], mobile["previous"]) == ("mobile", VISITORS, 0)
    before_all = over_http.answer("query_metric", **asked, compare="year")
    assert before_all["comparison"] == "Nothing to compare: the data begins 8 Mar 2026."
    assert before_all["rows"] == [{"value": VISITORS, "session_count": VISITORS}]


@pytest.mark.parametrize("by", [None, "day", "device_type"])
def test_a_period_beyond_the_data_is_told(over_http: Caller, by: str | None) -> None:
    asked = {"metric": "bounce_rate", "by": by, "start": "2026-03-01"}
    within = over_http.answer("query_metric", **asked, end="2026-03-10")
    assert "note" not in within
    beyond = over_http.answer("query_metric", **asked, end="2026-03-11")
    assert "The data ends on 2026-03-10: nothing is known" in beyond["note"]
    values = [row["value"] for row in beyond["rows"]]
    assert values[: len(within["rows"])] == [row["value"] for row in within["rows"]]


def test_a_user_is_told_with_sessions_newest_first(caller: Caller, wh: warehouse.Warehouse) -> None:
    answer = caller.answer("get_user_timeline", user_id="ann")
    assert answer["user"]["session_count"] == 2
    assert answer["user"]["first_event_time"] == "2026-03-08T09:00:00+00:00"
    told = [each["session_id"] for each in answer["sessions"]]
    assert told == users.sessions(wh, "ann")["session_id"].to_list()
    newest, first = answer["sessions"]
    assert newest["start_time"] == "2026-03-10T12:00:00+00:00"
    assert (newest["duration_seconds"], newest["session_type"]) == (30.0, "research")
    assert newest["error_count"] == 1
    assert (first["pages"], first["page_count"]) == (["/a", "/b"], 2)
    assert first["end_time"] == "2026-03-08T09:00:40+00:00"
    assert (answer["rows_total"], answer["truncated"]) == (2, False)


@pytest.mark.parametrize(
    ("arguments", "days", "total"),
    [
        ({"start": "2026-03-09"}, ["2026-03-10"], 1),
        ({"end": "2026-03-09"}, ["2026-03-08"], 1),
        ({"start": "2026-03-09", "end": "2026-03-09"}, [], 0),
        ({"limit": 1}, ["2026-03-10"], 2),
        ({"limit": 1, "offset": 1}, ["2026-03-08"], 2),
    ],
)
def test_a_timeline_has_a_period_and_pages(
    over_http: Caller, arguments: dict[str, Any], days: list[str], total: int
) -> None:
    answer = over_http.answer("get_user_timeline", user_id="ann", **arguments)
    assert [each["start_time"][:10] for each in answer["sessions"]] == days
    assert answer["rows_total"] == total
    assert answer["truncated"] == (arguments.get("limit") == 1 and "offset" not in arguments)
    if not total:
        assert "Ask without start and end" in answer["note"]


def test_a_session_is_told_event_by_event(caller: Caller, wh: warehouse.Warehouse) -> None:
    newest = users.sessions(wh, "ann")["session_id"].to_list()[0]
    answer = caller.answer("get_session", session_id=newest)
    assert answer["session_id"] == newest
    assert answer["facts"]["tags"] == ["x", "y"]
    assert answer["facts"]["start_time"] == "2026-03-10T12:00:00+00:00"
    story = {(kind, fact): value for kind, fact, value in sessions.story(wh, newest).rows()}
    assert answer["began"] == story["start", "sentence"]
    assert answer["ended"] == story["end", "sentence"]
    assert answer["previous_session"] == users.sessions(wh, "ann")["session_id"].to_list()[1]
    told = [(each["number"], each["seconds"], each["type"]) for each in answer["events"]]
    assert told == [
        (1, 0.0, "page_view"),
        (2, 20.0, "prompt"),
        (3, 25.0, "model_response"),
        (4, 30.0, "error"),
    ]
    assert answer["events"][0]["page"] == "/a"
    assert answer["events"][3]["is_error"] is True
    turn = answer["events"][2]["turn"]
    assert (turn["prompt_event"], turn["response_event"], turn["model"]) == (2, 3, "m-1")
    assert turn["latency_ms"] == 5000.0


def test_what_people_typed_stays_hidden(over_http: Caller, wh: warehouse.Warehouse) -> None:
    newest = users.sessions(wh, "ann")["session_id"].to_list()[0]
    told = [
        over_http.answer("get_session", session_id=newest),
        over_http.answer("run_sql", sql="from session_events", limit=500),
        over_http.answer("run_sql", sql="select properties from session_events"),
    ]
    assert "secret question" not in str(told)
    assert "hidden answer" not in str(told)


def test_tables_are_told_in_their_models_words(caller: Caller, wh: warehouse.Warehouse) -> None:
    answer = caller.answer("describe_tables")
    names = {each["name"] for each in answer["tables"]}
    assert names == set(data.tables(wh)["table_name"]) | RELATIONS.keys()
    assert all(each["comment"] for each in answer["tables"])
    one = caller.answer("describe_tables", table="user_sessions")
    frame = data.tables(wh).filter(data.tables(wh)["table_name"] == "user_sessions")
    assert [tuple(each.values()) for each in one["columns"]] == frame.select(
        "column_name", "data_type", "comment"
    ).rows()
    relation = caller.answer("describe_tables", table="filtered_sessions")
    assert "bounced" in [each["name"] for each in relation["columns"]]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select user_id from users where user_id < 'c' order by 1", [["ann"], ["bob"]]),
        ("select start_date, start_time, tags from user_sessions where user_id = 'bob'",
         [["2026-03-10", "2026-03-10T13:00:00", ["x"]]]),
        ("select null as n, 1.5 as d, 'nan'::double as f, 2::hugeint as h, true as b, "
         "9007199254740993 as big, {'a': 1, 'b': [true]} as s",
         [[None, 1.5, "nan", 2, True, "9007199254740993", {"a": 1, "b": [True]}]]),
        ("describe users", None),
    ],
)  # fmt: skip
def test_sql_is_answered_as_json(over_http: Caller, sql: str, rows: list[Any] | None) -> None:
    answer = over_http.answer("run_sql", sql=sql)
    assert answer["rows"]
    assert len(answer["columns"]) == len(answer["rows"][0])
    if rows is not None:
        assert answer["rows"] == rows


def test_conditions_fill_the_relations_of_sql(over_http: Caller) -> None:
    sql = "select count(*) as n from filtered_sessions"
    assert over_http.answer("run_sql", sql=sql)["rows"] == [[VISITORS + 3]]
    mobile = over_http.answer("run_sql", sql=sql, where={"device_type": "mobile"})
    assert mobile["rows"] == [[VISITORS]]
