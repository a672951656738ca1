"""A conversation as HTML: what is hidden stays hidden, and what was typed is no markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pages.ui import chat_bubbles
from pages.ui.theme import LIGHT
from tests.pages.seen import text

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOTHING = dict.fromkeys(
    (
        *("prompt_type", "prompt_length", "prompt_text", "response_text", "response_length"),
        *("model", "latency_ms", "first_token_ms", "citation_count", "prompt_tokens"),
        *("completion_tokens", "cost", "read_seconds", "visible_seconds", "deepest_scroll"),
        "feedback",
    )
)
FLAGS = dict.fromkeys(
    (
        *("is_scrolled", "is_selected", "is_copied", "is_citation_opened", "is_rephrased"),
        *("is_silent_success", "is_silent_failure", "is_error"),
    ),
    False,
)


@pytest.fixture(autouse=True)
def light(monkeypatch):
    monkeypatch.setattr("pages.ui.theme.palette", lambda: LIGHT)


def turn(number=1, session="s1", **facts):
    return {
        **NOTHING,
        **FLAGS,
        "turn_number": number,
        "begins_turn": True,
        "is_answered": True,
        "session_id": session,
        "prompt_session_id": session,
        "prompt_time": START + timedelta(minutes=number),
        "response_time": START + timedelta(minutes=number, seconds=2),
        **facts,
    }


def drawn(*turns, with_texts=False):
    sessions = dict.fromkeys(chat_bubbles.session_of(row) for row in turns)
    visits = {session: number for number, session in enumerate(sessions, 1)}
    return chat_bubbles.conversation(
        turns,
        visits,
        lambda moment: f"{moment:%-d %b %Y %H:%M}",
        lambda session: f"sessions?session={session}",
        with_texts=with_texts,
    )


def test_a_visit_begins_with_a_way_to_its_session():
    body = drawn(turn(1), turn(2), turn(3, "s2"))
    assert body.count("dwell-chat-visit") == 2
    assert 'href="sessions?session=s2"' in body
    assert "Visit 2 of 2, 20 Nov 2026 09:03" in body


def test_texts_are_lines_until_they_are_let():
    row = turn(prompt_text="<script>", prompt_length=200, response_text="a & b", response_length=5)
    hidden, shown = drawn(row), drawn(row, with_texts=True)
    assert "script" not in hidden
    assert "a &amp; b" not in hidden
    assert hidden.count("<i style") == 3 + 1
    assert "&lt;script&gt;" in shown
    assert "a &amp; b" in shown
    assert "Text hidden" not in shown


def test_a_text_that_was_not_sent_is_lines_too():
    body = drawn(turn(response_length=10_000), with_texts=True)
    assert body.count("<i style") == 7
    assert "dwell-goes-on" in body
    assert "No text was sent" in body


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"read_seconds": 41.0}, "Read 41 s"),
        ({}, "Read time not known (no)"),
        ({"visible_seconds": 12.0}, "In sight 12 s"),
        ({"is_scrolled": True, "deepest_scroll": 80.0}, "Scrolled to 80 %"),
        ({"is_scrolled": True, "deepest_scroll": 0.8}, "Scrolled to 80 %"),
        ({"is_scrolled": True}, "Scrolled"),
        ({"is_copied": True, "is_silent_success": True}, "Silent success"),
        ({"is_rephrased": True, "is_silent_failure": True}, "Rephrased"),
        ({"is_silent_failure": True}, "Silent failure"),
        ({"feedback": "down"}, "Thumbs down"),
        ({"latency_ms": 1417.0, "first_token_ms": 300.0}, "1.42 s \u00b7 first token 300 ms"),
        ({"prompt_tokens": 30, "completion_tokens": 1200}, "30 + 1,200 tokens"),
        ({"citation_count": 1, "cost": 0.002}, "1 citation \u00b7 cost 0.002"),
        ({"is_answered": False}, "No answer came"),
        ({"is_answered": False, "is_error": True}, "An error came instead of an answer"),
    ],
)
def test_beside_an_answer_stands_what_was_done_with_it(facts, words):
    assert words in text(drawn(turn(**facts)))


def test_a_rephrased_answer_is_no_second_failure():
    body = drawn(turn(is_rephrased=True, is_silent_failure=True))
    assert "Silent failure" not in body


def test_an_answer_without_its_prompt_is_told_alone():
    body = drawn(turn(0, prompt_time=None, prompt_session_id=None, begins_turn=False))
    assert 'class="dwell-prompt"' not in body
    assert 'class="dwell-answer"' in body
