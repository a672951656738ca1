"""Typed rows without what rules cut, against rows written down by hand."""

import hashlib
import hmac
import json
from typing import Any

import polars as pl
import pytest

from etl.config.redact import KINDS, Rules
from etl.errors import SourceError
from etl.privacy.pseudonyms import Pseudonyms
from etl.privacy.redactor import Redactor

KEY = b"0123456789abcdef0123456789abcdef"


def pseudonym(text: str) -> str:
    """What an id is called, worked out by the book (RFC 2104), without a library for it."""
    inner, outer = (bytes(b ^ pad for b in KEY.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    inside = hashlib.sha256(inner + text.encode()).digest()
    return "p_" + hashlib.sha256(outer + inside).hexdigest()[:32]


def cut(row: dict[str, Any], **rules: Any) -> dict[str, Any]:
    """One typed row as it is stored."""
    schema = {name: pl.List(pl.String) if name == "tags" else pl.String for name in row}
    rows = pl.DataFrame([row], schema=schema).to_arrow()
    redactor = Redactor(Rules(**rules), Pseudonyms(KEY))
    return pl.DataFrame(redactor.rows(rows)).row(0, named=True)


PEOPLE = ("user_id", "anonymous_id")
IDS = [
    ("a known user and an anonymous id", ("ada", "v1"), ("p:ada", "p:v1")),
    ("nobody known: both stay the same", ("v1", "v1"), ("p:v1", "p:v1")),
    ("an accent is a letter", ("zoë", None), ("p:zoë", None)),
    ("one that is a pseudonym already", (pseudonym("ada"), None), ("p:ada", None)),
]


@pytest.mark.parametrize(("ids", "wanted"), [case[1:] for case in IDS], ids=[c[0] for c in IDS])
def test_ids_become_keyed_pseudonyms(
    ids: tuple[str, str | None], wanted: tuple[str, str | None]
) -> None:
    row = cut(dict(zip(PEOPLE, ids, strict=True)), pseudonymise=PEOPLE)
    expected = [one and pseudonym(one.removeprefix("p:")) for one in wanted]
    assert list(row.values()) == expected


def test_a_visitor_who_is_a_session_is_called_after_its_pseudonym() -> None:
    row = {"user_id": "session:s1", "anonymous_id": "session:s1", "tracker_session_id": "s1"}
    assert cut(row, pseudonymise=("tracker_session_id",)) == {
        "user_id": f"session:{pseudonym('s1')}",
        "anonymous_id": f"session:{pseudonym('s1')}",
        "tracker_session_id": pseudonym("s1"),
    }


def test_an_id_that_a_pattern_cuts_becomes_its_pseudonym_so_that_people_stay_apart() -> None:
    row = cut({"user_id": "jane@example.com", "given_id": "e-1"}, patterns=("email",))
    assert row == {"user_id": pseudonym("jane@example.com"), "given_id": "e-1"}


def test_without_a_key_such_ids_are_refused_and_named_by_kind_alone() -> None:
    rows = pl.DataFrame({"user_id": ["jane@example.com"]}).to_arrow()
    with pytest.raises(SourceError, match="look like email") as refused:
        Redactor(Rules(patterns=("email",)), None).rows(rows)
    assert "jane" not in str(refused.value)


PROPERTIES = [
    ("dropped, however deep", '{"a":{"Email":"x","b":1},"email":2}', '{"a":{"b":1}}'),
    ("hashed", '{"name":"Jane"}', '{"name_hash":"p:Jane"}'),
    ("told by its length", '{"bio":"zwölf"}', '{"bio_length":5}'),
    ("within JSON that is a text", r'{"t":"{\"email\":\"x\",\"b\":1}"}', r'{"t":"{\"b\":1}"}'),
    ("in a list", '[{"email":"x"},{"b":1}]', '[{},{"b":1}]'),
    ("a name that is escaped", r'{"em\u0061il":"x","b":1}', '{"b":1}'),
    ("nothing is left", '{"email":"x"}', None),
    ("a null is nothing to hash", '{"name":null,"b":1}', '{"b":1}'),
    ("other values keep their digits", '{"email":1,"n":1.10,"m":12345678901234567890}', None),
    ("no JSON", "email: x", "email: x"),
]


@pytest.mark.parametrize(
    ("text", "wanted"), [case[1:] for case in PROPERTIES], ids=[c[0] for c in PROPERTIES]
)
def test_properties_are_cut_by_name(text: str, wanted: str | None) -> None:
    if "1.10" in text:
        wanted = '{"n":1.10,"m":12345678901234567890}'
    rules = (("bio", "length"), ("email", "drop"), ("name", "hash"))
    row = cut({"properties": text}, properties=rules)
    if wanted:
        wanted = wanted.replace("p:Jane", pseudonym("Jane"))
    assert row["properties"] == wanted


TEXTS = [
    ("drop", {"a": 1}),
    ("length", {"a": 1, "length": 5}),
    ("hash", {"a": 1, "text_hash": pseudonym("hello"), "length": 5}),
]


@pytest.mark.parametrize(("texts", "wanted"), TEXTS, ids=[case[0] for case in TEXTS])
def test_what_people_typed_is_cut_as_asked(texts: str, wanted: dict[str, Any]) -> None:
    row = cut({"properties": '{"a":1,"text":"hello"}'}, texts=texts)
    assert json.loads(row["properties"]) == wanted


def test_a_length_that_is_told_stays() -> None:
    row = cut({"properties": '{"text":"cut o","length":900}'}, texts="length")
    assert json.loads(row["properties"]) == {"length": 900}


def test_a_number_of_which_a_mark_is_left_becomes_a_text() -> None:
    text = '{"card":4012888888881881,"n":1,"s":"x:4012888888881881,"}'
    row = cut({"properties": text}, patterns=KINDS)
    assert json.loads(row["properties"]) == {"card": "[card]", "n": 1, "s": "x:[card],"}


URLS = [
    ("drop query", "https://a.example/x?q=1#z", "https://a.example/x"),
    ("drop query", "/x?q=1", "/x"),
    (("utm_source",), "https://a.example/x?q=1&utm_source=n#z", "https://a.example/x?utm_source=n"),
    (("utm_source",), "https://a.example/x?q=1", "https://a.example/x"),
    ("keep", "https://a.example/x?q=1", "https://a.example/x?q=1"),
]


@pytest.mark.parametrize(("urls", "text", "wanted"), URLS)
def test_addresses_lose_what_follows(urls: Any, text: str, wanted: str) -> None:
    row = cut({"referrer": text, "properties": json.dumps({"u": text, "n": "why?"})}, urls=urls)
    assert row["referrer"] == wanted
    assert json.loads(row["properties"]) == {"u": wanted, "n": "why?"}


def test_lists_and_other_columns_are_cut_by_what_they_look_like() -> None:
    row = cut({"tags": ["x", "a@b.example"], "page": "/u/a@b.example"}, patterns=("email",))
    assert row == {"tags": ["[email]", "x"], "page": "/u/[email]"}


def test_the_books_hash_is_the_librarys() -> None:
    assert pseudonym("ada") == "p_" + hmac.new(KEY, b"ada", "sha256").hexdigest()[:32]


NAMED = [
    ("a name that was laid flat", '{"profile.nick":"ada"}', '{"profile.nick_hash":"p:ada"}'),
    ("a name with blanks", '{" Nick":"ada"}', '{" Nick_hash":"p:ada"}'),
    ("JSON behind blanks", r'{"a":" {\"nick\":\"ada\"}"}', r'{"a":"{\"nick_hash\":\"p:ada\"}"}'),
    (
        "a name before a break of lines",
        r'{"a":"{\"nick\"\n:\"ada\"}"}',
        r'{"a":"{\"nick_hash\":\"p:ada\"}"}',
    ),
    (
        "an id once more",
        '{"distinct_id":"ada","user":"ada"}',
        '{"distinct_id":"p:ada","user":"p:ada"}',
    ),
    ("a tracker's own name of it", '{"$userId":12,"n":12}', '{"$userId":"p:12","n":12}'),
    ("a record of that name", '{"user":{"plan":"free"}}', '{"user":{"plan":"free"}}'),
    (
        "a query by itself",
        '{"search":"?q=ada","color":"#ff00ff"}',
        '{"search":"","color":"#ff00ff"}',
    ),
    ("an address of an app", '{"a":"app://open?name=ada"}', '{"a":"app://open"}'),
    ("capitals", '{"a":"HTTPS://A.EXAMPLE/?Q=ADA"}', '{"a":"HTTPS://A.EXAMPLE/"}'),
    (
        "an address within a text",
        '{"a":"to https%3A%2F%2Fb.example%2F%3Fq%3Dada"}',
        '{"a":"to https%3A%2F%2Fb.example%2F"}',
    ),
]


@pytest.mark.parametrize(("before", "after"), [c[1:] for c in NAMED], ids=[c[0] for c in NAMED])
def test_properties_are_cut_wherever_their_names_and_addresses_stand(
    before: str, after: str
) -> None:
    found = cut(
        {"properties": before},
        pseudonymise=PEOPLE,
        urls="drop query",
        properties=(("nick", "hash"),),
    )
    for name in ("ada", "12"):
        after = after.replace(f"p:{name}", pseudonym(name))
    assert found["properties"] == after
