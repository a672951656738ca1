"""Bodies become lines: every route and spelling, and every reason why not."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.collector import accept
from etl.collector.refusal import Refused
from etl.collector.sender import Sender

RECEIVED = 1_790_000_000.0
NOW = "2026-09-21T14:13:20.000Z"
MILLIS = 1_790_000_000_000
AGENT = "Mozilla/5.0 (Firefox)"
SENDER = Sender(
    received=RECEIVED,
    user_agent=AGENT,
    hints={},
    referer=None,
    pseudonym=lambda: "a-pseudonym",
    new_id=lambda: "a-new-id",
    no_ids=frozenset(["", "null", "NA"]),
)
# What a line has where nothing else is said.
PLAIN = {"event_id": "a-new-id", "event_time": NOW, "user_agent": AGENT}


def tracked(*events: Any, **body: Any) -> list[dict[str, Any]]:
    """The lines of a body of the tracker."""
    given = {"v": 1, "session_id": "s1", "visitor_id": "v1"} | body
    return [json.loads(line) for line in accept.tracker_lines(given | {"events": events}, SENDER)]


def single(raw: Any, session: str | None = "s1", sender: Sender = SENDER) -> dict[str, Any]:
    """The line of one event."""
    return dict(json.loads(accept.event_line(raw, sender, session)[1]))


def test_the_tracker_says_once_what_holds_for_all() -> None:
    context = {
        "device": "mobile", "browser": "Firefox", "screen": "390x844", "referrer": "https://a.example/",
        "campaign": "spring", "experimentId": "new", "model_group": "aurora", "environment": "live",
    }  # fmt: skip
    first, second = tracked(
        {
            "id": "e1", "type": "page_view", "t": MILLIS - 1000,
            "page": "https://b.example/?x", "data": {"a": 1},
        },
        {"id": "e2", "type": "click", "t": MILLIS},
        context=context,
        user_id="ann",
    )  # fmt: skip
    of_all = {
        "session_id": "s1", "anonymous_id": "v1", "user_id": "ann", "experiment_id": "new",
        "model_group": "aurora", "user_agent": AGENT,
    }  # fmt: skip
    assert first == of_all | {
        "event_id": "e1", "event_type": "page_view", "event_time": "2026-09-21T14:13:19.000Z",
        "url": "https://b.example/?x", "device_type": "mobile", "browser": "Firefox",
        "referrer": "https://a.example/", "campaign": "spring", "environment": "live",
        "properties": {"screen": "390x844", "a": 1},
    }  # fmt: skip
    assert second == of_all | {"event_id": "e2", "event_type": "click", "event_time": NOW}


def test_a_body_without_events_has_no_lines() -> None:
    assert tracked() == []


# fmt: off
SPELLINGS = {
    "snake": {"event_id": "e", "type": "x", "user_id": "u", "query_type": "q", "data": {"k": 1}},
    "camel": {"eventId": "e", "type": "x", "userId": "u", "queryType": "q", "data": {"k": 1}},
    "as a lake has it": {
        "event_id": "e", "event_type": "x", "user_id": "u", "query_type": "q",
        "properties": {"k": 1},
    },
    "action and details": {
        "id": "e", "action": "x", "userId": "u", "query_type": "q", "details": {"k": 1}
    },
    "in a field": {
        "event": {"id": "e", "event": "x"}, "userId": "u", "queryType": "q", "details": {"k": 1}
    },
    "unknown fields": {"id": "e", "type": "x", "user_id": "u", "queryType": "q", "k": 1},
}
TIMES = {
    "seconds": 1_780_000_000, "text of seconds": "1780000000", "ms": 1_780_000_000_000,
    "µs": 1_780_000_000_000_000, "ns": 1_780_000_000_000_000_000, "parts": 1_780_000_000.0,
    "ISO": "2026-05-28T20:26:40Z", "ISO with offset": "2026-05-28T22:26:40.000+02:00",
    "ISO without": "2026-05-28 20:26:40",
}
# fmt: on


@pytest.mark.parametrize("raw", SPELLINGS.values(), ids=SPELLINGS)
def test_an_event_has_many_spellings(raw: Any) -> None:
    told = single(raw)
    assert told.pop("anonymous_id", "s1") == "s1"
    assert told == PLAIN | {
        "event_id": "e", "event_type": "x", "user_id": "u", "query_type": "q",
        "session_id": "s1", "properties": {"k": 1},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["time", "t", "timestamp", "event_time", "eventTime", "ts"])
@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES)
def test_a_time_is_read_in_any_usual_way(name: str, written: Any) -> None:
    assert single({"type": "x", name: written})["event_time"] == "2026-05-28T20:26:40.000Z"


def test_the_most_telling_name_wins_and_the_other_is_kept() -> None:
    for raw in ({"action": "a", "type": "t"}, {"type": "t", "action": "a"}):
        told = single(raw)
        assert (told["event_type"], told["properties"]) == ("t", {"action": "a"})


# The client's clock against the collector's; what the event says, and what becomes of it.
@pytest.mark.parametrize(
    ("sent_at", "time", "told"),
    [
        pytest.param(RECEIVED, RECEIVED - 5, RECEIVED - 5, id="right"),
        pytest.param(RECEIVED - 30, RECEIVED - 40, RECEIVED - 40, id="slow line"),
        pytest.param(RECEIVED - 31, RECEIVED - 40, RECEIVED - 9, id="behind"),
        pytest.param(RECEIVED + 1, RECEIVED - 4, RECEIVED - 5, id="ahead"),
        pytest.param(RECEIVED + 1e6, RECEIVED + 1e6 - 5, RECEIVED - 5, id="days ahead"),
        pytest.param(None, RECEIVED - 5, RECEIVED - 5, id="not told"),
        pytest.param(None, RECEIVED + 5, RECEIVED, id="not told, and ahead"),
        pytest.param(RECEIVED, RECEIVED + 5, RECEIVED, id="after it was sent"),
        pytest.param(RECEIVED + 1e9, 5, RECEIVED, id="before 1970 once it is put right"),
        pytest.param(RECEIVED - 3600, RECEIVED - 7200, RECEIVED - 3600, id="kept while offline"),
    ],
)
def test_a_wrong_clock_is_put_right(sent_at: float | None, time: float, told: float) -> None:
    sent = {} if sent_at is None else {"sent_at": sent_at * 1000}
    (line,) = tracked({"type": "x", "t": time * 1000}, **sent)
    assert line["event_time"] == single({"type": "x", "t": told})["event_time"]


IDENTITIES = {
    "user": ({"user_id": "u"}, {"user_id": "u"}),
    "user as number": ({"userId": 7}, {"user_id": "7"}),
    "both": ({"user_id": "u", "visitor_id": "v"}, {"user_id": "u", "anonymous_id": "v"}),
    "anonymous": ({"anonymousId": "v"}, {"anonymous_id": "v"}),
    "nobody in a session": ({}, {"anonymous_id": "s1"}),
    "null": ({"user_id": None}, {"anonymous_id": "s1"}),
    "a word that says nothing": ({"user_id": "NULL"}, {"anonymous_id": "s1"}),
    "two letters of somebody": ({"user_id": "na"}, {"user_id": "na"}),
    "two capitals": ({"user_id": "NA"}, {"anonymous_id": "s1"}),
}


@pytest.mark.parametrize(("said", "told"), IDENTITIES.values(), ids=IDENTITIES)
def test_every_line_says_whose_it_is(said: Any, told: Any) -> None:
    line = single({"type": "x"} | said)
    names = ("user_id", "anonymous_id")
    assert {name: line[name] for name in names if name in line} == told


@pytest.mark.parametrize(("type", "told"), [("NULL", "unnamed"), ("nullify", "nullify")])
def test_a_type_that_says_nothing_names_nothing(type: str, told: str) -> None:
    assert single({"type": type})["event_type"] == told


def test_who_gives_no_id_has_a_pseudonym() -> None:
    (line,) = tracked({"type": "x"}, visitor_id=None)
    assert line["anonymous_id"] == "a-pseudonym"
    assert single({"type": "x"}, None)["anonymous_id"] == "a-pseudonym"


def test_an_event_sent_again_has_the_same_id_where_its_time_tells() -> None:
    later = replace(SENDER, received=RECEIVED + 60, new_id=lambda: "other")
    same = {"type": "x", "t": MILLIS, "sent_at": MILLIS, "data": {"a": 1}}
    again = same | {"sent_at": MILLIS + 60_000}
    assert single(same)["event_id"] == single(again, sender=later)["event_id"]
    for other in ({"t": MILLIS + 1}, {"type": "y"}, {"data": {"a": 2}}, {"user_id": "u"}):
        assert single(same)["event_id"] != single(same | other)["event_id"]
    assert single({"type": "x"}, sender=later)["event_id"] == "other"


def test_a_session_starts_with_all_that_is_said_of_it() -> None:
    session, line = accept.start_line(
        {
            "userId": "u", "sessionType": "trial", "tags": ["a"], "assets": ["B"],
            "device": {
                "type": "mobile", "browser": "Safari", "os": "iOS", "screenSize": "3x4", "dpr": 2,
            },
            "entry": {
                "page": "/in", "source": "mail", "referrer": "https://r.example", "campaign": "c",
            },
        },
        SENDER,
    )  # fmt: skip
    assert session == "a-new-id"
    assert json.loads(line) == PLAIN | {
        "event_id": "start:a-new-id", "event_type": "session_start", "session_id": "a-new-id",
        "user_id": "u", "session_type": "trial", "tags": ["a"], "assets": ["B"],
        "device_type": "mobile", "browser": "Safari", "os": "iOS", "url": "/in",
        "referrer": "https://r.example", "campaign": "c",
        "properties": {"screen": "3x4", "dpr": 2, "entry_source": "mail"},
    }  # fmt: skip


@pytest.mark.parametrize("raw", [{"session_id": "mine"}, {"sessionId": "mine"}, {"id": "mine"}])
def test_a_start_of_the_clients_session_comes_once(raw: Any) -> None:
    session, line = accept.start_line(raw, SENDER)
    assert (session, json.loads(line)["event_id"]) == ("mine", "start:mine")


def test_heartbeats_and_ends_are_events_of_their_own_types() -> None:
    beat = json.loads(accept.heartbeat_line({}, SENDER, "s1")[1])
    assert beat == PLAIN | {
        "event_type": "heartbeat", "session_id": "s1", "anonymous_id": "s1",
    }  # fmt: skip
    for raw in ({"reason": "logout"}, {"exitReason": "logout"}, {"exit_reason": "logout"}):
        _, line = accept.end_line(raw, SENDER, "s1")
        told = json.loads(line)
        assert (told["event_type"], told["properties"]) == (
            "session_end",
            {"exit_reason": "logout"},
        )
    assert accept.end_line({"session_id": 5}, SENDER)[0] == "5"


def test_events_of_a_path_are_of_its_session() -> None:
    raw = {"userId": "u", "events": [{"type": "a", "session_id": "other"}, {"type": "b"}]}
    told = [json.loads(line) for line in accept.event_lines(raw, SENDER, "s1")]
    assert [(line["session_id"], line["user_id"]) for line in told] == [("s1", "u")] * 2


def test_a_picture_is_a_view_of_the_page_that_holds_it() -> None:
    sender = replace(SENDER, referer="https://b.example/p")
    told = json.loads(accept.picture_line({"key": "k", "plan": "pro"}, sender))
    assert told == PLAIN | {
        "event_type": "page_view", "url": "https://b.example/p", "anonymous_id": "a-pseudonym",
        "properties": {"plan": "pro"},
    }  # fmt: skip
    for name in ("type", "event_type", "action"):
        told = json.loads(accept.picture_line({"page": "/q", name: "x", "t": "1"}, sender))
        assert (told["url"], told["event_type"], told["event_time"][:4]) == ("/q", "x", "1970")
        assert "properties" not in told


def test_hints_stand_in_only_for_a_user_agent() -> None:
    hinted = replace(SENDER, hints={"browser": "Brave", "os": "Android"})
    assert "browser" not in single({"type": "x"}, sender=hinted)
    told = single({"type": "x", "os": "iOS"}, sender=replace(hinted, user_agent=None))
    assert (told["browser"], told["os"], "user_agent" in told) == ("Brave", "iOS", False)


def test_a_server_may_say_the_user_agent_of_its_visitor() -> None:
    assert single({"type": "x", "userAgent": "Safari"})["user_agent"] == "Safari"
    assert single({"type": "x", "device": {"userAgent": "Safari"}})["user_agent"] == "Safari"


@pytest.mark.parametrize(
    ("agent", "device", "is_kept"),
    [
        (AGENT, "mobile", True),
        ("python-requests/2.32", "mobile", False),
        ("python-requests/2.32", {"type": "mobile"}, False),
        ("python-requests/2.32", {"os": "iOS"}, True),
        ("python-requests/2.32", None, True),
    ],
)
def test_a_program_is_no_robot_where_it_says_whose_device_it_is(
    agent: str, device: Any, is_kept: bool
) -> None:
    told = single({"type": "x", "device": device}, sender=replace(SENDER, user_agent=agent))
    assert ("user_agent" in told) == is_kept


def test_breaks_of_lines_and_odd_signs_stay_within_a_line() -> None:
    said = 'a\r\n\u2028{"b":1}\x1f.'
    _, line = accept.event_line({"type": "x", "data": {said: said}}, SENDER, said)
    assert b"\n" not in line
    assert b"\r" not in line
    told = json.loads(line)
    assert (told["session_id"], told["properties"]) == (said, {said: said})


# fmt: off
REFUSED = {
    "no object": ([], "The body is no JSON object"),
    "no events": ({}, "events"),
    "events that are no list": ({"events": {}}, "events"),
    "an event that is no object": ({"events": [1]}, r"events\[0\]"),
    "no type": ({"events": [{"type": "a"}, {}]}, "Event 2 does not fit: .+ field `type`"),
    "an empty type": ({"events": [{"type": ""}]}, "Event 1 does not fit"),
    "a blank type": ({"events": [{"type": " "}]}, "Event 1 does not fit"),
    "a type of signs that nobody sees": ({"events": [{"type": "\x00 "}]}, "Event 1 does not fit"),
    "a type that is no text": ({"events": [{"type": 5}]}, "Event 1 does not fit"),
    "a long type": ({"events": [{"type": "x" * 257}]}, "Event 1 does not fit"),
    "no time": ({"events": [{"type": "x", "t": "yesterday"}]}, "Event 1 has the time 'yesterday'"),
    "before 1970": ({"events": [{"type": "x", "t": -1}]}, "Event 1 does not fit"),
    "after all": ({"events": [{"type": "x", "t": 10**30}]}, "Event 1 has the time"),
    "a time that is a flag": ({"events": [{"type": "x", "t": True}]}, "Event 1 does not fit"),
    "a user that is an object": ({"events": [], "user_id": {}}, "user_id"),
    "a long id": ({"events": [{"type": "x", "id": "y" * 257}]}, "Event 1 does not fit"),
    "a context that is a list": ({"events": [], "context": []}, "context"),
    "a wrong context": ({"events": [], "context": {"campaign": 5}}, "context does not fit"),
    "a wrong device": ({"events": [{"type": "x", "device": {"os": []}}]}, "device does not fit"),
    "sent at no time": ({"events": [], "sent_at": "soon"}, "sent_at has the time 'soon'"),
    "too many": ({"events": [{"type": "x"}] * 1001}, "1000"),
}
# fmt: on


@pytest.mark.parametrize(("raw", "said"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_with_the_reason(raw: Any, said: str) -> None:
    with pytest.raises(Refused) as refused:
        accept.tracker_lines(raw, SENDER)
    assert refused.value.status == 400
    assert re.search(said, refused.value.text)


def test_who_names_no_session_where_one_is_wanted_is_refused() -> None:
    with pytest.raises(Refused, match="session_id"):
        accept.end_line({}, SENDER)


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
VALUES = LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(st.text(), LEAVES, max_size=2)
NAMES = st.sampled_from(
    ["type", "action", "t", "time", "id", "userId", "session_id", "data", "device", "entry",
     "context", "events", "event", "sent_at", "tags", "reason", "page", "key", "x"]
)  # fmt: skip
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6)
BODIES = st.dictionaries(NAMES, VALUES | st.lists(OBJECTS, max_size=2), max_size=8)


@given(BODIES)
def test_every_body_becomes_lines_or_is_refused(raw: Any) -> None:
    for accepted in (
        lambda: accept.tracker_lines(raw, SENDER),
        lambda: accept.event_lines(raw, SENDER, "s"),
        lambda: [accept.event_line(raw, SENDER)[1]],
        lambda: [accept.start_line(raw, SENDER)[1]],
        lambda: [accept.end_line(raw, SENDER, "s")[1]],
        lambda: [accept.heartbeat_line(raw, SENDER, "s")[1]],
    ):
        try:
            lines = accepted()
        except Refused:
            continue
        for line in lines:
            told = json.loads(line)
            assert b"\n" not in line
            assert all(told[name].strip() for name in ("event_id", "event_type", "event_time"))
            assert told.get("user_id") or told.get("anonymous_id")


# What is sent as an id, and as which one it is kept.
IDS = {
    "blanks that nobody sees": ("\u200b ann\u00a0\x00", "ann"),
    "accents that are set apart": ("re\u0301mi", "r\u00e9mi"),
    "a number": (17, "17"),
    "blanks alone": ("\u200b\x00", None),
    "a word for nothing": (" NULL ", None),
    "zeros": ("00000000-0000-0000-0000-000000000000", None),
    "one zero": (0, None),
}


@pytest.mark.parametrize(("sent", "kept"), IDS.values(), ids=IDS)
def test_ids_are_kept_as_a_load_spells_them(sent: str | int, kept: str | None) -> None:
    line = single({"type": "x", "user_id": sent, "session_id": sent}, session=None)
    assert (line.get("user_id"), line.get("session_id")) == (kept, kept)
    assert kept or line["anonymous_id"]


def test_an_id_with_a_nul_in_it_is_refused() -> None:
    with pytest.raises(Refused, match="a NUL in it"):
        single({"type": "x", "user_id": "a\x00b"})


@pytest.mark.parametrize("sent", ["null", "", "\u200b", 0])
def test_starts_without_a_sessions_id_are_sessions_of_their_own(sent: str | int) -> None:
    made = iter(("one", "two"))
    sender = replace(SENDER, new_id=lambda: next(made))
    starts = [accept.start_line({"session_id": sent}, sender) for _ in range(2)]
    assert [session for session, _ in starts] == ["one", "two"]
    assert len({json.loads(line)["event_id"] for _, line in starts}) == 2


def test_events_of_two_visitors_are_two_whatever_they_say() -> None:
    said = {"type": "click", "time": RECEIVED, "page": "/"}
    senders = [replace(SENDER, pseudonym=lambda name=name: name) for name in ("v", "w")]
    ids = [json.loads(accept.event_line(said, sender)[1])["event_id"] for sender in senders]
    assert len(set(ids)) == 2


def test_equal_events_of_one_body_are_several_and_the_same_when_it_is_sent_again() -> None:
    body = {"session_id": "s", "events": [{"type": "click", "t": RECEIVED * 1000}] * 3}
    first, again = (
        [json.loads(line)["event_id"] for line in accept.tracker_lines(body, SENDER)]
        for _ in range(2)
    )
    assert first == again
    assert len(set(first)) == 3
