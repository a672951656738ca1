"""One session: found by its ids, its events and turns, what lies beside it, and what cut it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import md5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import warehouse
from etl.errors import ConfigError
from tests import make
from tests.oracle import Oracle, Rules
from tests.search import some
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import COLUMNS, NOON, event, session
from warehouse.metrics import session_sentences, sessions, users

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
KNOWN = {line.split()[0] for line in COLUMNS["user_sessions"].split(",")}
TIMEOUTS = (5, 10, 15, 20, 30, 45, 60, 90, 120)


def id_of(first, source="web"):
    """The id of a session that begins with that event."""
    since = (first["event_time"] - datetime.fromisoformat("1970-01-01")) // timedelta(
        microseconds=1
    )
    key = "\x1f".join([source, first["event_id"]])
    return f"{since:015x}-{md5(key.encode()).hexdigest()[:16]}"


@pytest.fixture(scope="module")
def ann(open_shared_build):
    """Ann's morning in two streams: web at 9, a chat at 9:10, web at 11."""
    web = session("ann", NOON, seconds=600, session_id="one", event_count=3)
    chat = session(
        "ann", NOON + 10 * MINUTE, session_id="chat", stream="tracker", given_session_id="t1"
    )
    late = session("ann", NOON + 2 * HOUR, seconds=90, session_id="two")
    return open_shared_build(
        [web, late, chat, session("bob", NOON + HOUR, session_id="bob")],
        events=[
            event("one", "ann", NOON, 1, page="/a", event_type="page_view"),
            event("one", "ann", NOON + MINUTE, 2, event_type="scroll", properties='{"depth": 140}'),
            event("one", "ann", NOON + 10 * MINUTE, 3, event_type="search",
                  properties='{"query": "secret", "target": "secret"}'),
            event("two", "ann", NOON + 2 * HOUR, 1),
        ],
    )  # fmt: skip


def test_a_session_is_told_whole(ann):
    assert sessions.one(ann, "one").row(0, named=True)["user_id"] == "ann"
    assert sessions.one(ann, "nobody's").is_empty()


def test_an_id_names_its_session_or_the_one_that_holds_its_first_event(ann):
    second = {"event_time": NOON + MINUTE, "event_id": "one-2"}
    assert sessions.resolve(ann, "one").rows() == [("one",)]
    assert sessions.resolve(ann, id_of(second)).rows() == [("one",)]


@pytest.mark.parametrize(
    "session_id",
    [
        pytest.param("", id="nothing"),
        pytest.param("' or true --", id="no id"),
        pytest.param("f" * 15 + "-" + "0" * 16, id="a time beyond all calendars"),
        pytest.param(id_of({"event_time": NOON + MINUTE, "event_id": "one-1"}), id="another time"),
        pytest.param(id_of({"event_time": NOON, "event_id": "one-1"}, "app"), id="another source"),
    ],
)
def test_an_id_of_no_event_here_names_nothing(ann, session_id):
    assert sessions.resolve(ann, session_id).is_empty()


def test_events_come_as_those_of_the_user_and_in_pages(ann):
    every = sessions.events(ann, "one")
    assert every.equals(users.session_events(ann, "one"))
    assert sessions.events(ann, "one", limit=1, offset=1).equals(every[1:2])
    scrolls = sessions.events(ann, "one", event_type="scroll")
    # The gap is that to the event before, of whatever type.
    assert scrolls.select("event_number", "gap_seconds").rows() == [(2, 60.0)]
    assert sessions.event_types(ann, "one").rows() == [
        ("page_view", 1),
        ("scroll", 1),
        ("search", 1),
    ]
    assert sessions.event(ann, "one", 2)["event_id"].item() == "one-2"
    assert sessions.event(ann, "one", 9).is_empty()


def test_events_after_midnight_of_another_day_are_found(open_build):
    row = session("ann", NOON, seconds=40 * 3600, session_id="long")
    found = sessions.events(open_build([row]), "long")
    assert found["seconds_since_start"].to_list() == [0.0, 40 * 3600.0]


def test_a_replay_tells_where_and_what_but_nothing_that_was_typed(ann):
    frame = sessions.replay(ann, "one")
    assert frame["milliseconds"].to_list() == [0, 60_000, 600_000]
    assert frame["scroll_percent"].to_list() == [None, 100, None]
    assert "secret" not in frame.write_csv()


# What is said of an event, where a text may stand or an object with what was typed.
TYPED = {"tag": "input", "text": "my secret words"}
SAID = [
    ("submit", {"target": TYPED}, None),
    ("click", {"target": [TYPED], "selector": "button.send"}, "button.send"),
    ("click", {"target": "nav > a", "selector": "a"}, "nav > a"),
    ("workflow_step", {"name": TYPED, "workflow": "digest", "step": TYPED}, "digest"),
    ("workflow_step", {"name": "digest", "step": 2}, "digest, 2"),
    ("model_response", {"model": TYPED, "provider": TYPED}, None),
    ("model_response", {"model": "m"}, "m"),
    ("prompt", {"query_type": TYPED, "prompt_type": TYPED}, None),
]


def test_what_was_typed_is_nowhere_in_a_replay_whatever_holds_it(open_build):
    lines = [
        event("s", "ann", NOON + at * SECOND, at, event_type=kind, chat_id="c", **text(**told))
        for at, (kind, told, _) in enumerate(SAID, 1)
    ]
    wh = open_build([session("ann", session_id="s", event_count=len(SAID))], events=lines)
    assert sessions.replay(wh, "s")["detail"].to_list() == [wanted for _, _, wanted in SAID]


@pytest.mark.parametrize(
    ("session_id", "same_stream", "wanted"),
    [
        ("one", False, [("next", "chat", 0.0)]),
        ("chat", False, [("previous", "one", 0.0), ("next", "two", 6540.0)]),
        ("two", False, [("previous", "chat", 6540.0)]),
        ("one", True, [("next", "two", 6600.0)]),
        ("two", True, [("previous", "one", 6600.0)]),
        ("chat", True, []),
        ("nobody's", False, []),
    ],
)
def test_neighbours_are_those_of_the_user_or_of_the_stream(ann, session_id, same_stream, wanted):
    frame = sessions.neighbours(ann, session_id, same_stream)
    assert frame.select("neighbour", "session_id", "pause_seconds").rows() == wanted


STARTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(0, 900)), min_size=1, max_size=9
)


@pytest.mark.long
@settings(max_examples=some(15, of=300), deadline=None)
@given(STARTS)
def test_neighbours_follow_each_other_as_the_numbers_do(tmp_path_factory, made):
    rows = [
        session(
            user,
            NOON + MINUTE * minute,
            seconds=seconds,
            session_id=f"{at:02}",
            stream=("inactivity", "tracker")[at % 2],
        )
        for at, (user, minute, seconds) in enumerate(made)
    ]
    with opened_builds(tmp_path_factory.mktemp("neighbours")) as build:
        wh = build(rows)
        for row in rows:
            line = sorted(
                (one for one in rows if one["user_id"] == row["user_id"]),
                key=lambda one: (one["start_time"], one["session_id"]),
            )
            place = line.index(row)
            found = {
                each["neighbour"]: (each["session_id"], each["pause_seconds"])
                for each in sessions.neighbours(wh, row["session_id"]).to_dicts()
            }
            wanted = {}
            if place:
                pause = row["start_time"] - line[place - 1]["end_time"]
                wanted["previous"] = line[place - 1]["session_id"], pause.total_seconds()
            if place + 1 < len(line):
                pause = line[place + 1]["start_time"] - row["end_time"]
                wanted["next"] = line[place + 1]["session_id"], pause.total_seconds()
            assert found == wanted


def test_sessions_of_a_tracker_that_overlap_have_a_pause_below_zero(open_build):
    given = {"stream": "tracker", "given_session_id": "t"}
    first = session("ann", NOON, seconds=600, session_id="a", **given)
    second = session("ann", NOON + MINUTE, session_id="b", **given)
    frame = sessions.neighbours(open_build([first, second]), "a")
    assert frame["pause_seconds"].to_list() == [-540.0]


def test_a_timeout_must_last(ann):
    with pytest.raises(ConfigError, match="longer than 0"):
        sessions.cuts(ann, "one", minutes=(0, 30))


def test_no_timeout_changes_what_a_tracker_told(ann):
    told = sessions.cuts(ann, "chat").select(
        "piece_count", "joined_before_count", "joined_after_count"
    )
    assert set(told.rows()) == {(1, 0, 0)}


GAPS = st.sampled_from([0, 1, 4, 5, 6, 10, 15, 20, 29, 30, 31, 45, 46, 60, 89, 90, 120, 121])
KINDS = st.sampled_from(["click", "click", "click", "logout", "session_start", "login"])
STREAMS = st.sampled_from(["inactivity", "inactivity", "tracker", "given"])
HISTORY = st.lists(st.tuples(GAPS, KINDS, STREAMS), min_size=1, max_size=14)


def history(user, steps):
    """Events of a user, each so many minutes after the one before."""
    time = NOON
    for gap, kind, stream in steps:
        time += gap * MINUTE
        tracked = "t1" if stream == "given" else None
        yield make.event(
            time,
            kind,
            user_id=user,
            stream="inactivity" if stream == "inactivity" else "tracker",
            tracker_session_id=f"{user}-{tracked}" if tracked else None,
        )


def cuts_of(oracle, minutes):
    """What each session would be at another timeout, by cutting all events anew."""
    other = Oracle(
        oracle.events, oracle.now, replace(oracle.rules, timeout=timedelta(minutes=minutes))
    )
    ids = [[each["event_id"] for each in events] for events in other.cut]
    home = {one: place for place, of_one in enumerate(ids) for one in of_one}
    old = {
        one: place
        for place, events in enumerate(oracle.cut)
        for one in (each["event_id"] for each in events)
    }
    for place, events in enumerate(oracle.cut):
        own = [each["event_id"] for each in events]
        first, last = set(ids[home[own[0]]]), set(ids[home[own[-1]]])
        before = {old[one] for one in ids[home[own[0]]][: ids[home[own[0]]].index(own[0])]}
        after = {old[one] for one in ids[home[own[-1]]][ids[home[own[-1]]].index(own[-1]) + 1 :]}
        assert first
        assert last
        yield (
            oracle.sessions[place]["session_id"],
            (len({home[one] for one in own}), len(before - {place}), len(after - {place})),
        )


@pytest.mark.long
@settings(
    max_examples=some(5, of=400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(HISTORY, min_size=1, max_size=6), st.booleans())
def test_other_timeouts_cut_as_if_all_events_were_cut_anew(
    open_shared_build, histories, with_starts
):
    starts = frozenset({"login"} if with_starts else ())
    events = [
        each for number, steps in enumerate(histories) for each in history(f"u{number}", steps)
    ]
    oracle = Oracle(events, NOON + 1000 * HOUR, Rules(starts=starts))
    rows, lines = [], []
    for row, cut in zip(oracle.sessions, oracle.cut, strict=True):
        rows.append(
            session(row["user_id"], row["start_time"], row["duration_seconds"])
            | {name: value for name, value in row.items() if name in KNOWN}
            | {"given_session_id": cut[0]["tracker_session_id"]}
        )
        lines += [
            event(row["session_id"], row["user_id"], each["event_time"], number,
                  event_type=each["event_type"], event_id=each["event_id"])
            for number, each in enumerate(cut, 1)
        ]  # fmt: skip
    told = [{"name": "starts", "value": ", ".join(starts)}] if starts else []
    wh = open_shared_build(
        rows, events=lines, settings=[{"name": "time_zone", "value": "UTC"}, *told]
    )
    wanted = {minutes: dict(cuts_of(oracle, minutes)) for minutes in TIMEOUTS}
    for row in rows:
        frame = sessions.cuts(wh, row["session_id"])
        got = {
            each["timeout_minutes"]: (
                each["piece_count"],
                each["joined_before_count"],
                each["joined_after_count"],
            )
            for each in frame.iter_rows(named=True)
        }
        assert got == {minutes: wanted[minutes][row["session_id"]] for minutes in TIMEOUTS}
    wh.close()


def facts(wh, session_id):
    return {(kind, fact): value for kind, fact, value in sessions.story(wh, session_id).rows()}


END = NOON + MINUTE
ENDS = [
    pytest.param("click", {}, "timeout",
        "Ended by timeout (30 m): its last event was click, at 12:01:00. "
        "Nothing came for 2 h after it.",
        id="silence"),
    pytest.param("logout", {"exit_reason": "logout"}, "logout",
        "Ended by logout: its last event is logout, at 12:01:00.", id="logout"),
    pytest.param("session_expired", {}, "timeout",
        "Ended by timeout: session_expired at 12:01:00 says that it had run out.", id="run out"),
    pytest.param("error", {"exit_reason": "error"}, "error",
        "Ended by an error: its last event is error, at 12:01:00. Nothing came for 2 h after it.",
        id="error"),
    pytest.param("page_leave", {"exit_reason": "navigation"}, "navigation",
        "Ended by navigation: its last event, page_leave at 12:01:00, left the page. "
        "Nothing came for 2 h after it.", id="left"),
    pytest.param("session_end", {"exit_reason": "logout"}, "logout",
        "Ended by logout: so says its session_end at 12:01:00.", id="told"),
    pytest.param("click", {"stream": "tracker", "given_session_id": "t"}, "timeout",
        "Ended by timeout: its last event was click, at 12:01:00, and no later one carries its "
        "tracker's id. The tracker began this user's next session 2 h later.", id="tracker"),
    pytest.param("click", {"exit_reason": None, "is_open": True}, "open",
        "Still open: its last event (click, 12:01:00) came 2 h 01 m before the newest event "
        "loaded, within the timeout of 30 m.", id="open"),
]  # fmt: skip


@pytest.fixture(scope="module")
def endings(open_shared_build):
    """A user for each of ENDS, with a second session two hours after the first."""
    rows, lines = [], []
    for case in ENDS:
        last, columns = case.values[:2]
        told = {"exit_reason": "timeout", "event_path": ["login", last], **columns}
        stream = {name: told[name] for name in ("stream", "given_session_id") if name in told}
        after = {"session_id": f"{case.id} 2", "event_path": ["click"], **stream}
        rows.append(session(case.id, NOON, session_id=case.id, **told))
        rows.append(session(case.id, END + 2 * HOUR, **after))
        said = {"event_type": last, "properties": '{"reason": "logout"}'}
        lines.append(event(case.id, case.id, NOON, 1))
        lines.append(event(case.id, case.id, END, 2, **said))
        lines.append(event(f"{case.id} 2", case.id, END + 2 * HOUR, 1))
        lines.append(event(f"{case.id} 2", case.id, END + 2 * HOUR + MINUTE, 2))
    return open_shared_build(rows, events=lines)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in ENDS])
def test_a_story_says_why_it_ended(endings, case):
    last, _, reason, sentence = case.values
    found = facts(endings, case.id)
    assert found[("end", "reason")] == reason
    assert found[("end", "last_event")] == last
    assert found[("end", "sentence")] == sentence


STARTS = {
    "silence": (["click"], 2 * HOUR, None),
    "ended_before": (["click", "logout"], MINUTE, None),
    "start_event": (["click"], MINUTE, None),
    "tracker_id": (["click"], MINUTE, "t"),
    "first": (None, MINUTE, None),
}


@pytest.fixture(scope="module")
def beginnings(open_shared_build):
    """A user for each of STARTS, called as the reason."""
    rows = []
    for user, (before, pause, given_id) in STARTS.items():
        told = {"given_session_id": given_id, "event_path": ["click"]}
        rows.append(session(user, NOON, session_id=user, **told))
        if before:
            first = {"session_id": f"{user} 0", "event_path": before}
            rows.append(session(user, NOON - pause - MINUTE, **first))
    return open_shared_build(rows)


@pytest.mark.parametrize("reason", STARTS)
def test_a_story_says_why_it_began(beginnings, reason):
    assert facts(beginnings, reason)[("start", "reason")] == reason


def test_sessions_of_a_tracker_do_not_explain_those_that_silence_cuts(open_build):
    given_ids = {"a": (0, None), "t": (1, "t1"), "b": (3, None), "u": (4, "t2")}
    told = {"stream": "tracker", "exit_reason": "timeout"}
    rows = [
        session("ann", NOON + hours * HOUR, session_id=name, given_session_id=given_id, **told)
        for name, (hours, given_id) in given_ids.items()
    ]
    wh = open_build(rows)
    told = {each["session_id"]: facts(wh, each["session_id"]) for each in rows}
    starts = {name: found[("start", "reason")] for name, found in told.items()}
    assert starts == {"a": "first", "t": "tracker_id", "b": "silence", "u": "tracker_id"}
    assert told["b"][("start", "sentence")].startswith("It began after 2 h 59 m without an event")
    assert told["a"][("start", "sentence")].endswith("without a tracker's session id.")
    assert told["a"][("end", "sentence")].endswith(
        "Nothing came in its timeline for 2 h 59 m after it. "
        "In another timeline the user went on 59 m later."
    )
    assert "next session 2 h 59 m later." in told["t"][("end", "sentence")]
    # The lines beside it are those of the user.
    assert told["b"][("neighbour", "previous")] == "t"


def test_a_story_says_what_another_stream_tells(open_build):
    other = {"stream": "tracker", "given_session_id": "t"}
    rows = [
        session("ann", NOON - 10 * MINUTE, session_id="chat", **other),
        session("ann", NOON, session_id="web", exit_reason="timeout"),
        session("ann", NOON + SECOND * 30, session_id="chat2", **other),
    ]
    found = facts(open_build(rows), "web")
    assert found[("start", "sentence")] == (
        "It began with the user's first event in its timeline. "
        "The user's session before, in another timeline, ended 9 m earlier."
    )
    assert found[("end", "sentence")].endswith(
        "Nothing came in its timeline in the 30 s after it, up to the newest event loaded. "
        "Meanwhile the user was active in another timeline."
    )


def test_an_older_build_tells_what_it_can(open_build):
    rows = [session("ann", NOON, session_id="s"), session("ann", NOON + HOUR, session_id="t")]
    wh = open_build(rows, lacking=["event_path"])
    assert facts(wh, "t")[("start", "reason")] == "silence"
    assert facts(wh, "s")[("cut", "1 h")] == "joined with 1 after"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1, 0, 0), "same"),
        ((3, 0, 0), "3 sessions"),
        ((1200, 0, 0), "1,200 sessions"),
        ((1, 2, 0), "joined with 2 before"),
        ((1, 1, 1), "joined with 1 before, 1 after"),
        ((None, 0, 1), "joined with 1 after"),
    ],
)
def test_a_timeout_in_words(counts, words):
    names = ("piece_count", "joined_before_count", "joined_after_count")
    row = {"timeout_minutes": 90, **dict(zip(names, counts, strict=True))}
    assert session_sentences.cut(row) == ("cut", "1 h 30 m", words)


def test_a_story_tells_the_rest(ann, open_build):
    found = facts(ann, "two")
    assert found[("header", "user_id")] == "ann"
    assert found[("neighbour", "previous")] == "chat"
    assert found[("neighbour", "previous_pause_seconds")] == "6540.0"
    assert found[("cut", "30 m")] == "same"
    assert found[("cut", "2 h")] == "joined with 1 before"
    assert facts(ann, "one")[("cut", "5 m")] == "2 sessions"
    assert sessions.story(ann, "nobody's").is_empty()
    row = session("ann", session_id="s", pattern="confused", pattern_confidence=0.6,
                  pattern_indicators=["a", "b"], is_bounce=True)  # fmt: skip
    rows = sessions.story(open_build([row]), "s").rows()
    assert ("flag", "is_bounce", "true") in rows
    assert [value for kind, fact, value in rows if fact == "indicator"] == ["a", "b"]


def text(**properties):
    return {"properties": json.dumps(properties)}


def rephrased(seconds, act):
    return [
        *((0, "prompt", {}), (5, "model_response", {}), (6, act, {})),
        (5 + seconds, "prompt", {}),
    ]


NO_CHAT = {"chat_id": None}
# By the session: seconds after noon, type, and what else.
CHATS = {
    "whole": [
        (0, "prompt", text(text="why?", query_type="code")),
        (2, "model_response", text(latency_ms=1500, response_length=70, model="m", provider="p")),
        (3, "copy", {}),
        (4, "citation_click", NO_CHAT),
        (5, "feedback", text(value="up")),
        (6, "feedback", text(value="down")),
    ],
    "exactly 20 s": rephrased(20, "scroll"),
    "later": rephrased(20.001, "scroll"),
    "copied": rephrased(10, "copy"),
    "selected": rephrased(10, "select"),
    "mixed": [
        (0, "prompt", {"chat_id": "a"}),
        (1, "prompt", {"chat_id": "b"}),
        (2, "model_response", {"chat_id": "a"}),
        (3, "model_response", {"chat_id": "b"}),
        (4, "copy", {"chat_id": "a"}),
        (5, "model_response", {"chat_id": "a"}),
        (6, "error", {"chat_id": "b", "is_error": True}),
    ],
    "one question, two answers": [
        (0, "prompt", {}),
        (1, "model_response", {}),
        (2, "model_response", {}),
        (60, "prompt", {}),
    ],
    "two answers, soon asked again": [
        (0, "prompt", {}),
        (1, "model_response", {}),
        (2, "model_response", {}),
        (21.5, "prompt", {}),
    ],
    "an id once": [
        (0, "new_chat", {"chat_id": "a"}),
        (1, "query", {**NO_CHAT, "is_query": True}),
        (2, "model_response", {**NO_CHAT, **text(latency_ms="NaN")}),
        (3, "query", {**NO_CHAT, "is_query": True}),
        (4, "feedback", {**NO_CHAT, **text(value="up")}),
    ],
    "no ids, a search": [
        (0, "query", {**NO_CHAT, "is_query": True}),
        (1, "model_response", {**NO_CHAT, **text(latency_ms="inf")}),
        (2, "prompt", NO_CHAT),
        (3, "model_response", {**NO_CHAT, **text(latency_ms="1e999")}),
    ],
    "no ids": [(0, "model_response", {**NO_CHAT, **text(text="hello")}), (9, "prompt", NO_CHAT)],
}


@pytest.fixture(scope="module")
def chats(tmp_path_factory):
    """The turns of one of CHATS, as dictionaries; each is the session of a user."""
    lines = []
    for name, told in CHATS.items():
        for number, (seconds, kind, others) in enumerate(told, 1):
            known = {"chat_id": "c", "user_id": name, "event_id": f"{name}-{number:02d}", **others}
            known.pop("is_query", None), known.pop("is_error", None)
            lines.append(make.event(NOON + seconds * SECOND, kind, **known))
    home = tmp_path_factory.mktemp("chats") / "home"
    make.commit_events(home, lines)
    make.build_home(home)
    with warehouse.open(home) as wh:
        ids = dict(wh.sql("select user_id, session_id from user_sessions").fetchall())
        yield lambda name, **given: sessions.turns(wh, ids[name], **given).to_dicts()


def test_a_turn_is_a_prompt_with_its_response_and_what_was_done_with_it(chats):
    (one,) = chats("whole", show_texts=True)
    wanted = {
        **{"chat_id": "c", "turn_number": 1, "prompt_type": "code", "prompt_length": 4},
        **{"latency_ms": 1500.0, "model": "m", "provider": "p", "response_length": 70},
        **{"is_copied": True, "is_selected": False, "is_citation_opened": True},
        **{"feedback": "down", "is_rephrased": False, "prompt_text": "why?"},
        **{"prompt_event_number": 1, "response_event_number": 2, "is_error": False},
    }
    assert wanted.items() <= one.items()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("exactly 20 s", True), ("later", False), ("copied", False), ("selected", False)],
)
def test_a_prompt_soon_after_an_answer_that_nobody_used_is_rephrased(chats, name, wanted):
    first, second = chats(name)
    assert first["is_rephrased"] is wanted
    assert first["latency_ms"] == 5000
    # What nobody answered tells nothing of an answer.
    assert [second[name] for name in ("is_copied", "is_rephrased", "latency_ms")] == [None] * 3


def test_each_answer_has_the_acts_up_to_the_next_and_chats_do_not_mix(chats):
    names = ("chat_id", "response_event_number", "is_copied", "is_error", "is_rephrased")
    told = [tuple(each[name] for name in names) for each in chats("mixed")]
    assert told == [
        ("a", 3, True, False, False),
        ("a", 6, False, False, False),
        ("b", 4, False, True, False),
    ]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("one question, two answers", [False, False, None]),
        ("two answers, soon asked again", [False, True, None]),
    ],
)
def test_only_another_prompt_makes_an_answer_rephrased(chats, name, wanted):
    assert [each["is_rephrased"] for each in chats(name)] == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("an id once", [("a", 2, 3, 1000.0), ("a", 4, None, None)]),
        ("no ids, a search", [(None, None, 2, None), (None, 3, 4, 1000.0)]),
    ],
)
def test_a_query_is_a_prompt_in_a_chat_that_is_named(chats, name, wanted):
    names = ("chat_id", "prompt_event_number", "response_event_number", "latency_ms")
    turns = chats(name)
    assert [tuple(each[name] for name in names) for each in turns] == wanted
    assert [each["feedback"] for each in turns] == [None, None]


def test_turns_come_in_pages_and_their_texts_when_they_are_asked_for(chats):
    every = chats("mixed")
    assert chats("mixed", limit=2, offset=1) == every[1:3]
    (hidden,), (shown,) = chats("whole"), chats("whole", show_texts=True)
    assert hidden == {**shown, "prompt_text": None, "response_text": None}


def test_a_chat_without_an_id_is_one_and_an_answer_may_have_no_prompt(chats):
    told = [
        (each["chat_id"], each["turn_number"], each["response_length"]) for each in chats("no ids")
    ]
    assert told == [(None, 0, 5), (None, 1, None)]


def test_a_session_without_a_chat_has_no_turns_and_one_without_workflows_no_runs(ann):
    assert sessions.turns(ann, "one").is_empty()
    assert sessions.runs(ann, "one").is_empty()


def test_runs_begin_so_long_after_the_session(open_build):
    run = {"workflow_id": "w", "workflow_name": "digest", "status": "completed", "session_id": "s"}
    times = {"start_time": NOON + MINUTE, "end_time": NOON + 2 * MINUTE, "duration_seconds": 60.0}
    wh = open_build([session("ann", session_id="s")], workflow_executions=[run | times])
    (row,) = sessions.runs(wh, "s").to_dicts()
    assert (row["seconds_since_start"], row["duration_seconds"]) == (60.0, 60.0)
