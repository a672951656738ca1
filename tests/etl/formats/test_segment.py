"""Segment's calls and warehouse tables: what they become, in each container."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.exports import as_array, as_csv, as_gzip, as_lines, as_parquet, columns_of, lost, picked

Load = Callable[..., Any]
at = datetime.fromisoformat
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def call(number: int, kind: str, **fields: Any) -> dict[str, Any]:
    """A call of a known visitor, `number` seconds after 09:00."""
    return {
        "anonymousId": "anon-1",
        "userId": "u-7",
        "messageId": f"ajs-{number}",
        "type": kind,
        "timestamp": f"2026-03-10T09:00:{number:02}.250Z",
        "originalTimestamp": f"2026-03-10T08:59:{number:02}.000Z",
        "receivedAt": f"2026-03-10T09:00:{number:02}.900Z",
        "integrations": {},
    } | fields


WEB = {
    "ip": "203.0.113.5",
    "userAgent": MAC,
    "campaign": {"name": "spring", "source": "news"},
    "page": {
        "url": "https://shop.test/cart?step=1",
        "path": "/cart",
        "referrer": "https://search.test/",
        "title": "Cart",
    },
    "sessionId": 1773133200,
}
PHONE = {"device": {"type": "ios", "model": "iPhone17,1"}, "os": {"name": "iOS", "version": "26"}}
CALLS = [
    call(0, "page", userId=None, context=WEB, name="Cart",
         properties={"url": "https://shop.test/cart/", "path": "/cart/", "title": "Cart"}),
    call(1, "identify", context=WEB, traits={"plan": "pro", "address": {"city": "Ulm"}}),
    call(2, "track", context=WEB, event="Order Completed",
         properties={"total": 12.5, "products": [{"sku": "a"}], "url": "https://other.test/x"}),
    call(3, "group", context=WEB, groupId="g-1", traits={"seats": 4}),
    call(4, "alias", previousId="anon-1", context={}),
    call(5, "screen", context=PHONE, name="Home", properties={}),
    call(6, "track", event="Experiment Viewed", timestamp=None,
         properties={"experiment_id": "exp-9", "variation_name": "blue", "chat_id": "c1"}),
    call(7, "track", event="Signed Out", userId=None, anonymousId=None, context=WEB),
]  # fmt: skip
ROWS = [
    {
        "ID": "ajs-1", "ANONYMOUS_ID": "anon-1", "USER_ID": None, "EVENT": "order_completed",
        "EVENT_TEXT": "Order Completed", "TIMESTAMP": "2026-03-10 09:00:02.25",
        "RECEIVED_AT": "2026-03-10 09:00:03", "CONTEXT_PAGE_URL": "https://shop.test/cart?step=1",
        "CONTEXT_USER_AGENT": MAC, "CONTEXT_SESSION_ID": "1773133200", "URL": "https://x.test/",
        "TOTAL": "12.5",
    },
]  # fmt: skip


def test_calls_become_events(load_text: Load) -> None:
    loaded = load_text(as_lines(CALLS))
    assert (loaded.outcome.format, loaded.outcome.source) == ("segment", "segment")
    events = loaded.events()
    assert [
        picked(one, "event_id", "event_type", "user_id", "anonymous_id", "page", "page_host")
        for one in events
    ] == [
        # Without timestamp the original one is the time.
        ["ajs-6", "experiment_viewed", "u-7", "anon-1", None, None],
        ["ajs-0", "page_view", "anon-1", "anon-1", "/cart/", "shop.test"],
        ["ajs-1", "system", "u-7", "anon-1", "/cart", "shop.test"],
        ["ajs-2", "order_completed", "u-7", "anon-1", "/cart", "shop.test"],
        ["ajs-3", "system", "u-7", "anon-1", "/cart", "shop.test"],
        ["ajs-4", "system", "u-7", "anon-1", None, None],
        ["ajs-5", "page_view", "u-7", "anon-1", "Home", None],
    ]
    assert [one["event_time"] for one in events[:2]] == [
        at("2026-03-10 08:59:06"),
        at("2026-03-10 09:00:00.250"),
    ]


def test_a_call_tells_campaign_referrer_session_and_device(load_text: Load) -> None:
    experiment, page, *_, screen = load_text(as_lines(CALLS)).events()
    assert picked(page, "campaign", "referrer", "tracker_session_id") == [
        "spring",
        "https://search.test/",
        # RudderStack's session id is a time: unique for one visitor only.
        "anon-1:1773133200",
    ]
    assert picked(page, "device_type", "browser", "os") == ["desktop", "Chrome", "Mac OS X"]
    assert picked(screen, "device_type", "browser", "os") == ["mobile", None, "iOS"]
    assert screen["tracker_session_id"] is None
    assert picked(experiment, "experiment_id", "chat_id") == ["exp-9", "c1"]


def test_a_call_keeps_its_properties_flat_and_the_rest_beside_them(load_text: Load) -> None:
    order = load_text(as_lines(CALLS)).events()[3]
    assert order["properties"] == {
        "total": 12.5,
        "products": [{"sku": "a"}],
        "url": "https://other.test/x",
        "type": "track",
        "event": "Order Completed",
        "context": WEB,
        "integrations": {},
        "originalTimestamp": "2026-03-10T08:59:02.000Z",
        "receivedAt": "2026-03-10T09:00:02.900Z",
    }


def test_no_word_of_a_call_is_lost(load_text: Load) -> None:
    events = {one["event_id"]: one for one in load_text(as_lines(CALLS)).events()}
    for record in CALLS[:-1]:
        assert lost(record, events[record["messageId"]], "timestamp") == set()


def test_a_call_of_nobody_is_rejected_and_so_is_a_broken_line(load_text: Load) -> None:
    loaded = load_text(as_lines([*CALLS, '{"type": "track", "messageId']))
    assert loaded.counts == (9, 7, 0, 2)
    assert [picked(one, "line", "reason") for one in loaded.rejected()] == [
        [8, "no user"],
        [9, "not valid JSON"],
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("calls.jsonl.gz", as_gzip(CALLS)),
        ("calls.json", as_array(CALLS)),
        ("calls.parquet", as_parquet([one | {"integrations": None} for one in CALLS])),
    ],
    ids=["packed lines", "array", "Parquet"],
)
def test_calls_in_every_container_are_the_same_events(
    load_text: Load, name: str, content: str | bytes
) -> None:
    loaded = load_text(content, name, source="container")
    assert (loaded.outcome.format, loaded.counts) == ("segment", (8, 7, 0, 1))
    load_text(as_lines(CALLS), "calls.jsonl", source="lines")
    assert columns_of(loaded.events(), "container") == columns_of(loaded.events(), "lines")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tracks.csv", as_csv(ROWS)),
        ("tracks.parquet", as_parquet(ROWS)),
        ("bigquery.json", as_lines([{k.lower(): v for k, v in ROWS[0].items()}])),
    ],
    ids=["CSV in capitals", "Parquet", "BigQuery lines"],
)
def test_a_row_of_a_tracks_table_is_its_event(
    load_text: Load, name: str, content: str | bytes
) -> None:
    loaded = load_text(content, name, time_zone="America/New_York")
    assert loaded.outcome.format == "segment"
    (event,) = loaded.events()
    names = ("event_id", "user_id", "event_type", "page", "tracker_session_id", "event_time")
    assert picked(event, *names) == [
        *("ajs-1", "anon-1", "order_completed", "/cart", "anon-1:1773133200"),
        # A warehouse holds UTC, whatever the time zone of the source.
        at("2026-03-10 09:00:02.250"),
    ]
    assert picked(event, "device_type", "browser") == ["desktop", "Chrome"]
    (row,) = ROWS
    assert lost(row, event, "TIMESTAMP", "timestamp") == set()


@pytest.mark.parametrize(
    ("file", "event_type", "page"),
    [
        ("pages.csv", "page_view", "/a"),
        ("prod_screens.csv", "page_view", "/a"),
        ("identifies-2026-03.csv", "system", None),
        ("groups.csv", "system", None),
        ("aliases.csv", "system", None),
    ],
)
def test_a_table_without_event_names_is_told_by_its_name(
    load_text: Load, file: str, event_type: str, page: str | None
) -> None:
    text = "id,user_id,received_at,context_ip,path\n1,u,2026-03-10 09:00:00,203.0.113.5,/a\n"
    (event,) = load_text(text, file).events()
    assert picked(event, "event_type", "page") == [event_type, page]


@pytest.mark.parametrize(
    "records",
    [
        [{"user_id": "a", "timestamp": "2026-03-10T09:00:00Z", "type": "page", "url": "/"}],
        [{"userId": "a", "time": 1773133200, "event": "click", "properties": {"a": 1}}],
        [{"distinct_id": "a", "event": "$pageview", "timestamp": "2026-03-10T09:00:00Z"}],
    ],
    ids=["snake-case events", "camel-case events", "events of another tracker"],
)
def test_other_events_are_not_taken_for_calls(
    load_text: Load, records: list[dict[str, Any]]
) -> None:
    assert load_text(as_lines(records)).outcome.format != "segment"


def test_who_maps_the_columns_reads_a_table_as_events(load_text: Load) -> None:
    loaded = load_text(as_csv(ROWS), "t.csv", map={"user": "ANONYMOUS_ID", "time": "TIMESTAMP"})
    assert loaded.outcome.format == "events"


@pytest.mark.peer_data
def test_published_calls_load(load_text: Load, payload: Callable[[str], bytes]) -> None:
    loaded = load_text(payload("segment_events.jsonl"), "segment_events.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("segment", (3, 3, 0, 0))
    names = ("event_type", "page", "browser", "user_id")
    user = "ba3095ca044ec986f96b25862f5bc39052920d1c"
    assert [picked(one, *names) for one in loaded.events()] == [
        ["page_view", "/explore", "Chrome", user],
        ["application_enabled", "/", "Chrome", user],
        ["system", "/", "Safari", user],
    ]
    records = [json.loads(line) for line in payload("segment_events.jsonl").splitlines()]
    events = {one["event_id"]: one for one in loaded.events()}
    for record in records:
        assert lost(record, events[record["messageId"]], "timestamp") == set()


@pytest.mark.peer_data
def test_a_published_pages_table_loads(load_text: Load, payload: Callable[[str], bytes]) -> None:
    loaded = load_text(payload("segment_warehouse_pages.csv"), "segment_warehouse_pages.csv")
    assert (loaded.outcome.format, loaded.counts) == ("segment", (1, 1, 0, 0))
    (event,) = loaded.events()
    names = ("event_type", "page", "page_host", "campaign", "referrer", "user_id", "browser")
    assert picked(event, *names) == [
        *("page_view", "/", "www.getdbt.com", "autumn_collection_2015"),
        *("https://www.google.com/", "97980cfea0067", "Chrome"),
    ]
