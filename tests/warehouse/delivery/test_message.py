"""Messages: what they may be, and that what is kept of one is all of it."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.delivery.message import Message, as_text, of_text

_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.dates()
)


@given(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.dictionaries(st.text(max_size=9), _ANY | st.lists(_ANY, max_size=3), max_size=4),
    st.none() | st.text(st.characters(exclude_categories=[]), max_size=30),
    st.dictionaries(st.text(max_size=9), st.binary(max_size=30), max_size=2),
)
def test_all_of_a_message_is_kept(
    text: str, facts: dict[str, object], html: str | None, parts: dict[str, bytes]
) -> None:
    message = Message("a", "b", text, facts, html, parts, parts)
    assert of_text(as_text(message).encode().decode()) == message
    json.dumps(message.document(), allow_nan=False, ensure_ascii=False).encode()


def test_facts_are_plain_and_never_hide_what_every_message_has() -> None:
    facts = {
        "id": "other",
        "value": float("nan"),
        "limits": (1, float("inf")),
        "date": date(2026, 11, 30),
        "at": datetime(2026, 11, 30, 9, tzinfo=UTC),
        "inner": {1: {"x"}},
    }
    assert Message("a-1", "b", "c", facts).document() == {
        "id": "a-1",
        "subject": "b",
        "text": "c",
        "value": None,
        "limits": [1, None],
        "date": "2026-11-30",
        "at": "2026-11-30T09:00:00+00:00",
        "inner": {"1": ["x"]},
    }


def test_a_subject_is_one_line() -> None:
    assert Message("a", " two\r\nBcc: eve@example.com\x00 \x1b[0m ", "").subject == (
        "two Bcc: eve@example.com [0m"
    )


@pytest.mark.parametrize("id", ["", "A", "-a", "a b", "a\n", "a/b", "a>", "ä", "a" * 122])
def test_an_id_that_is_none(id: str) -> None:
    with pytest.raises(ValueError, match="is no id of a message"):
        Message(id, "b", "c")


def test_a_subject_is_wanted() -> None:
    with pytest.raises(ValueError, match="has no subject"):
        Message("a", "\n", "c")
