"""What the reading endpoints answer, and to whom."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from etl.config.collect import Collect
from etl.config.settings import Settings
from etl.config.sources import Source
from tests.make import lake_events, load_files, settings_of
from tests.warehouse.live.asking import LOOPBACK, Address, Asker
from tests.warehouse.live.spooled import Line, home_of, line, spool
from warehouse.live import app
from warehouse.live.app import reading_routes

# Endpoints are of now.
NOW = datetime.now(UTC)


def ago(minutes: float, type: str = "click", **fields: Any) -> Line:
    """A line of so many minutes ago."""
    at = (NOW - timedelta(minutes=minutes)).isoformat()
    return line(-minutes, type, **fields) | {"event_time": at}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home where ann goes on, in a session of the build, and bob has just come."""
    built = [
        ago(600, "query", user_id="ann", session_id="a0"),
        ago(9, "page_view", user_id="ann", session_id="a1", page="/in", experiment_id="e"),
    ]
    _, settings = home_of(tmp_path_factory.mktemp("app") / "home", built, NOW, config="")
    tail = [
        ago(
            3,
            "prompt",
            user_id="ann",
            session_id="a1",
            chat_id="c",
            properties={"text": "x", "length": 1},
        ),
        ago(2.5, "page_view", user_id="bob", session_id="b1", url="/item/1", tags=["t"]),
        *(ago(2 - n / 100, user_id="bob", session_id="b1", event_id=f"b{n}") for n in range(150)),
    ]
    spool(settings.home, tail, "2", is_open=True)
    return settings


@pytest.fixture(scope="module")
def client(home: Settings) -> Iterator[Asker]:
    """Who reads on the same machine."""
    with reader(home) as client:
        yield client


def reader(settings: Settings, address: Address = LOOPBACK) -> Asker:
    return Asker(Starlette(routes=reading_routes(settings.home, settings)), address)


def test_who_is_active_is_of_build_and_tail(client: Asker) -> None:
    answer = client.get("/api/v1/active").json()
    told = {name: answer[name] for name in ("source", "build", "events_since_build", "problem")}
    assert told == {"source": "live", "build": 1, "events_since_build": 152, "problem": None}
    assert (answer["live_user_count"], answer["open_user_count"]) == (2, 2)
    assert {session["user_id"] for session in answer["sessions"]} == {"ann", "bob"}
    assert answer["as_of"].endswith("Z")
    assert client.get("/active?limit=1").json()["sessions"] == answer["sessions"][:1]


def test_who_is_active_is_told_by_events_of_the_server(client: Asker) -> None:
    # It ends once the client has gone: else this would wait for ever.
    answer = client.get("/active", headers={"accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body.startswith(b"data: {")
    assert answer.body.endswith(b"\n\n")
    assert json.loads(answer.body[6:])["open_user_count"] == 2


def test_a_user_is_in_a_session_now(client: Asker) -> None:
    answer = client.get("/api/v1/user/ann/current").json()
    (session,) = answer["sessions"]
    assert answer["is_active"]
    assert (session["given_session_id"], session["event_count"]) == ("a1", 2)


def test_a_user_has_a_history(client: Asker) -> None:
    answer = client.get("/api/v1/user/ann/history").json()
    assert [session["given_session_id"] for session in answer["sessions"]] == ["a1", "a0"]
    assert len(client.get("/api/v1/user/ann/history?limit=1").json()["sessions"]) == 1


def test_a_user_has_a_pattern(client: Asker) -> None:
    assert client.get("/api/v1/patterns/ann").json()["pattern"] == "quick_checker"
    assert client.get("/patterns/bob").json()["pattern"] == "new_user"


def test_a_session_is_a_document_that_can_be_loaded(client: Asker, tmp_path: Path) -> None:
    document = client.get("/session/b1?limit=1000").json()
    assert document["event_count"] == len(document["events"]) == 151
    file = tmp_path / "sessions.json"
    file.write_text(json.dumps(document))
    load_files(tmp_path / "home", file, format="mongo_sessions", source="m")
    events = lake_events(tmp_path / "home")
    assert len(events) == 151
    assert {event["tracker_session_id"] for event in events} == {"b1"}
    assert (events[0]["page"], events[0]["tags"]) == ("/item/1", ["t"])
    times = [event["event_time"].replace(tzinfo=UTC).timestamp() for event in events]
    assert [round(1000 * at) for at in times] == [event["t"] for event in document["events"]]


def test_a_session_comes_in_pages(client: Asker) -> None:
    pages = [client.get(f"/session/b1?limit=100&offset={n}").json() for n in (0, 100, 200)]
    assert [len(page["events"]) for page in pages] == [100, 51, 0]
    ids = [event["event_id"] for page in pages for event in page["events"]]
    assert len(set(ids)) == 151
    assert client.get(f"/session/{pages[0]['_id']}").json()["session_id"] == "b1"


def test_events_are_told_as_a_log(client: Asker) -> None:
    by_session = client.get("/query?sessionId=a1").json()
    assert [event["action"] for event in by_session["events"]] == ["prompt", "page_view"]
    assert by_session["events"][0]["details"] == {"length": 1}
    by_user = client.post("/query", b'{"userId": "bob", "limit": 5}').json()
    assert by_user["count"] == 5
    assert client.get("/query?userId=bob").json()["count"] == 100
    for other in ("/query?user_id=bob", "/query?user_id=bob&sessionId=", "/query?session_id=b1"):
        assert client.get(other).json()["count"] == 100


def test_what_people_typed_is_told_where_dwell_toml_shows_it(home: Settings, client: Asker) -> None:
    def told(asker: Asker) -> list[str]:
        return [
            asker.get(address).body.decode() for address in ("/query?userId=ann", "/session/a1")
        ]

    assert ['"text"' in text for text in told(client)] == [False, False]
    config = home.config
    assert config
    before = config.read_text()
    try:
        config.write_text(f"show_texts = true\n{before}")
        with reader(home) as asker:
            assert ['"text"' in text for text in told(asker)] == [True, True]
    finally:
        config.write_text(before)


WRONG = {
    "/api/v1/user/nobody/current": 404,
    "/api/v1/user/nobody/history": 404,
    "/patterns/nobody": 404,
    "/session/none": 404,
    "/query": 400,
    "/query?userId=bob&limit=1001": 400,
    "/query?userId=bob&limit=-1": 400,
    "/session/b1?offset=x": 400,
    "/active?limit=9999999999999": 400,
    # What only the path may say, or another spelling says already; and what nothing knows.
    "/user/bob/history?userId=ann": 400,
    "/user/bob/current?user_id=ann": 400,
    "/user/bob/current?limit=1": 400,
    "/session/b1?sessionId=a1": 400,
    "/session/b1?id=a1": 400,
    "/query?userId=bob&user_id=ann": 400,
    "/query?sessionId=b1&id=a1": 400,
    "/patterns/bob?limit=1": 400,
    "/active?userId=ann": 400,
    "/active?Limit=1": 400,
}


@pytest.mark.parametrize("address", WRONG)
def test_what_cannot_be_answered_is_told_in_words(client: Asker, address: str) -> None:
    answer = client.get(address)
    assert answer.status == WRONG[address]
    assert len(answer.json()["error"].split()) > 4


BODIES = {
    "no JSON": b"no JSON",
    "a list": b"[1]",
    "deep": b"[" * 50_000,
    "large": b'"' + b"x" * 200_000 + b'"',
    "an unknown name": b'{"userId": "bob", "user": "ann"}',
    "two spellings": b'{"userId": "bob", "user_id": "ann"}',
    "a list of users": b'{"userId": ["bob", "ann"]}',
    "an object in one": b'{"userId": "bob", "limit": {"x": 1}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_does_not_fit_is_refused(client: Asker, body: bytes) -> None:
    assert client.post("/query", body).status == 400


@pytest.mark.parametrize("builds", ["none", "broken"])
def test_without_a_build_it_is_told_when_to_ask_again(tmp_path: Path, builds: str) -> None:
    settings = settings_of(tmp_path / "home", "")
    if builds == "broken":
        (settings.home / "builds").mkdir(parents=True)
        (settings.home / "builds" / "current.json").write_text("{}")
    with reader(settings) as client:
        answer = client.get("/active")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "dwell" in answer.json()["error"]


def test_an_answer_holds_for_a_second(home: Settings) -> None:
    with reader(home) as client:
        client.get("/active")
        started = time.monotonic()
        answers = {client.get("/active").body for _ in range(20)}
        assert len(answers) == 1
        assert time.monotonic() - started < 1


KEYS: dict[str, tuple[dict[str, str | bytes], int]] = {
    "the header": ({"x-read-key": "s3cret"}, 200),
    "a bearer": ({"authorization": "Bearer s3cret"}, 200),
    "another key": ({"x-read-key": "s3cre"}, 401),
    "no ASCII": ({"x-read-key": "ü".encode("latin-1")}, 401),
    "no key": ({}, 401),
    "another scheme": ({"authorization": "Basic s3cret"}, 401),
}


@pytest.fixture(scope="module")
def locked_client(home: Settings) -> Iterator[Asker]:
    """Who reads from elsewhere, where there is a read key."""
    settings = replace(home, collect=Collect(read_key="s3cret"))
    with reader(settings, ("203.0.113.7", 1)) as client:
        yield client


@pytest.mark.parametrize("given", KEYS)
def test_who_has_the_key_may_read(locked_client: Asker, given: str) -> None:
    headers, status = KEYS[given]
    for address in ("/patterns/ann", "/active"):
        answer = locked_client.get(address, headers=headers)
        assert answer.status == status
    streamed = {**headers, "accept": "text/event-stream"}
    if status != 200:
        assert locked_client.get("/active", headers=streamed).status == status


@pytest.mark.parametrize(
    ("host", "name", "status"),
    [
        ("127.0.0.1", "localhost:8600", 200),
        ("203.0.113.7", "localhost:8600", 403),
        # A foreign page that has its own name lead here.
        ("127.0.0.1", "evil.example:8600", 403),
    ],
)
def test_without_a_key_this_machine_alone_may_read(
    home: Settings, host: str, name: str, status: int
) -> None:
    with reader(home, (host, 1)) as client:
        assert client.get("/patterns/ann", headers={"host": name}).status == status


def test_where_pages_send_with_a_key_nobody_reads_without_one(home: Settings) -> None:
    source = Source("web", write_key="k")
    with reader(replace(home, sources=(source,))) as client:
        answer = client.get("/patterns/ann")
        assert (answer.status, "nobody may read" in answer.json()["error"]) == (403, True)
    settings = replace(home, sources=(source,), collect=Collect(read_key="s3cret"))
    with reader(settings) as client:
        assert client.get("/patterns/ann", headers={"x-read-key": "s3cret"}).status == 200


def test_streams_count_before_they_send_and_no_more_when_they_end(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_MOST_STREAMS", 1)
    streaming = {"accept": "text/event-stream"}
    with reader(home) as client:
        assert sorted(client.statuses("/active", streaming, times=3)) == [200, 503, 503]
        # Each has ended.
        assert client.statuses("/active", streaming, times=1) == [200]
