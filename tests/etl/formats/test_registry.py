"""Each format's golden events: a small sample of it, and the events it must become."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

Load = Callable[..., "Loaded"]  # noqa: F821
at = datetime.fromisoformat

DOCUMENT = {
    "_id": {"$oid": "5a9427648b0beebeb69579e7"},
    "session_id": "s-1",
    "user_id": "ann",
    "started_at": {"$date": "2026-03-10T12:00:00Z"},
    "environment": {
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0",
        "referrer": "https://search.test/",
        "viewport": "1280x800",
    },
    "model_group": "B",
    "experiment_id": "exp-1",
    "events": [
        {"t": 1773144000000, "type": "session_start", "data": {}},
        {"t": {"$numberLong": "1773144005000"}, "type": "prompt",
         "data": {"text": "hello", "chat_id": "c1", "query_type": "search"}},
        {"t": 1773144009500, "type": "model_response", "data": {"latency_ms": 2100}},
    ],
}  # fmt: skip


def picked(event: dict[str, Any], *names: str) -> list[Any]:
    """The values of some columns."""
    return [event[name] for name in names]


def test_mongo_session_documents_become_their_events(load_text: Load) -> None:
    loaded = load_text(json.dumps(DOCUMENT) + "\n", "sessions.json")
    assert (loaded.outcome.format, loaded.outcome.source) == ("mongo_sessions", "mongo_sessions")
    events = loaded.events()
    assert [one["event_type"] for one in events] == ["session_start", "prompt", "model_response"]
    assert [one["event_time"] for one in events] == [
        at("2026-03-10 12:00:00"),
        at("2026-03-10 12:00:05"),
        at("2026-03-10 12:00:09.5"),
    ]
    for one in events:
        names = ("user_id", "tracker_session_id", "stream", "model_group", "experiment_id")
        assert picked(one, *names) == ["ann", "s-1", "tracker", "B", "exp-1"]
        assert picked(one, "device_type", "browser", "os") == ["desktop", "Firefox", "Windows"]
    assert picked(events[1], "chat_id", "query_type") == ["c1", "search"]
    assert events[2]["properties"]["latency_ms"] == 2100
    # What the document says of the session stays with its first event.
    assert events[0]["properties"]["session"]["environment"]["viewport"] == "1280x800"
    assert "session" not in events[1]["properties"]


def test_a_mongo_array_and_mongo_lines_are_the_same_events(load_text: Load) -> None:
    as_lines = load_text(json.dumps(DOCUMENT) + "\n", "a.json").events()
    again = load_text(json.dumps([DOCUMENT]), "b.json")
    assert again.counts == (3, 0, 3, 0)
    assert again.events() == as_lines


def test_a_mongo_document_without_events_is_one_visit(load_text: Load) -> None:
    empty = DOCUMENT | {"events": [], "session_id": "s-2"}
    loaded = load_text(json.dumps(DOCUMENT) + "\n" + json.dumps(empty) + "\n", "s.json")
    assert [
        picked(one, "event_type", "event_time")
        for one in loaded.events()
        if one["tracker_session_id"] == "s-2"
    ] == [["session_start", at("2026-03-10 12:00")]]


def test_app_tables_are_events_of_their_users(load_text: Load) -> None:
    posts = (
        "id,author_id,created_at,title\n1,ann,2026-03-10 12:00:00,Hi\n2,,2026-03-10 12:00:00,x\n"
    )
    loaded = load_text(posts, "posts.csv")
    assert (loaded.outcome.format, loaded.counts) == ("tables", (2, 1, 0, 1))
    (event,) = loaded.events()
    assert picked(event, "user_id", "event_type", "event_time", "source") == [
        *("ann", "post_created", at("2026-03-10 12:00"), "tables"),
    ]
    assert event["properties"]["title"] == "Hi"


def test_rows_of_two_tables_with_one_id_are_two_events(load_text: Load) -> None:
    load_text("id,user_id,created_at\n1,ann,1773144000\n", "posts.csv")
    loaded = load_text("id,user_id,created_at\n1,ann,1773144000\n", "comments.csv")
    assert [one["event_type"] for one in loaded.events()] == ["comment_created", "post_created"]


def test_flat_events_in_every_container_are_the_same_events(load_text: Load) -> None:
    rows = [
        {"user_id": "ann", "timestamp": "2026-03-10T12:00:00Z", "event": "Page View", "url": "/a"},
        {"user_id": "bob", "timestamp": "2026-03-10T12:00:01Z", "event": "click", "url": "/b"},
    ]
    header = list(rows[0])
    texts = {
        "a.ndjson": "".join(json.dumps(one) + "\n" for one in rows),
        "b.json": json.dumps(rows),
        "c.csv": "\n".join([",".join(header), *(",".join(one.values()) for one in rows)]) + "\n",
        "d.tsv": "\n".join(["\t".join(header), *("\t".join(one.values()) for one in rows)]) + "\n",
    }
    found = [load_text(text, name) for name, text in texts.items()]
    assert [one.counts for one in found] == [(2, 2, 0, 0)] + [(2, 0, 2, 0)] * 3
    assert [picked(one, "user_id", "event_type", "page") for one in found[-1].events()] == [
        ["ann", "page_view", "/a"],
        ["bob", "click", "/b"],
    ]


def test_the_format_can_be_given_and_an_unknown_one_is_refused(load_text: Load) -> None:
    import pytest

    from etl.errors import ConfigError

    text = "id,user_id,created_at\n1,ann,1773144000\n"
    assert load_text(text, "posts.csv", format="events").outcome.format == "events"
    with pytest.raises(ConfigError, match=r"Unknown format 'table'\. Did you mean 'tables'"):
        load_text(text, "more.csv", format="table")


def test_a_user_agent_stays_whole_beside_what_it_tells(load_text: Load) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0"
    row = {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "click", "user_agent": agent}
    (event,) = load_text(json.dumps(row)).events()
    assert picked(event, "device_type", "browser", "os") == ["desktop", "Firefox", "Windows"]
    assert event["properties"] == {"user_agent": agent}
