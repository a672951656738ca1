"""The texts of events."""

from __future__ import annotations

import json

import polars as pl
import pytest

from pages.views import session_event_list, session_events


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"x": 1, "text": "hello"}', "x: 1, text: (5 characters hidden)"),
        ('{"Prompt": "hi", "ok": true}', "Prompt: (2 characters hidden), ok: true"),
        ('{"query": {"a": 1}}', "query: (8 characters hidden)"),
        ('{"data": {"text": "hi", "n": 1}}', 'data: {"text": "(2 characters hidden)", "n": 1}'),
        ('{"url": "https://a.b/s?q=hi"}', "url: https://a.b/s?(4 characters hidden)"),
        ('{"to": ["/s?q=hi", "why? yes"]}', 'to: ["/s?(4 characters hidden)", "why? yes"]'),
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


def test_large_properties_are_cut_in_a_list_and_whole_in_a_file():
    frame = pl.DataFrame({"properties": [json.dumps({"blob": "x" * 5000}), '{"blob": "x"}']})
    (long, short) = session_events.readable(frame, with_texts=False, most=300)["properties"]
    assert (len(long), long[-1], short) == (300, "\u2026", "blob: x")
    assert len(session_events.readable(frame, with_texts=False)["properties"][0]) == 5006


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://find.example/s?q=my+secret", "https://find.example/s?(11 characters hidden)"),
        ("/a#:~:text=my", "/a#(10 characters hidden)"),
        ("/a?", "/a?"),
        ("https://find.example/", "https://find.example/"),
    ],
)
def test_what_an_address_asks_for_is_hidden_with_the_texts(address, shown):
    row = {
        **{"event_number": 1, "event_type": "click", "event_time": None, "page": "/a"},
        **{"properties": None, "referrer": address, "event_id": "1?2"},
    }
    told = json.loads(session_event_list.raw(row, with_texts=False))
    assert (told["referrer"], told["event_id"]) == (shown, "1?2")
    assert json.loads(session_event_list.raw(row, with_texts=True))["referrer"] == address
