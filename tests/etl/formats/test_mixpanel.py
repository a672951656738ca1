"""Mixpanel's events: what they become, as raw export lines and as warehouse rows."""

import csv
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.exports import (
    as_array,
    as_csv,
    as_gzip,
    as_lines,
    as_parquet,
    columns_of,
    lost,
    picked,
)

Load = Callable[..., Any]
at = datetime.fromisoformat
# 2026-07-10 09:00 UTC.
NINE = 1783674000

WEB = {
    "$device_id": "dev-1",
    "$current_url": "https://app.test/boards/7?utm_campaign=spring",
    "$referrer": "https://search.test/",
    "$browser": "Firefox",
    "$os": "Mac OS X",
    "mp_country_code": "DE",
    "mp_lib": "web",
}
PHONE = {"$device_id": "dev-2", "$os": "iOS", "$device": "iPhone", "mp_lib": "swift"}


def event(number: int, name: str, **properties: Any) -> dict[str, Any]:
    """A line of the raw export, `number` seconds after 09:00."""
    own = {"time": NINE + number, "$insert_id": f"ins-{number}"} | properties
    return {"event": name, "properties": own}


EVENTS = [
    event(0, "$mp_web_page_view", distinct_id="$device:dev-1", **WEB | {"$referrer": "$direct"}),
    event(1, "Sign Up", distinct_id="dev-1", **WEB),
    event(2, "$identify", distinct_id="ann", **WEB, **{"$user_id": "ann"}),
    event(3, "Board Created", distinct_id="ann", **WEB, size={"w": 3}, tags=["b", "a"]),
    event(4, "$mp_click", distinct_id="merged-id", **WEB, **{"$user_id": "ann"}),
    event(5, "$ae_crashed", **PHONE),
    event(6, "Invoice Paid", distinct_id="ann", amount=5, user_id="ours-7"),
    # The same id for another event, and once more the first of all, as exports repeat them.
    event(7, "Invoice Paid", distinct_id="ann") | {"event": "Invoice Sent"},
    event(0, "$mp_web_page_view", distinct_id="ann", **WEB),
    event(8, "Sign Up", distinct_id="$device:dev-3"),
    event(9, "Nobody's"),
]  # fmt: skip
EVENTS[7]["properties"]["$insert_id"] = "ins-6"


def test_events_have_their_types_people_and_pages(load_text: Load) -> None:
    loaded = load_text(as_lines([*EVENTS, '{"event": ']), "export.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("mixpanel", (12, 9, 1, 2))
    names = ("event_id", "event_type", "user_id", "anonymous_id", "page")
    assert [picked(one, *names) for one in loaded.events()] == [
        [f"ins-0:$mp_web_page_view:{NINE}", "page_view", "dev-1", "dev-1", "/boards/7"],
        [f"ins-1:Sign Up:{NINE + 1}", "sign_up", "dev-1", "dev-1", "/boards/7"],
        [f"ins-2:$identify:{NINE + 2}", "system", "ann", "dev-1", "/boards/7"],
        [f"ins-3:Board Created:{NINE + 3}", "board_created", "ann", "dev-1", "/boards/7"],
        # A merge may leave a device's id as the distinct one: the user's own is known.
        [f"ins-4:$mp_click:{NINE + 4}", "click", "ann", "dev-1", "/boards/7"],
        [f"ins-5:$ae_crashed:{NINE + 5}", "error", "dev-2", "dev-2", None],
        [f"ins-6:Invoice Paid:{NINE + 6}", "invoice_paid", "ann", None, None],
        [f"ins-6:Invoice Sent:{NINE + 7}", "invoice_sent", "ann", None, None],
        [f"ins-8:Sign Up:{NINE + 8}", "sign_up", "dev-3", "dev-3", None],
    ]
    assert [picked(one, "line", "reason") for one in loaded.rejected()] == [
        [11, "no user"],
        [12, "not valid JSON"],
    ]


def test_an_event_tells_referrer_campaign_and_device(load_text: Load) -> None:
    first, second, *_, phone, _, _, _ = load_text(as_lines(EVENTS), "export.jsonl").events()
    assert picked(first, "referrer", "campaign", "page_host") == [None, "spring", "app.test"]
    assert second["referrer"] == "https://search.test/"
    # Of a desktop Mixpanel names no device.
    assert picked(first, "device_type", "browser", "os") == ["desktop", "Firefox", "Mac OS X"]
    assert picked(phone, "device_type", "browser", "os") == ["mobile", None, "iOS"]


@pytest.mark.parametrize(
    ("time_zone", "time"),
    [
        ("UTC", "2026-07-10 09:00:00"),
        # The project's clock said nine.
        ("America/Los_Angeles", "2026-07-10 16:00:00"),
        ("Asia/Tokyo", "2026-07-10 00:00:00"),
    ],
)
def test_seconds_are_of_the_clock_of_the_time_zone(
    load_text: Load, time_zone: str, time: str
) -> None:
    texts = {"s.jsonl": NINE, "ms.jsonl": NINE * 1000}
    for name, number in texts.items():
        record = event(0, "Paid", distinct_id="ann", **WEB, time=number)
        loaded = load_text(as_lines([record]), name, source=name, time_zone=time_zone)
        assert loaded.outcome.format == "mixpanel"
    first, second = loaded.events()
    assert first["event_time"] == second["event_time"] == at(time)
    # Exports in seconds and in milliseconds name the same event alike.
    assert first["event_id"] == second["event_id"]


def test_properties_stay_flat_and_no_word_is_lost(load_text: Load) -> None:
    loaded = load_text(as_lines(EVENTS), "export.jsonl").events()
    board = loaded[3]
    assert board["tags"] == ["a", "b"]
    assert board["properties"] == EVENTS[3]["properties"] | {"event": "Board Created"}
    for number, record in enumerate(EVENTS[:8]):
        assert lost(record, loaded[number]) == set()


PACKED = [one | {"properties": json.dumps(one["properties"])} for one in EVENTS]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.jsonl.gz", as_gzip(EVENTS)),
        ("e.json", as_array(EVENTS)),
        ("e.csv", as_csv(EVENTS)),
        ("structs.parquet", as_parquet(EVENTS)),
        ("packed.parquet", as_parquet(EVENTS, packed=True)),
        ("packed.jsonl", as_lines(PACKED)),
    ],
    ids=["packed lines", "array", "CSV", "Parquet", "Parquet with text", "lines with text"],
)
def test_events_in_every_container_are_the_same(
    load_text: Load, name: str, content: str | bytes
) -> None:
    loaded = load_text(content, name, source="container")
    assert (loaded.outcome.format, loaded.counts) == ("mixpanel", (11, 9, 1, 1))
    load_text(as_lines(EVENTS), "export.jsonl", source="lines")
    assert columns_of(loaded.events(), "container") == columns_of(loaded.events(), "lines")


ROW = {
    "_fivetran_id": "x=", "event_id": "9", "name": "Signed In", "time": "2026-07-10 09:00:01",
    "distinct_id": "$device:dev-1", "insert_id": "ins-1", "mp_lib": "web", "browser": "Firefox",
    "os": "iOS", "device": "iPad", "current_url": "https://app.test/a?x=1", "device_id": "dev-1",
    "referrer": "https://search.test/", "properties": '{"plan": "pro"}',
}  # fmt: skip
PIPELINE = {
    "event_name": "Signed In", "time": at("2026-07-10 09:00:01"), "distinct_id": "$device:dev-1",
    "mp_reserved_insert_id": "ins-1", "mp_reserved_browser": "Firefox", "mp_reserved_os": "iOS",
    "mp_reserved_device": "iPad", "mp_reserved_current_url": "https://app.test/a?x=1",
    "mp_reserved_device_id": "dev-1", "mp_reserved_referrer": "https://search.test/",
    "plan": "pro",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [("fivetran.csv", as_csv([ROW])), ("pipeline.parquet", as_parquet([PIPELINE]))],
    ids=["Fivetran's CSV", "a pipeline's Parquet"],
)
def test_a_row_with_a_column_for_each_property_is_its_event(
    load_text: Load, name: str, content: str | bytes
) -> None:
    loaded = load_text(content, name)
    assert loaded.outcome.format == "mixpanel"
    (one,) = loaded.events()
    names = ("event_id", "event_type", "user_id", "page", "referrer", "device_type", "browser")
    assert picked(one, *names) == [
        *("ins-1:Signed In:2026-07-10", "login", "dev-1", "/a", "https://search.test/"),
        *("tablet", "Firefox"),
    ]
    assert one["event_time"] == at("2026-07-10 09:00:01")
    assert one["properties"]["plan"] == "pro"
    assert lost(PIPELINE if name.startswith("pipe") else ROW, one, "time") == set()


@pytest.mark.parametrize(
    "record",
    [
        {"distinct_id": "a", "event": "click", "time": 1773133200, "properties": {"a": 1}},
        {"user_id": "a", "event": "x", "time": 1773133200, "properties": {"distinct_id": "a"}},
        {"distinct_id": "a", "event": "x", "timestamp": 1773133200, "properties": {"$os": "iOS"}},
    ],
    ids=["plain events", "events with a distinct id", "PostHog"],
)
def test_other_events_are_not_taken_for_mixpanel(load_text: Load, record: dict[str, Any]) -> None:
    assert load_text(as_lines([record])).outcome.format != "mixpanel"


@pytest.mark.peer_data
def test_published_lines_of_nobody_are_rejected(
    load_text: Load, payload: Callable[[str], bytes]
) -> None:
    loaded = load_text(payload("mixpanel_export.jsonl"), "mixpanel_export.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("mixpanel", (2, 0, 0, 2))
    assert [one["reason"] for one in loaded.rejected()] == ["no user", "no user"]


@pytest.mark.peer_data
def test_fivetrans_published_table_loads(load_text: Load, payload: Callable[[str], bytes]) -> None:
    text = payload("mixpanel_fivetran_event.csv")
    loaded = load_text(text, "mixpanel_fivetran_event.csv")
    assert (loaded.outcome.format, loaded.counts) == ("mixpanel", (5, 5, 0, 0))
    events = {one["properties"]["_fivetran_id"]: one for one in loaded.events()}
    for row in csv.DictReader(text.decode().splitlines()):
        one = events[row["_fivetran_id"]]
        assert picked(one, "user_id", "event_type") == [row["distinct_id"], row["name"]]
        assert one["event_time"] == at(row["time"])
        assert one["properties"]["Operating System"] == "Roku"
        assert lost(row, one, "time") == set()
