"""Turns of chats: which answer an act belongs to, and what came of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from tests.chat_histories import chat_histories
from tests.make import NOON, event
from tests.model_runs import Marts, apart, run_models
from tests.naive_chats import naive_turns
from tests.oracle import Oracle
from tests.search import some

SECOND = timedelta(seconds=1)
KEY = ("user_id", "prompt_event_id", "response_event_id")


def assert_same_turns(marts: Marts, wanted: Sequence[dict[str, Any]]) -> None:
    """The rows of chat_turns say what the naive ones do."""
    rows = marts.rows("from chat_turns")
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
@settings(max_examples=some(60, of=400))
@given(chat_histories(NOON))
def test_turns_are_those_of_a_naive_account(history: tuple[list[dict[str, Any]], Any]) -> None:
    events, now = history
    assert_same_turns(
        run_models(events, now, wanted=["chat_turns"]), naive_turns(Oracle(events, now))
    )
