"""PostHog's events: what they become, in each shape of their properties."""

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

WEB = {
    "$device_id": "dev-1",
    "$session_id": "0190-s1",
    "$current_url": "https://app.test/boards/7?utm_campaign=spring",
    "$host": "app.test",
    "$pathname": "/boards/7",
    "$referrer": "https://search.test/",
    "$device_type": "Desktop",
    "$browser": "Firefox",
    "$os": "Linux",
    "$lib": "web",
}


def event(number: int, name: str, person: str, **properties: Any) -> dict[str, Any]:
    """An event of a batch export, `number` seconds after 09:00."""
    return {
        "uuid": f"0190-{number}",
        "event": name,
        "distinct_id": person,
        "person_id": "p-1",
        "properties": properties,
        "timestamp": f"2026-03-10T09:00:{number:02}.250000+00:00",
    }


EVENTS = [
    event(0, "$pageview", "dev-1", **WEB | {"$is_identified": False, "$referrer": "$direct"}),
    event(1, "$identify", "ann", **WEB | {"$is_identified": True, "$anon_distinct_id": "dev-0"}),
    event(2, "$autocapture", "ann", **WEB, **{"$event_type": "click", "$el_text": "Save"}),
    event(3, "$autocapture", "ann", **WEB, **{"$event_type": "submit"}),
    event(4, "$autocapture", "ann", **{"$event_type": "touch", "$os": "iOS"}),
    event(5, "Board Created", "ann", **WEB, **{"$feature/new-board": "test", "size": {"w": 3},
          "$feature/beta": True, "tags": ["b", "a"]}),
    event(6, "$exception", "ann", **WEB, **{"$exception_message": "Oops",
          "$feature/new-board": "test", "$feature/price": "control"}),
    event(7, "$screen", "ann", **{"$screen_name": "Home", "$raw_user_agent": None}),
    event(8, "$pageleave", "ann", **WEB),
    event(9, "invoice paid", "ann", amount=5),
    event(10, "$feature_flag_called", "dev-9", **WEB | {"$is_identified": False}),
    event(11, "$pageview", "", **{"$current_url": "https://app.test/"}),
]  # fmt: skip


def test_events_have_their_types_pages_and_people(load_text: Load) -> None:
    loaded = load_text(as_lines([*EVENTS, '{"uuid": ']), "events.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("posthog", (13, 11, 0, 2))
    assert [
        picked(one, "event_type", "user_id", "anonymous_id", "page") for one in loaded.events()
    ] == [
        ["page_view", "dev-1", "dev-1", "/boards/7"],
        ["system", "ann", "dev-0", "/boards/7"],
        ["click", "ann", "dev-1", "/boards/7"],
        ["submit", "ann", "dev-1", "/boards/7"],
        ["click", "ann", None, None],
        ["board_created", "ann", "dev-1", "/boards/7"],
        ["error", "ann", "dev-1", "/boards/7"],
        ["page_view", "ann", None, "Home"],
        ["page_leave", "ann", "dev-1", "/boards/7"],
        # A server sends no device: the id is its user's.
        ["invoice_paid", "ann", None, None],
        # After a reset the device is the old one, and the visitor a new one.
        ["system", "dev-9", "dev-9", "/boards/7"],
    ]
    assert [picked(one, "line", "reason") for one in loaded.rejected()] == [
        [12, "no user"],
        [13, "not valid JSON"],
    ]


def test_an_event_tells_its_time_session_referrer_campaign_and_device(load_text: Load) -> None:
    first, identify, *_ = load_text(as_lines(EVENTS), "events.jsonl").events()
    assert picked(first, "event_id", "event_time", "tracker_session_id", "page_host") == [
        *("0190-0", at("2026-03-10 09:00:00.250"), "0190-s1", "app.test"),
    ]
    assert picked(first, "device_type", "browser", "os") == ["desktop", "Firefox", "Linux"]
    assert picked(first, "referrer", "campaign") == [None, "spring"]
    assert identify["referrer"] == "https://search.test/"


def test_the_experiment_is_the_only_flag_with_named_variants(load_text: Load) -> None:
    events = load_text(as_lines(EVENTS), "events.jsonl").events()
    by_id = {one["event_id"]: one["experiment_id"] for one in events}
    # Of two at once none is told.
    assert [by_id["0190-0"], by_id["0190-5"], by_id["0190-6"]] == [None, "new-board", None]


def test_properties_stay_flat_beside_the_names_of_posthog(load_text: Load) -> None:
    board = load_text(as_lines(EVENTS), "events.jsonl").events()[5]
    assert board["tags"] == ["a", "b"]
    assert board["properties"] == EVENTS[5]["properties"] | {
        "event": "Board Created",
        "person_id": "p-1",
    }


def test_no_word_of_an_event_is_lost(load_text: Load) -> None:
    events = {one["event_id"]: one for one in load_text(as_lines(EVENTS)).events()}
    for record in EVENTS[:-1]:
        assert lost(record, events[record["uuid"]], "timestamp") == set()


AS_TIMES = [one | {"timestamp": at(one["timestamp"])} for one in EVENTS]
NAIVE = [one | {"timestamp": at(one["timestamp"]).replace(tzinfo=None)} for one in EVENTS]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.jsonl.gz", as_gzip(EVENTS)),
        ("e.json", as_array(EVENTS)),
        ("e.csv", as_csv(EVENTS)),
        ("packed.parquet", as_parquet(EVENTS, packed=True)),
        ("times.parquet", as_parquet(AS_TIMES, packed=True)),
        ("naive.parquet", as_parquet(NAIVE, packed=True)),
        ("bigquery.json", as_lines([one | {"properties": json.dumps(one["properties"])}
                                    for one in EVENTS])),
    ],
    ids=["packed lines", "array", "CSV", "Parquet", "Parquet with zones", "Parquet without zones",
         "lines with properties as text"],
)  # fmt: skip
def test_events_in_every_container_are_the_same(
    load_text: Load, name: str, content: str | bytes
) -> None:
    # PostHog's times are UTC, whatever the time zone of the source.
    loaded = load_text(content, name, source="container", time_zone="Asia/Tokyo")
    assert (loaded.outcome.format, loaded.counts) == ("posthog", (12, 11, 0, 1))
    load_text(as_lines(EVENTS), "events.jsonl", source="lines")
    assert columns_of(loaded.events(), "container") == columns_of(loaded.events(), "lines")
    board = next(one for one in loaded.events() if one["event_id"] == "0190-5")
    assert board["properties"]["size"] == {"w": 3}


def test_the_csv_of_the_event_list_has_a_column_for_each_property(load_text: Load) -> None:
    row = {
        "*.uuid": "0190-1", "*.event": "$autocapture", "*.distinct_id": "ann",
        "*.timestamp": "2026-03-10 09:00:01.25", "*.properties.$current_url": "https://app.test/a",
        "*.properties.$session_id": "s1", "*.properties.$event_type": "click",
        "*.properties.$device_id": "dev-1", "*.properties.$is_identified": "True",
        "*.properties.$referrer": "$direct", "*.properties.plan": "pro",
    }  # fmt: skip
    loaded = load_text(as_csv([row]), "export.csv")
    assert loaded.outcome.format == "posthog"
    (one,) = loaded.events()
    names = ("event_id", "user_id", "anonymous_id", "event_type", "page", "tracker_session_id")
    assert picked(one, *names) == ["0190-1", "ann", "dev-1", "click", "/a", "s1"]
    assert one["event_time"] == at("2026-03-10 09:00:01.250")
    assert lost(row, one, "*.timestamp") == set()


@pytest.mark.parametrize("name", ["$create_alias", "$merge_dangerously"])
@pytest.mark.parametrize(
    ("person", "properties", "wanted"),
    [
        pytest.param("ann", {"$is_identified": True}, ["ann", "old-1"], id="a known user's"),
        pytest.param("ann", {}, ["ann", "old-1"], id="a server's"),
        pytest.param("ann", {"$device_id": "dev-1"}, ["ann", "old-1"], id="of another device id"),
        pytest.param("dev-1", {"$is_identified": False}, ["old-1", "dev-1"], id="a visitor's"),
        pytest.param("dev-1", {"$device_id": "dev-1"}, ["old-1", "dev-1"], id="the device's own"),
    ],
)
def test_ids_that_are_made_one_reach_the_identities(
    load_text: Load, name: str, person: str, properties: dict[str, Any], wanted: list[str]
) -> None:
    record = event(1, name, person, alias="old-1", **properties)
    (one,) = load_text(as_lines([record])).events()
    assert picked(one, "user_id", "anonymous_id") == wanted
    assert one["event_type"] == "system"
    assert lost(record, one, "timestamp") == set()


def test_an_alias_of_another_event_is_a_property(load_text: Load) -> None:
    (one,) = load_text(as_lines([event(1, "signed up", "ann", alias="old-1")])).events()
    assert picked(one, "user_id", "anonymous_id") == ["ann", None]


@pytest.mark.parametrize(
    "record",
    [
        {"distinct_id": "a", "event": "click", "timestamp": "2026-03-10T09:00:00Z", "url": "/"},
        {"event": "x", "properties": {"time": 1773133200, "distinct_id": "a", "mp_lib": "web"}},
    ],
    ids=["plain events", "Mixpanel"],
)
def test_other_events_are_not_taken_for_posthog(load_text: Load, record: dict[str, Any]) -> None:
    assert load_text(as_lines([record])).outcome.format != "posthog"


@pytest.mark.peer_data
def test_a_published_event_loads(load_text: Load, payload: Callable[[str], bytes]) -> None:
    # Who published it put zeros for the person's id, which would be nobody.
    person = "00000000-0000-4000-8000-000000000000"
    zeros = b"00000000-0000-0000-0000-000000000000"
    text = payload("posthog_event_trimmed.jsonl").replace(zeros, person.encode())
    loaded = load_text(text, "posthog_event_trimmed.jsonl")
    assert (loaded.outcome.format, loaded.counts) == ("posthog", (1, 1, 0, 0))
    (one,) = loaded.events()
    names = ("event_type", "user_id", "anonymous_id", "page", "page_host", "referrer")
    assert picked(one, *names) == ["click", person, person, "/", "some.example.com", None]
    assert picked(one, "device_type", "browser", "os") == ["mobile", "Mobile Safari", "iOS"]
    assert one["event_time"] == at("2025-03-14 00:35:49.962")
    assert lost(json.loads(text), one, "timestamp") == set()
