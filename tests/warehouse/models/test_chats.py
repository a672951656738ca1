"""Turns of chats: which answer an act belongs to, and what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from tests.chat_histories import chat_histories
from tests.make import NOON, event
from tests.model_runs import apart, run_models
from tests.naive_chats import naive_turns
from tests.oracle import Oracle
from tests.search import some

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
KEY = ("user_id", "prompt_event_id", "response_event_id")
TABLES = ("chat_turns", "chats", "responses")
Row = dict[str, Any]


def assert_same_turns(rows: Sequence[Row], wanted: Sequence[Row]) -> None:
    """The rows of chat_turns say what the naive ones do."""
    told = {tuple(row[name] or "" for name in KEY): row for row in rows}
    assert len(told) == len(rows)
    assert sorted(told) == sorted(tuple(row[name] or "" for name in KEY) for row in wanted)
    for row in wanted:
        one = told[tuple(row[name] or "" for name in KEY)]
        got = {name: one[name] for name in row}
        assert got == {
            name: pytest.approx(value, abs=1e-6) if isinstance(value, float) else value
            for name, value in row.items()
        }


@pytest.mark.long
@settings(max_examples=some(6, of=400))
@given(chat_histories(NOON))
def test_turns_are_those_of_a_naive_account(history: tuple[list[Row], datetime]) -> None:
    events, now = history
    marts = run_models(events, now, wanted=TABLES)
    rows = marts.rows("from chat_turns")
    assert_same_turns(rows, naive_turns(Oracle(events, now)))
    assert not any(row["is_silent_success"] and row["is_silent_failure"] for row in rows)
    answers = marts.rows("from responses")
    assert len(answers) == sum(row["event_type"] == "model_response" for row in events)
    chats = marts.rows("from chats")
    assert sum(chat["turn_count"] for chat in chats) == sum(row["begins_turn"] for row in rows)
    assert sum(chat["response_count"] for chat in chats) == len(answers)


def chat(*acts: tuple[float | timedelta, str] | tuple[float | timedelta, str, Any]) -> list[Row]:
    """Events of one user: seconds after noon, type, and columns; of chat c unless told."""
    events = []
    for number, (at, kind, *others) in enumerate(acts):
        columns = {"chat_id": "c", "event_id": f"{number:02d}", **(others[0] if others else {})}
        time = at if isinstance(at, timedelta) else at * SECOND
        events.append(event(time, kind, **columns))
    return events


def says(**properties: Any) -> Row:
    """The columns of an event with these properties."""
    return {"properties": properties}


ASKED = ((0, "prompt"), (1, "model_response"))
NO_ID = {"chat_id": None}
# Case → events, and what its first answer holds.
CASES: dict[str, tuple[list[Row], Row]] = {
    "a prompt exactly 20 s later rephrases": (
        chat(*ASKED, (21, "prompt")),
        {"is_rephrased": True, "is_silent_failure": True, "read_seconds": 20.0},
    ),
    "a moment more, and it does not": (
        chat(*ASKED, (21 * SECOND + MICROSECOND, "prompt")),
        {"is_rephrased": False, "is_silent_failure": False},
    ),
    "who copied did not rephrase": (
        chat(*ASKED, (5, "copy"), (9, "prompt")),
        {"is_rephrased": False, "is_silent_success": True, "is_silent_failure": False},
    ),
    "who copied after the next prompt did": (
        chat(*ASKED, (5, "prompt"), (9, "copy")),
        {"is_rephrased": True, "is_copied": False},
    ),
    "a prompt of another chat rephrases nothing": (
        chat(*ASKED, (5, "prompt", {"chat_id": "d"})),
        {"is_rephrased": False, "is_silent_failure": False, "read_seconds": 4.0},
    ),
    "feedback makes a success no silent one": (
        chat(*ASKED, (5, "select"), (6, "feedback", says(value="neutral"))),
        {"is_selected": True, "feedback": "neutral", "is_silent_success": False},
    ),
    "the last feedback counts": (
        chat(*ASKED, (5, "feedback", says(value="up")), (6, "feedback", says(rating=-1))),
        {"feedback": "down", "is_silent_failure": False},
    ),
    "who left within 20 s was not served": (
        chat(*ASKED, (21, "heartbeat")),
        {"is_silent_failure": True, "read_seconds": None, "left_seconds": 20.0},
    ),
    "who stayed longer was": (
        chat(*ASKED, (21 * SECOND + MICROSECOND, "heartbeat")),
        {"is_silent_failure": False, "read_seconds": None},
    ),
    "who went idle soon was not served, however long the tab stayed": (
        chat(*ASKED, (9, "idle"), (500, "heartbeat")),
        {"is_silent_failure": True, "read_seconds": 8.0, "left_seconds": 8.0},
    ),
    "who went idle late was": (
        chat(*ASKED, (60, "idle")),
        {"is_silent_failure": False, "read_seconds": 59.0},
    ),
    "an action after it is no failure": (
        chat(*ASKED, (3, "page_view", NO_ID)),
        {"is_silent_failure": False, "read_seconds": 2.0},
    ),
    "a copy in a later visit is no failure": (
        chat(*ASKED, (7200, "copy"), (7201, "feedback", says(value="up"))),
        {"is_copied": True, "feedback": "up", "is_silent_failure": False, "read_seconds": None},
    ),
    "a later visit's next prompt takes what follows": (
        chat(*ASKED, (7200, "prompt"), (7201, "copy")),
        {"is_copied": False, "is_silent_failure": True},
    ),
    "two tabs: an act without a chat is of the one named last": (
        chat(*ASKED, (2, "prompt", {"chat_id": "d"}), (3, "copy", NO_ID), (4, "scroll")),
        {"is_copied": False, "is_scrolled": True},
    ),
    "a new chat takes what follows": (
        chat(*ASKED, (2, "new_chat", {"chat_id": "d"}), (3, "copy", NO_ID)),
        {"is_copied": False, "read_seconds": 1.0},
    ),
    "a session without ids is one chat": (
        chat((0, "prompt", NO_ID), (1, "model_response", NO_ID), (2, "copy", NO_ID)),
        {"chat_id": None, "turn_number": 1, "is_copied": True},
    ),
    "an answer without a prompt": (
        chat((1, "model_response"), (2, "prompt")),
        {"turn_number": 0, "prompt_time": None, "latency_ms": None, "begins_turn": False},
    ),
    "an error belongs to the answer before it": (
        chat(*ASKED, (5, "error", NO_ID)),
        {"is_error": True},
    ),
    "an error before the answer is of the prompt": (
        chat((0, "prompt"), (1, "error"), (2, "model_response")),
        {"is_error": False, "latency_ms": 2000.0},
    ),
    "an answer may say itself that it failed": (
        chat((0, "prompt"), (1, "model_response", says(finish_reason="error"))),
        {"is_error": True},
    ),
    "the deepest scroll of several": (
        chat(*ASKED, *((n, "scroll", says(depth=d)) for n, d in ((2, 40), (3, 90), (4, 10)))),
        {"deepest_scroll": 90.0, "is_scrolled": True},
    ),
    "a scroll may tell no depth": (
        chat(*ASKED, (2, "scroll")),
        {"deepest_scroll": None, "is_scrolled": True},
    ),
    "time in sight is told in seconds or milliseconds, of the answer or an act": (
        chat(*ASKED, (2, "scroll", says(visible_ms=1500)), (3, "copy", says(visible_seconds=4))),
        {"visible_seconds": 4.0},
    ),
    "OpenAI's usage": (
        chat(
            (0, "prompt", says(text="why?", prompt_type="code")),
            (1, "model_response", says(
                model="m", usage={"prompt_tokens": 7, "completion_tokens": "8"}, cost=0.5,
                latency_ms=900, first_token_ms=120.5, citations=[1, 2], text="hello", provider="p",
            )),
        ),
        {
            **{"prompt_tokens": 7, "completion_tokens": 8, "cost": 0.5, "citation_count": 2},
            **{"latency_ms": 900.0, "first_token_ms": 120.5, "response_length": 5},
            **{"model": "m", "provider": "p", "prompt_type": "code", "prompt_length": 4},
        },
    ),
    "Anthropic's, Vercel's and LangChain's": (
        chat((1, "model_response", says(
            usage={"inputTokens": 3}, usage_metadata={"output_tokens": 4}, sources=[],
            totalCost="0.25", responseLength=70.9,
        ))),
        {
            **{"prompt_tokens": 3, "completion_tokens": 4, "citation_count": 0, "cost": 0.25},
            "response_length": 70,
        },
    ),
    "a prompt's length, where its text is not told": (
        chat((0, "prompt", says(length=12)), (1, "model_response", says(length=3))),
        {"prompt_length": 12, "response_length": 3},
    ),
    "a prompt's text, whatever its length is said to be": (
        chat((0, "prompt", says(text="why?", length=12)), (1, "model_response", says())),
        {"prompt_length": 4},
    ),
    "what is no number is not told": (
        chat((1, "model_response", says(
            latency_ms="NaN", prompt_tokens=-1, cost="free", citations="many", model=["m"],
            length=True,
        ))),
        {
            **dict.fromkeys(("latency_ms", "prompt_tokens", "cost", "citation_count", "model")),
            "response_length": None,
        },
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def first_answers() -> dict[str, Row]:
    """The first answer of each case, long ago."""
    marts = run_models(apart({name: events for name, (events, _) in CASES.items()}), wanted=TABLES)
    rows = marts.rows("from responses order by response_time desc")
    return {row["user_id"].removesuffix("/ann"): row for row in rows}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_has_what_belongs_to_it(first_answers: dict[str, Row], name: str) -> None:
    wanted = CASES[name][1]
    assert {column: first_answers[name][column] for column in wanted} == wanted


def test_a_prompt_without_an_answer_has_its_error() -> None:
    events = chat((0, "prompt"), (1, "error"), (2, "prompt"), (3, "model_response"))
    # Long after, so that the session is over.
    events.append(event(7200 * SECOND, user_id="ben"))
    rows = run_models(events, wanted=TABLES).rows("from chat_turns order by turn_number")
    names = ("turn_number", "is_answered", "is_error", "is_copied", "is_silent_failure")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (1, False, True, None, None),
        (2, True, False, False, True),
    ]


def test_the_last_answer_of_an_open_session_is_not_judged_yet() -> None:
    events = chat((0, "prompt"), (1, "model_response"), (40, "prompt"), (41, "model_response"))
    (first, last) = run_models(events, now=NOON + 50 * SECOND, wanted=TABLES).rows(
        "from responses order by response_time"
    )
    assert (first["is_open"], first["is_silent_failure"]) == (True, False)
    assert (last["is_open"], last["is_silent_failure"]) == (True, None)


def test_several_answers_to_a_prompt_are_a_row_each_and_one_prompt() -> None:
    events = chat(*ASKED, (2, "model_response"), (3, "copy"), (10, "prompt"))
    rows = run_models(events, wanted=TABLES).rows("from chat_turns order by prompt_time, 1")
    names = ("turn_number", "begins_turn", "is_copied", "is_rephrased")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (1, True, False, True),
        (1, False, True, False),
        (2, True, None, None),
    ]


def test_a_chat_goes_on_over_visits() -> None:
    events = chat(*ASKED, (7200, "prompt"), (7201, "model_response"), (7202, "prompt", NO_ID))
    (one,) = run_models(events, wanted=TABLES).rows("from chats")
    wanted = {"turn_count": 3, "response_count": 2, "visit_count": 2, "duration_seconds": 7202.0}
    assert {name: one[name] for name in wanted} == wanted
    assert one["session_number"] == 1


def test_what_no_chat_needs_is_not_kept() -> None:
    events = [
        event(number * SECOND, kind) for number, kind in enumerate(("copy", "error", "search"))
    ]
    marts = run_models(events, wanted=TABLES)
    assert marts.rows("from chat_events") == marts.rows("from chats") == []
