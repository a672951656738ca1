"""Rows of AWS's clickstream table: what they become."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.exports import as_csv, as_lines, as_parquet, columns_of, lost, picked

Load = Callable[..., Any]
at = datetime.fromisoformat


def row(number: int, name: str, **fields: Any) -> dict[str, Any]:
    """A row of the table with its nulls spelt out, `number` seconds after 09:00 UTC."""
    return {
        "event_id": f"e-{number}",
        "event_timestamp": f"2026-03-10 09:00:{number:02}.250",
        "event_time_msec": str(1773133200250 + number * 1000),
        "event_name": name,
        "user_id": "NULL",
        "user_pseudo_id": "pseudo-1",
        "session_id": "pseudo-1-20260310-090000001",
        "page_view_page_url": "https://blog.test/posts/?utm_campaign=spring",
        "page_view_page_referrer": "NULL",
        "screen_view_screen_name": "NULL",
        "device_ua_browser": "Chrome",
        "device_ua_os": "Mac OS X",
        "device_ua_device_category": "PC",
        "traffic_source_campaign": "Direct",
        "geo_city": "NULL",
        "custom_parameters_json_str": '{"plan": "pro", "note": "is \\"NULL\\""}',
    } | fields


ROWS = [
    row(0, "_page_view"),
    row(1, "_user_engagement", user_id="ann"),
    row(2, "_app_end"),
    row(3, "_screen_view", page_view_page_url="NULL", screen_view_screen_name="Home",
        device_ua_browser="NULL", device_ua_os="NULL", device_ua_device_category="NULL"),
    row(4, "add_to_cart", event_timestamp="NULL", page_view_page_referrer="https://search.test/",
        traffic_source_campaign="sale", custom_parameters_json_str="NULL"),
    row(5, "_page_view", user_pseudo_id="NULL"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", as_lines(ROWS)),
        ("rows.csv", as_csv(ROWS)),
        ("rows.parquet", as_parquet(ROWS)),
    ],
    ids=["lines", "CSV", "Parquet"],
)
def test_rows_are_events(load_text: Load, name: str, content: str | bytes) -> None:
    loaded = load_text(content, name, time_zone="Asia/Tokyo")
    assert (loaded.outcome.format, loaded.counts) == ("aws_clickstream", (6, 5, 0, 1))
    names = ("event_type", "user_id", "page", "campaign", "device_type", "browser", "referrer")
    assert [picked(one, *names) for one in loaded.events()] == [
        ["page_view", "pseudo-1", "/posts/", "spring", "desktop", "Chrome", None],
        ["activity", "ann", "/posts/", "spring", "desktop", "Chrome", None],
        ["system", "pseudo-1", "/posts/", "spring", "desktop", "Chrome", None],
        ["page_view", "pseudo-1", "Home", None, None, None, None],
        ["add_to_cart", "pseudo-1", "/posts/", "sale", "desktop", "Chrome", "https://search.test/"],
    ]
    assert [one["event_time"] for one in loaded.events()][3:] == [
        at("2026-03-10 09:00:03.250"),
        at("2026-03-10 09:00:04.250"),
    ]
    assert loaded.rejected()[0]["reason"] == "no user"


def test_no_word_of_a_row_is_lost_but_the_word_for_null(load_text: Load) -> None:
    events = load_text(as_lines(ROWS), "rows.jsonl").events()
    assert events[0]["properties"]["note"] == 'is "NULL"'
    assert events[0]["properties"]["plan"] == "pro"
    assert columns_of(events, "aws_clickstream")[0]["tracker_session_id"].startswith("pseudo-1")
    for record, event in zip(ROWS[:5], events, strict=True):
        assert lost(record, event, "event_timestamp") <= {"NULL"}


@pytest.mark.peer_data
def test_published_rows_load(load_text: Load, payload: Callable[[str], bytes]) -> None:
    text = payload("aws_clickstream_event_v2.jsonl")
    loaded = load_text(text, "aws_clickstream_event_v2.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("aws_clickstream", (2, 2, 0, 0))
    events = loaded.events()
    names = ("event_type", "user_id", "page", "page_host", "tracker_session_id", "device_type")
    person = "412f30bf-a662-4cf8-8548-770816852f55"
    session = "16852f55-20240516-1950014182"
    assert [picked(one, *names) for one in events] == [
        ["activity", person, "/", "example.com", session, "desktop"],
        ["system", person, "/", "example.com", session, "desktop"],
    ]
    assert events[0]["event_time"] == at("2024-05-16 20:05:02.243")
    for line, event in zip(text.splitlines(), events, strict=True):
        assert lost(json.loads(line), event, "event_timestamp") <= {"NULL"}
