"""Amplitude's events: what they become, as API lines and as warehouse rows."""

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


def event(number: int, name: str, **fields: Any) -> dict[str, Any]:
    """A line of the Export API, `number` seconds after 09:00 UTC, of a browser."""
    return {
        "uuid": f"uuid-{number}",
        "$insert_id": "order:2",
        "amplitude_id": 1263130950579,
        "event_type": name,
        "event_time": f"2026-03-10 09:00:{number:02}.250000",
        "client_event_time": f"2026-03-10 09:01:{number:02}.000000",
        "server_upload_time": "2026-03-10 09:02:00.000000",
        "user_id": "ann@example.com",
        "device_id": "dev-1",
        "session_id": 1773133200000,
        "platform": "Web",
        "os_name": "Chrome",
        "os_version": "140",
        "device_family": "Mac",
        "device_type": "Mac",
        "event_properties": {},
        "user_properties": {},
        "groups": {},
        "data": {"first_event": True},
    } | fields


PHONE = {"platform": "iOS", "os_name": "ios", "device_family": "Apple iPhone", "device_type": None}
LANDING = {
    "[Amplitude] Page Location": "https://shop.test/a?x=1",
    "[Amplitude] Page Path": "/a",
    "[Amplitude] Page Domain": "shop.test",
}
BROUGHT = {"utm_campaign": "spring", "referrer": "https://search.test/", "plan": "pro"}
EVENTS = [
    event(0, "session_start", user_properties=BROUGHT),
    event(1, "[Amplitude] Page Viewed", event_properties=LANDING, user_properties=BROUGHT),
    event(2, "$identify", user_id=None),
    event(3, "[Amplitude] Element Clicked", event_properties={"Page URL": "https://shop.test/b"}),
    event(4, "Order Placed", session_id=-1, event_properties={"total": 9.5, "lines": [{"a": 1}]}),
    event(5, "Order Placed", device_id="dev-2", user_id="bob", **PHONE),
    event(6, "Order Placed", device_id=None, user_id="cy", platform="Web",
          os_name="Windows", device_family=None, device_type=None,
          event_properties={"platform": "own", "chat_id": "c1"}),
    event(7, "Order Placed", device_id=None, user_id=None, **PHONE | {"os_name": "fire os"}),
    event(8, "Order Placed", device_id=None, user_id=None, amplitude_id=None),
]  # fmt: skip


def test_events_have_their_types_people_and_pages(load_text: Load) -> None:
    loaded = load_text(as_lines([*EVENTS, '{"uuid": "x"']), "export.json")
    assert (loaded.outcome.format, loaded.counts) == ("amplitude", (10, 8, 0, 2))
    assert [
        picked(one, "event_id", "event_type", "user_id", "anonymous_id", "page")
        for one in loaded.events()
    ] == [
        ["uuid-0", "session_start", "ann@example.com", "dev-1", None],
        ["uuid-1", "page_view", "ann@example.com", "dev-1", "/a"],
        ["uuid-2", "system", "dev-1", "dev-1", None],
        ["uuid-3", "click", "ann@example.com", "dev-1", "/b"],
        ["uuid-4", "order_placed", "ann@example.com", "dev-1", None],
        ["uuid-5", "order_placed", "bob", "dev-2", None],
        ["uuid-6", "order_placed", "cy", "1263130950579", None],
        ["uuid-7", "order_placed", "1263130950579", "1263130950579", None],
    ]
    assert [picked(one, "line", "reason") for one in loaded.rejected()] == [
        [9, "no user"],
        [10, "not valid JSON"],
    ]


def test_without_uuid_the_senders_id_names_an_event_of_one_device(load_text: Load) -> None:
    bare = [{key: one[key] for key in one if key != "uuid"} for one in EVENTS]
    loaded = load_text(as_lines([bare[4], bare[5], bare[6], bare[5]]), "export.json")
    assert loaded.counts == (4, 3, 1, 0)
    assert [one["event_id"] for one in loaded.events()] == [
        *("dev-1:order:2", "dev-2:order:2", "cy:order:2"),
    ]


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York"])
def test_times_are_utc_whatever_the_time_zone_of_the_source(
    load_text: Load, time_zone: str
) -> None:
    first, *_ = load_text(as_lines(EVENTS), "export.json", time_zone=time_zone).events()
    assert first["event_time"] == at("2026-03-10 09:00:00.250")


def test_a_session_is_one_devices_and_minus_one_is_none(load_text: Load) -> None:
    events = load_text(as_lines(EVENTS), "export.json").events()
    assert [one["tracker_session_id"] for one in events[3:7]] == [
        "dev-1:1773133200000",
        None,
        "dev-2:1773133200000",
        "cy:1773133200000",
    ]


def test_on_the_web_the_name_of_the_system_is_the_browser(load_text: Load) -> None:
    events = load_text(as_lines(EVENTS), "export.json").events()
    found = [picked(one, "device_type", "browser", "os") for one in events]
    assert found[0] == ["desktop", "Chrome", "Mac"]
    assert found[5] == ["mobile", None, "ios"]
    assert found[7] == ["mobile", None, "fire os"]
    # Unless it is that of a system.
    assert found[6] == ["desktop", None, "Windows"]


def test_what_brought_the_user_is_told_with_the_user(load_text: Load) -> None:
    _, page, *_ = load_text(as_lines(EVENTS), "export.json").events()
    assert picked(page, "campaign", "referrer", "page_host") == [
        *("spring", "https://search.test/", "shop.test"),
    ]


def test_event_properties_are_flat_and_no_word_is_lost(load_text: Load) -> None:
    loaded = load_text(as_lines(EVENTS), "export.json").events()
    placed, own = loaded[4]["properties"], loaded[6]
    assert picked(placed, "total", "lines", "session_id") == [9.5, [{"a": 1}], -1]
    assert own["chat_id"] == "c1"
    # A property named as a field of Amplitude's: the fields then stand under `record`.
    assert own["properties"]["platform"] == "own"
    assert own["properties"]["record"]["platform"] == "Web"
    events = {at(str(one["event_time"])).second: one for one in loaded}
    for number, record in enumerate(EVENTS[:-1]):
        assert lost(record, events[number], "event_time") == set()


CAPITALS = [{key.upper(): value for key, value in one.items()} for one in EVENTS]
FIVETRAN = [
    {key.replace("$insert_id", "_insert_id"): value for key, value in one.items()}
    | {"event_time": one["event_time"].replace(" ", "T")}
    for one in EVENTS
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.json.gz", as_gzip(EVENTS)),
        ("e.json", as_array(EVENTS)),
        ("fivetran.csv", as_csv(FIVETRAN)),
        ("packed.parquet", as_parquet(FIVETRAN, packed=True)),
        ("snowflake.parquet", as_parquet(CAPITALS, packed=True)),
    ],
    ids=["packed lines", "array", "Fivetran's CSV", "Parquet", "Snowflake's Parquet"],
)
def test_events_in_every_container_are_the_same(
    load_text: Load, name: str, content: str | bytes
) -> None:
    loaded = load_text(content, name, source="container", time_zone="Asia/Tokyo")
    assert (loaded.outcome.format, loaded.counts) == ("amplitude", (9, 8, 0, 1))
    load_text(as_lines(EVENTS), "events.jsonl", source="lines")
    assert columns_of(loaded.events(), "container") == columns_of(loaded.events(), "lines")


@pytest.mark.parametrize(
    "record",
    [
        {"user_id": "a", "event_type": "click", "event_time": "2026-03-10T09:00:00Z", "url": "/"},
        {"user_id": "a", "event_type": "x", "event_time": 1773133200, "event_properties": {}},
    ],
    ids=["plain events", "events with properties"],
)
def test_other_events_are_not_taken_for_amplitude(load_text: Load, record: dict[str, Any]) -> None:
    assert load_text(as_lines([record])).outcome.format == "events"


@pytest.mark.peer_data
def test_a_published_line_of_the_api_loads(
    load_text: Load, payload: Callable[[str], bytes]
) -> None:
    text = payload("amplitude_export.jsonl")
    loaded = load_text(text, "amplitude_export.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("amplitude", (1, 1, 0, 0))
    (one,) = loaded.events()
    assert picked(one, "event_id", "event_type", "user_id", "tracker_session_id") == [
        *("a6ec45f6-0016-4907-b433-5bf4e4a56908", "property_drop_purchased"),
        *("2b59c518-dc2b-43f6-9444-85a84d5b1e1f", None),
    ]
    assert one["event_time"] == at("2025-07-01 16:34:54.837")
    assert lost(json.loads(text), one, "event_time") == set()


@pytest.mark.peer_data
def test_fivetrans_published_table_loads(load_text: Load, payload: Callable[[str], bytes]) -> None:
    text = payload("amplitude_fivetran_event.csv")
    loaded = load_text(text, "amplitude_fivetran_event.csv")
    assert (loaded.outcome.format, loaded.counts) == ("amplitude", (10, 10, 0, 0))
    events = {one["event_id"]: one for one in loaded.events()}
    assert len({one["user_id"] for one in events.values()}) == 7
    for row in csv.DictReader(text.decode().splitlines()):
        event = events[row["uuid"]]
        assert event["properties"]["user_properties"] == {"Cohort": "Test A"}
        assert lost(row, event, "event_time") == set()
