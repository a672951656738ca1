"""Properties without their texts: what goes, what stays, and what is left alone."""

import json
import re

import pytest

from etl.privacy.not_kept import MAY_HOLD, TextDropper


@pytest.mark.parametrize(
    ("properties", "rest"),
    [
        ('{"text": "x", "n": 1}', {"n": 1}),
        ('{"Prompt": "x", "ANSWER": {"a": 1}}', {}),
        ('{"messages": [{"role": "user", "content": "x"}]}', {"messages": [{"role": "user"}]}),
        ('{"packed": "{\\"query\\": \\"x\\", \\"n\\": 2}"}', {"packed": '{"n":2}'}),
        ('{"te\\u0078t": "x", "big": 12345678901234567890.50}', {"big": 12345678901234567890.50}),
        ('{"text": 7, "not_kept": {"n": 1}}', {}),
        ('{"message.content": "x", " Text ": "y", "n": 1}', {"n": 1}),
        ('{"packed": "{\\"text\\"\\n: \\"x\\", \\"n\\": 2}"}', {"packed": '{"n":2}'}),
        # That there was something is told as well: an error without its message is an error.
        ('{"error": {"message": "x"}, "e": {}}', {"error": {"not_kept": True}, "e": {}}),
        ('{"error": "{\\"message\\": \\"x\\"}"}', {"error": '{"not_kept":true}'}),
        # What is no object cannot be looked through: nothing of it stays.
        ('["text": "x"', {}),
        ('{"text": "x"', {}),
        ('{"a": {"text": "x"' + "[" * 5_000, {}),
    ],
)
def test_texts_go_and_all_else_stays(properties: str, rest: dict[str, object]) -> None:
    assert re.search(MAY_HOLD, properties)
    dropped = TextDropper().dropped(properties, {"prompt_length": 3, "is_repeated": None})
    assert dropped is not None
    assert json.loads(dropped) == rest | {"not_kept": {"prompt_length": 3}}
    assert TextDropper().dropped(dropped, {}) is None


@pytest.mark.parametrize(
    "properties",
    [
        '{"n": 1}',
        '{"text_hash": "p_1", "length": 3}',
        '{"text": null}',
        '{"said": "\\"text\\": x"}',
        '{"a\\u0041": 1}',
    ],
)
def test_where_no_text_is_nothing_changes(properties: str) -> None:
    assert TextDropper().dropped(properties, {"prompt_length": None}) is None
