"""What was acknowledged is in the lake after a load: once, and in the right columns."""

import time
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import warehouse
from etl.lake import locked
from etl.load.run import load
from tests.etl.collector.served import CONFIG, Served, serve
from tests.make import lake_events, lake_table, settings_of
from warehouse.refresh import load_and_build, wanted_by_default

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CONTEXT = {
    "device": "desktop", "screen": "390x844", "referrer": "https://search.example/",
    "campaign": "spring", "experiment_id": "answers", "model_group": "aurora",
    "session_type": "trial",
}  # fmt: skip


@cache
def now() -> int:
    """When this was first asked, in milliseconds: as the home is made, however long that is after
    the file was read.
    """
    return int(time.time() * 1000)


def tracked(session: str, *events: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A body of the tracker; its events begin a minute ago."""
    timed = [{"t": now() - 60_000 + 1000 * n} | event for n, event in enumerate(events)]
    sent = {"v": 1, "sent_at": int(time.time() * 1000)}
    given = sent | {"session_id": session, "visitor_id": f"v-{session}"}
    return given | body | {"events": timed}


def load_twice(home: Path) -> None:
    """Sends the visits, loads them, and does both again: at last by all that `dwell load` does."""
    settings = settings_of(home, CONFIG)
    with serve(home) as collector:
        send(collector)
    with locked(home):
        outcomes = load(settings, wanted_by_default(settings).inputs)
    assert [outcome.status for outcome in outcomes] == ["loaded"]
    with serve(home) as collector:
        send(collector)
    with locked(home):
        result = load_and_build(settings, wanted_by_default(settings))
    assert result.problem is None
    assert {outcome.status for outcome in result.outcomes} == {"loaded", "unchanged"}


def send(collector: Served) -> None:
    """The visits of all tests of this file."""
    first = {"id": "a1", "type": "page_view", "page": "https://www.example.com/docs?utm_source=x"}
    second = {
        "id": "a2",
        "type": "prompt",
        "page": "https://www.example.com/chat",
        "data": {"length": 12},
    }
    last = {"id": "a3", "type": "click", "data": {"x": 5, "y": 7, "chat_id": "c1"}}
    ann = tracked("s-ann", first, second, context=CONTEXT)
    assert collector.post("/i", ann, User_Agent=PHONE).status == 204
    # Logs in on the way.
    later = tracked("s-ann", last, user_id="ann")
    assert collector.post("/i", later, User_Agent=PHONE).status == 204
    bot = tracked("s-bot", {"id": "b1", "type": "page_view", "page": "/"}, context=CONTEXT)
    assert collector.post("/i", bot, User_Agent=ROBOT).status == 204
    start = {"sessionId": "s-rest", "userId": "bob", "entry": {"page": "/in"}, "tags": ["x", "y"]}
    assert collector.post("/api/v1/sessions/start", start).status == 201
    asked = {"eventId": "r1", "action": "query", "queryType": "sql", "details": {"rows": 3}}
    assert collector.post("/api/v1/sessions/s-rest/event", asked).status == 200
    assert collector.post("/api/v1/sessions/s-rest/heartbeat").status == 200
    assert collector.post("/api/v1/sessions/s-rest/end", {"reason": "logout"}).status == 200
    assert collector.post("/log_event", {"id": "l1", "type": "import", "user": "x"}).status == 200
    assert collector.ask("GET", "/pixel.gif?id=p1&page=/no-script").status == 200
    odd = {"id": "o1", "type": "od\r\nd", "data": {"text": "a\r\nb\x00\u2028", "deep": [[[[[1]]]]]}}
    assert collector.post("/i", tracked("s-odd\n", odd, user_id="null")).status == 204


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with visits that were collected, loaded, and sent again and loaded again."""
    home = tmp_path_factory.mktemp("collected") / "home"
    load_twice(home)
    return home


def test_what_is_sent_again_after_a_load_is_once_in_the_lake(home: Path) -> None:
    ids = [event["event_id"] for event in lake_events(home)]
    known = {"a1", "a2", "a3", "b1", "r1", "l1", "p1", "o1", "start:s-rest"}
    assert sorted(id for id in ids if id in known) == sorted(known)
    # Heartbeats and ends without id or time are new ones.
    assert len(ids) == len(known) + 4
    assert lake_table(home, "rejected") == []


def test_fields_are_in_the_columns_of_the_lake(home: Path) -> None:
    events = {event["event_id"]: event for event in lake_events(home)}

    def told(id: str, *columns: str) -> list[Any]:
        return [events[id][column] for column in columns]

    assert {event["source"] for event in events.values()} == {"web"}
    assert {event["stream"] for event in events.values()} == {"tracker"}
    where = ("page", "page_host", "tracker_session_id", "event_type")
    assert told("a1", *where) == ["/docs", "www.example.com", "s-ann", "page_view"]
    assert told("a1", "referrer", "campaign", "session_type") == [
        *("https://search.example/", "spring", "trial")
    ]  # fmt: skip
    assert told("a1", "experiment_id", "model_group") == ["answers", "aurora"]
    assert told("a2", "experiment_id", "model_group", "campaign") == ["answers", "aurora", None]
    # The user agent is believed, not the script that runs in it.
    assert told("a1", "device_type", "browser", "os") == ["mobile", "Mobile Safari", "iOS"]
    assert told("b1", "device_type") == ["bot"]
    assert told("a1", "user_id", "anonymous_id") == ["v-s-ann", "v-s-ann"]
    assert told("a3", "user_id", "anonymous_id", "chat_id") == ["ann", "v-s-ann", "c1"]
    assert events["a1"]["properties"]["screen"] == "390x844"
    assert events["a2"]["properties"]["length"] == 12
    assert told("r1", "query_type", "event_type", "tracker_session_id") == [
        *("sql", "query", "s-rest")
    ]  # fmt: skip
    assert told("start:s-rest", "user_id", "page", "tags") == ["bob", "/in", ["x", "y"]]
    assert told("p1", "page", "event_type") == ["/no-script", "page_view"]
    assert events["p1"]["user_id"] == events["l1"]["user_id"]
    assert len(events["p1"]["user_id"]) == 32
    assert events["o1"]["properties"]["text"] == "a\r\nb\x00\u2028"
    time_told = events["a1"]["event_time"].replace(tzinfo=UTC).timestamp()
    assert round(1000 * time_told) == now() - 60_000


def test_sessions_are_the_trackers_with_the_user_who_logged_in(home: Path) -> None:
    with warehouse.open(home) as wh:
        rows = wh.sql(
            "select given_session_id, user_id, event_count, exit_reason from user_sessions "
            "where given_session_id in ('s-ann', 's-rest') order by all"
        ).fetchall()
    assert rows == [("s-ann", "ann", 3, None), ("s-rest", "bob", 6, "logout")]
