"""The texts of events."""

from __future__ import annotations

import pytest

from pages.views import session_events


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"x": 1, "text": "hello"}', "x: 1, text: (5 characters hidden)"),
        ('{"Prompt": "hi", "ok": true}', "Prompt: (2 characters hidden), ok: true"),
        ('{"query": {"a": 1}}', "query: (8 characters hidden)"),
        ('{"data": {"text": "hi", "n": 1}}', 'data: {"text": "(2 characters hidden)", "n": 1}'),
        ("no json", "(7 characters hidden)"),
        ("[1, 2]", "[1, 2]"),
        ("{}", ""),
    ],
)
def test_typed_texts_are_told_by_their_length(text, shown):
    assert session_events.properties(text, with_texts=False) == shown


def test_typed_texts_are_shown_when_switched_on():
    assert session_events.properties('{"text": "hello"}', with_texts=True) == "text: hello"
    assert session_events.properties("no json", with_texts=True) == "no json"
