"""GA4's BigQuery export: rows as JSON and Parquet, and the events they become."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.leaves import lost

Load = Callable[..., Any]
at = datetime.fromisoformat
# 2026-03-10 12:00:00 UTC.
NOON = 1773144000_000000


def value(given: str | int | float) -> dict[str, Any]:
    """A parameter's value as BigQuery writes it to JSON: integers as text."""
    if isinstance(given, str):
        return {"string_value": given}
    return {"int_value": str(given)} if isinstance(given, int) else {"double_value": given}


def row(name: str, second: float, params: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """A row of the export."""
    given = {"ga_session_id": 1773143990, "ga_session_number": 2} | params
    return {
        "event_date": "20260310",
        "event_timestamp": str(NOON + int(second * 1_000_000)),
        "event_name": name,
        "event_params": [{"key": key, "value": value(one)} for key, one in given.items()],
        "event_bundle_sequence_id": "948327668",
        "user_pseudo_id": "1166.17",
        "privacy_info": {"analytics_storage": "Yes"},
        "user_properties": [],
        "user_first_touch_timestamp": str(NOON),
        "device": {
            "category": "desktop",
            "operating_system": "Windows",
            "web_info": {"browser": "Chrome", "hostname": "shop.test"},
        },
        "geo": {"country": "Vietnam", "city": "(not set)"},
        "traffic_source": {"name": "launch", "medium": "cpc", "source": "news"},
        "stream_id": "1966",
        "platform": "WEB",
        "items": [],
    } | columns


def page(path: str, **params: Any) -> dict[str, Any]:
    """Parameters of an event on a page."""
    return {"page_location": f"https://shop.test{path}?gclid=1", "page_title": "Shop"} | params


PHONE = {"category": "mobile", "operating_system": "Android", "mobile_brand_name": "Nokia"}
ROWS = [
    row("first_visit", 0, page("/"), collected_traffic_source={"manual_source": "news"}),
    row("session_start", 0.25, page("/", session_engaged=1)),
    row(
        "page_view",
        1,
        page("/caps", page_referrer="https://search.test/", campaign="(referral)"),
        collected_traffic_source={"manual_campaign_name": "spring"},
        user_id="ann",
        user_properties=[
            {"key": "plan", "value": {"string_value": "pro", "set_timestamp_micros": "17"}}
        ],
    ),
    row("click", 2, page("/caps", outbound="true", link_url="https://maker.test/")),
    row("click", 3, page("/caps", campaign="autumn", chat_id="c-1")),
    row("scroll", 4, page("/caps", percent_scrolled=90)),
    row("view_search_results", 5, page("/find", search_term="red")),
    row("user_engagement", 6, page("/find", engagement_time_msec=1200, share=0.5)),
    row(
        "screen_view",
        7,
        {"firebase_screen": "Home", "firebase_screen_class": "MainActivity"},
        device=PHONE,
        platform="ANDROID",
        user_pseudo_id="ab12",
    ),
    row("video_start", 8, page("/tv"), device={"category": "smart tv"}),
]
NOBODY = row("page_view", 9, page("/"), user_pseudo_id=None)


def lines(rows: list[dict[str, Any]]) -> str:
    """The rows as lines of JSON."""
    return "".join(json.dumps(one) + "\n" for one in rows)


def test_rows_of_the_export_become_their_events(load_text: Load) -> None:
    loaded = load_text(lines([*ROWS, NOBODY]) + "{broken\n", "events_20260310.json")
    assert (loaded.outcome.format, loaded.outcome.source) == ("ga4", "ga4")
    assert loaded.counts == (12, 10, 0, 2)
    names = (
        *("event_time", "event_type", "user_id", "page", "referrer", "campaign"),
        *("device_type", "browser", "os"),
    )
    web = ("desktop", "Chrome", "Windows")
    visitor = "1166.17"
    search = "https://search.test/"

    def second(number: float) -> datetime:
        return at(f"2026-03-10 12:00:{number:05.2f}")

    assert [tuple(one[name] for name in names) for one in loaded.events()] == [
        # Of the user's first source only the first visit came.
        (second(0), "system", visitor, "/", None, "launch", *web),
        (second(0.25), "session_start", visitor, "/", None, None, *web),
        (second(1), "page_view", "ann", "/caps", search, "spring", *web),
        (second(2), "outbound_click", visitor, "/caps", None, None, *web),
        (second(3), "click", visitor, "/caps", None, "autumn", *web),
        (second(4), "scroll", visitor, "/caps", None, None, *web),
        (second(5), "search", visitor, "/find", None, None, *web),
        (second(6), "activity", visitor, "/find", None, None, *web),
        (second(7), "page_view", "ab12", "Home", None, None, "mobile", None, "Android"),
        (second(8), "video_start", visitor, "/tv", None, None, "other", None, None),
    ]
    assert {one["page_host"] for one in loaded.events() if one["browser"]} == {"shop.test"}
    assert [one["chat_id"] for one in loaded.events() if one["chat_id"]] == ["c-1"]
    assert [one["reason"] for one in loaded.rejected()] == ["no user", "not valid JSON"]


def test_a_session_id_is_unique_only_with_its_user(load_text: Load) -> None:
    known = row("page_view", 20, page("/"), user_pseudo_id=None, user_id="bob")
    events = load_text(lines([*ROWS, known])).events()
    assert [one["tracker_session_id"] for one in events[-4:]] == [
        *("1166.17.1773143990", "ab12.1773143990", "1166.17.1773143990", "bob.1773143990"),
    ]


def test_nobody_is_made_up_from_a_session_id(load_text: Load) -> None:
    loaded = load_text(lines([NOBODY]), sessions="tracker")
    assert loaded.counts == (1, 0, 0, 1)


def test_parameters_are_properties_with_their_types(load_text: Load) -> None:
    by_time = load_text(lines(ROWS)).events()
    assert by_time[7]["properties"] == {
        **{"ga_session_id": 1773143990, "ga_session_number": 2, "page_title": "Shop"},
        **{"page_location": "https://shop.test/find?gclid=1", "engagement_time_msec": 1200},
        "share": 0.5,
        **{k: v for k, v in ROWS[7].items() if k not in TAKEN},
    }
    assert by_time[2]["properties"]["user_properties"] == {"plan": "pro"}
    assert by_time[2]["properties"]["user_properties_set_timestamp_micros"] == {"plan": 17}


TAKEN = ("event_timestamp", "event_params", "user_pseudo_id")


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_nothing_of_a_row_is_dropped(load_text: Load, number: int) -> None:
    (event,) = load_text(lines([ROWS[number]])).events()
    # The names of parameters are keys now; only values are compared.
    keys = {param["key"] for param in ROWS[number]["event_params"]} | {"plan"}
    assert lost(ROWS[number], event) - keys <= {ROWS[number]["event_timestamp"]}


def test_two_equal_events_of_one_moment_stay_two(load_text: Load) -> None:
    assert load_text(lines([ROWS[3], ROWS[3]])).counts == (2, 2, 0, 0)
    assert load_text(lines([ROWS[3], ROWS[3], ROWS[4]]), "later.json").counts == (3, 1, 2, 0)


PARAM = pa.struct(
    [
        ("key", pa.string()),
        (
            "value",
            pa.struct(
                [
                    ("string_value", pa.string()),
                    ("int_value", pa.int64()),
                    ("float_value", pa.float64()),
                    ("double_value", pa.float64()),
                ]
            ),
        ),
    ]
)
PROPERTY = pa.struct(
    [
        ("key", pa.string()),
        ("value", pa.struct([*PARAM[1].type, ("set_timestamp_micros", pa.int64())])),
    ]
)
SCHEMA = pa.schema(
    [
        *(
            ("event_date", pa.string()),
            ("event_timestamp", pa.int64()),
            ("event_name", pa.string()),
        ),
        ("event_params", pa.list_(PARAM)),
        *(("event_bundle_sequence_id", pa.int64()), ("user_id", pa.string())),
        ("user_pseudo_id", pa.string()),
        ("privacy_info", pa.struct([("analytics_storage", pa.string())])),
        ("user_properties", pa.list_(PROPERTY)),
        ("user_first_touch_timestamp", pa.int64()),
        (
            "device",
            pa.struct(
                [
                    *(("category", pa.string()), ("mobile_brand_name", pa.string())),
                    ("operating_system", pa.string()),
                    ("web_info", pa.struct([("browser", pa.string()), ("hostname", pa.string())])),
                ]
            ),
        ),
        ("geo", pa.struct([("country", pa.string()), ("city", pa.string())])),
        (
            "traffic_source",
            pa.struct([("name", pa.string()), ("medium", pa.string()), ("source", pa.string())]),
        ),
        *(("stream_id", pa.string()), ("platform", pa.string())),
        ("items", pa.list_(pa.struct([("item_id", pa.string()), ("price", pa.float64())]))),
        (
            "collected_traffic_source",
            pa.struct([("manual_campaign_name", pa.string()), ("manual_source", pa.string())]),
        ),
    ]
)


def whole_numbers(given: Any) -> Any:
    """The row as it is in the table: integers that JSON wrote as text are integers."""
    if isinstance(given, list):
        return [whole_numbers(one) for one in given]
    if not isinstance(given, dict):
        return given
    texts = ("int_value", "set_timestamp_micros", "event_bundle_sequence_id")
    is_number = {*texts, "event_timestamp", "user_first_touch_timestamp"}
    return {
        key: int(one) if key in is_number and one is not None else whole_numbers(one)
        for key, one in given.items()
    }


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    """The rows as BigQuery exports them to Parquet."""
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist([whole_numbers(one) for one in rows], schema=SCHEMA)
    pq.write_table(table, sink, compression="snappy")
    return sink.getvalue().to_pybytes()


def with_text(rows: list[dict[str, Any]]) -> str:
    """The rows with their lists as text, as TO_JSON_STRING writes them."""
    lists = ("event_params", "user_properties")
    return lines([{k: json.dumps(v) if k in lists else v for k, v in o.items()} for o in rows])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("events.json.gz", gzip.compress(lines(ROWS).encode())),
        ("events.json", json.dumps(ROWS).encode()),
        ("events.parquet", as_parquet(ROWS)),
        ("events.ndjson", with_text(ROWS).encode()),
    ],
    ids=["JSON lines.gz", "JSON array", "Parquet", "lists as text"],
)
def test_every_container_holds_the_same_events(load_text: Load, name: str, content: bytes) -> None:
    loaded = load_text(content, name)
    assert (loaded.outcome.format, loaded.counts) == ("ga4", (10, 10, 0, 0))
    again = load_text(lines(ROWS), "plain.json", source="plain")
    assert again.counts == (10, 10, 0, 0)
    columns = ("event_time", "event_type", "user_id", "page", "campaign", "tracker_session_id")
    found: dict[str, list[Any]] = {"ga4": [], "plain": []}
    for one in loaded.events():
        params = [
            one["properties"].get(name) for name in ("page_title", "percent_scrolled", "share")
        ]
        found[one["source"]].append([*(one[name] for name in columns), *params])
    assert found["ga4"] == found["plain"]


@pytest.mark.parametrize(
    ("params", "page"),
    [
        ({"page_location": "https://shop.test/odd", "n": 1}, "/odd"),
        ("none of it", None),
        ([{"value": {"string_value": "x"}}, "y"], None),
        ([{"key": "a", "value": {"int_value": "many"}}, {"key": "b"}], None),
    ],
    ids=["an object", "a text", "entries without key", "odd values"],
)
def test_odd_parameters_are_kept(load_text: Load, params: Any, page: str | None) -> None:
    odd = ROWS[1] | {"event_params": params}
    (event,) = load_text(lines([odd])).events()
    assert event["page"] == page
    # Names of parameters are keys now.
    assert lost(odd, event) <= {odd["event_timestamp"], "a", "b"}


def test_staged_and_flattened_rows_are_recognised(load_text: Load) -> None:
    staged = {k: v for k, v in ROWS[2].items() if k not in ("user_pseudo_id", "event_date")}
    staged |= {"client_id": "1166.17", "ga_session_id": "5", "page_title": "Shop"}
    (event,) = load_text(lines([staged])).events()
    assert (event["source"], event["tracker_session_id"]) == ("ga4", "1166.17.1773143990")
    assert event["properties"]["event_params"]["page_title"] == "Shop"
    header = "event_name,event_timestamp,user_pseudo_id,ga_session_id,page_location\n"
    flat = load_text(header + f"page_view,{NOON},u-1,7,https://shop.test/a\n", "flat.csv")
    assert flat.outcome.format == "ga4"
    (event,) = [one for one in flat.events() if one["user_id"] == "u-1"]
    assert (event["page"], event["tracker_session_id"]) == ("/a", "u-1.7")


def test_other_exports_with_an_event_name_are_not_taken_for_it(load_text: Load) -> None:
    plain = {"event_name": "click", "event_timestamp": NOON, "user_id": "ann"}
    assert load_text(lines([plain])).outcome.format == "events"


@pytest.mark.peer_data
def test_a_sample_without_any_user_is_rejected_with_its_reason(
    load_text: Load, payload: Callable[[str], bytes]
) -> None:
    loaded = load_text(payload("ga4_bigquery_export_partial.jsonl"), "partial.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("ga4", (2, 0, 0, 2))
    assert {one["reason"] for one in loaded.rejected()} == {"no user"}


@pytest.mark.peer_data
def test_the_staged_sample_loads_without_a_flag(
    load_text: Load, payload: Callable[[str], bytes]
) -> None:
    loaded = load_text(payload("ga4_staged_full_row.jsonl"), "staged.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("ga4", (1, 1, 0, 0))
    (event,) = loaded.events()
    names = ("user_id", "event_type", "page", "page_host", "campaign", "device_type", "browser")
    assert [event[name] for name in names] == [
        *("1166526666.1617691776", "system"),
        *("/blog/2016/08/25/behavior-driven-testing-drupal-8", "www.velir.com", None),
        *("desktop", "Chrome"),
    ]
    assert event["tracker_session_id"] == "1166526666.1617691776.1617691775"
    assert event["event_time"] == at("2021-04-06 06:49:50.431476")
