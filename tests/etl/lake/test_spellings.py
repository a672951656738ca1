"""Where an id stands in a text: by its hash and by itself, the same answer."""

import json
from unicodedata import normalize
from urllib.parse import quote

import pytest

from etl.lake.spellings import MARK, Places, spelt, words_of
from tests.etl.lake.odd_ids import ODD_IDS


def texts_with(one: str) -> dict[str, str]:
    """Texts in which an id stands as a value, in all its spellings."""
    told = json.dumps(one)
    escaped = "".join(f"\\u{ord(sign):04X}" for sign in one)
    texts = {
        "alone": one,
        "json": json.dumps({"to": "bob", "user_id": one}),
        "json as signs": json.dumps({"user_id": one}, ensure_ascii=False),
        "nested": json.dumps({"a": [{"b": one}]}),
        "packed": json.dumps({"a": json.dumps({"user_id": one})}),
        "packed twice": json.dumps({"a": json.dumps({"b": json.dumps({"user_id": one})})}),
        "escaped": f'{{"user_id":"{escaped}"}}',
        "small": f'{{"user_id":"{escaped.lower()}"}}',
        "apart": normalize("NFD", json.dumps({"user_id": one}, ensure_ascii=False)),
        "blanks": json.dumps({"user_id": f"  {one}\t"}),
        "broken": f'oops {{"user_id":{told},"time": 7',
        "broken and escaped": f'oops {{"user_id":"{escaped}","time": 7',
        "csv": f'never,"{one}",click',
        "sql": "from events where user_id = '{}'".format(one.replace("'", "''")),
        "note": f"Row 3 was left out: '{one}' is no time",
    }
    if "," not in one:
        texts["bare csv"] = f"never,{one},click"
    if one.isdigit():
        texts["fraction"] = f'{{"user_id": {one}.0}}'
        texts["fraction in csv"] = f"never,{one}.0,click"
        texts["plain number"] = f'{{"user_id":{one}}}'
    if len(one) > 2:
        texts["address"] = f"/team?user={quote(one, safe='')}&q=1"
        texts["named"] = f"user: {one}"
    return texts


CASES = [(one, text) for one in ODD_IDS.values() for text in texts_with(one).values()]
NAMES = [f"{kind}-{name}" for kind, one in ODD_IDS.items() for name in texts_with(one)]


@pytest.mark.parametrize(("one", "text"), CASES, ids=NAMES)
def test_an_id_is_found_in_all_its_spellings_and_taken_out(one, text):
    places = Places([one])
    assert one in words_of(text)
    assert places.are_in(text)
    left = places.without(text)
    assert MARK in left
    assert not places.are_in(left)
    assert one not in words_of(left)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        ("ann", "annie,bob"),
        ("ann", '{"user":"joann"}'),
        ("ann", '{"ann": 1}'),
        ("ann", 'oops {"ann": 1'),
        ("ann", "ann@example.com"),
        ("ann", "ann.smith@example.com"),
        ("ann", "ann+news@example.com"),
        ("ann", "mary-ann"),
        ("example.com", "ann@example.com"),
        ("7", '{"time": "2026-03-07T10:07:00Z", "n": 77}'),
        ("7", "oops 7 times"),
        ("1234567", "12345678"),
        ("1234567", "1234567.5"),
        ("Ann Smith", "Ann Smithson"),
        ("time", '{"time": "never"}'),
    ],
)
def test_what_an_id_is_a_part_of_is_none(one, text):
    places = Places([one])
    assert one not in words_of(text)
    assert not places.are_in(text)
    assert places.without(text) == text


@pytest.mark.parametrize(
    ("one", "text", "left"),
    [
        ("ann", "/data/ann/exports/x.ndjson", "/data/[forgotten]/exports/x.ndjson"),
        ("ann@example.com", "ann@example.com.ndjson", "[forgotten].ndjson"),
        ("Ann Smith", "where Ann Smith was", "where [forgotten] was"),
        ("ann", "Said by ann. And (ann), too.", "Said by [forgotten]. And ([forgotten]), too."),
        ("7", '{"a": 7, "b": [7], "c": 77}', '{"a": [forgotten], "b": [[forgotten]], "c": 77}'),
        ("7", "1,7,7,2", "1,[forgotten],[forgotten],2"),
        ("ann", '{"a": "hi\\nann"}', '{"a": "hi\\n[forgotten]"}'),
    ],
)
def test_the_rest_of_a_text_stays(one, text, left):
    assert Places([one]).without(text) == left


def test_several_ids_go_at_once_and_the_longest_first():
    text = "ann@example.com, ann and bob"
    assert Places(["ann", "ann@example.com"]).without(text) == "[forgotten], [forgotten] and bob"


@pytest.mark.parametrize("one", [one for one in ODD_IDS.values() if len(one) > 2])
def test_an_id_is_found_in_bytes(one):
    places = Places([one])
    for name, text in texts_with(one).items():
        assert places.are_in_bytes(b"\x00\x03" + text.encode() + b"\x00"), name
    assert not places.are_in_bytes(f"x{one}x".encode())


def test_of_no_ids_nothing_is_found():
    places = Places(["", "  "])
    assert not places
    assert not places.are_in("")
    assert not places.are_in_bytes(b"anything")
    assert places.without("anything") == "anything"
    assert places.re2 is None


def test_ids_are_spelt_as_loads_store_them():
    told = [spelt(one) for one in (17.0, "17.0", " a b\u00a0", normalize("NFD", "josé"), "17.5", 7)]
    assert told == ["17", "17", "a b", "josé", "17.5", "7"]
