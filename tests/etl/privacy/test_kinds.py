"""Twelve kinds of personal texts and secrets: what is cut, and what only looks like it."""

import time

import polars as pl
import pytest

from etl.config.redact import KINDS, Rules
from etl.privacy.texts import cutter_of
from tests.etl.privacy.secrets import CORES, SECRETS, spellings

ALL = cutter_of(Rules(patterns=KINDS))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_cut_by_itself_in_every_spelling(kind: str) -> None:
    cutter = cutter_of(Rules(patterns=(kind,)))
    for name, text in spellings(kind).items():
        cut = cutter.text(text)
        assert f"[{kind}]" in cut, name
        assert CORES[kind] not in cut, name


CUT = {
    "JANE.ROE@EXAMPLE.COM": "[email]",
    "müller@bücher.example": "[email]",
    "/u/jane%40example.com/x": "/u/[email]/x",
    "jane%2540example%2Ecom": "[email]",
    "a@b.example,c@d.example": "[email],[email]",
    "mailto:a+tag@b.example?x": "mailto:[email]?x",
    "(555) 234-5678": "[phone]",
    "555-234-5678 555-234-5679": "[phone] [phone]",
    "030 1234567": "[phone]",
    "06 12 34 56 78": "[phone]",
    "4012 8888 8888 1881": "[card]",
    "4012-8888-8888-1881 4012-8888-8888-1881": "[card] [card]",
    "378282246310005": "[card]",
    "order-4012888888881881": "order-[card]",
    "end.4012888888881881": "end.[card]",
    "GB82 WEST 1234 5698 7654 32": "[iban]",
    "de89370400440532013000": "[iban]",
    "fe80::1ff:fe23:4567:890a": "[ip]",
    "::ffff:203.0.113.77": "::ffff:[ip]",
    "https://me:pw1@host.example/x": "https://[password]@host.example/x",
    "Basic amFuZTpzZWNyZXQ=": "[bearer]",
    '{"password":"two words"}': '{"password":"[password]"}',
    '{"password":"a \\" quote"}': '{"password":"[password]"}',
    '{"in":"{\\"api_key\\":\\"k 1\\"}"}': '{"in":"{\\"api_key\\":\\"[password]\\"}"}',
    '{"pwd":1234}': '{"pwd":"[password]"}',
    "jane\uff20example\u3002com": "[email]",
    "jane@exam\u200bple.com": "[email]",
    "jane%252540example.com": "[email]",
    "jane&#64;example.com": "[email]",
    "+49\u00a030\u00a01234567": "[phone]",
    "+49\u201130\u20111234567": "[phone]",
    "+1 555 234 5678 20 people": "[phone] people",
    "(030) 1234567": "[phone]",
    "4012\u00a08888\u00a08888\u00a01881": "[card]",
    "4012.8888.8888.1881": "[card]",
    "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000": "[iban]",
    "sk-ant-api03-abcdefghijklmnop-qrst1234567": "[token]",
    "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH": "[token]",
    '{"secretAccessKey":"wJalrXUtnFEMI"}': '{"secretAccessKey":"[password]"}',
    '{"password_confirmation":"hidden"}': '{"password_confirmation":"[password]"}',
    '{"token":["abc","def"]}': '{"token":"[password]"}',
    "{'password': 'two words'}": "{'password': '[password]'}",
    'API_KEY="abc def"': 'API_KEY="[password]"',
    "my password is tr0ub4dor": "my password is [password]",
}


@pytest.mark.parametrize("text", CUT)
def test_other_spellings_are_cut_as_well(text: str) -> None:
    assert ALL.text(text) == CUT[text]


STAYS = (
    *("order 4012888888881882", "1773136800000", "1773136800000000", "0.4012888888881881"),
    *("2026-03-10T10:00:00+01:00", "2026-03-10 10:00:00", "12345678901", "u-934675968"),
    *("d43dfdc21ab75b816f5c404430525ce8", "a3f2b1c4-0123-4567-8901-123456789012"),
    *(
        "logo@2x.png",
        "react@18.2.0",
        "@handle",
        "141.0.7390.54",
        "Chrome/141.0.0.0",
        "std::cout",
        "basic training",
    ),
    *("DE88370400440532013000", "000-12-3456", "prompt_tokens: 5", '{"prompt_tokens":5}', ""),
    *("my password is not accepted", "The password is wrong.", "password is required"),
    *('{"token":12}', '{"max_token":4096}', "max_token=4096", '{"input_token":120000}'),
    *("+1741600000", "+1234567.89", "price: +1000000", "+5 000 000 users", "999.999.9999"),
    # An ObjectId that begins like an IBAN of Andorra, and would be a right one.
    "ad9963109b2fd21279493cba",
    *("a bearer of good news", "p_0123456789abcdef0123456789abcdef", "/section-9/item-173"),
)


@pytest.mark.parametrize("text", STAYS)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert ALL.text(text) == text


def test_what_is_cut_in_one_text_stays_a_part_of_an_id_in_another() -> None:
    texts = [SECRETS["card"], f"a@b.example 9{SECRETS['card']}123", "::1", "a@b.example std::1x"]
    cut = [ALL.text(text) for text in texts]
    assert cut == ["[card]", f"[email] 9{SECRETS['card']}123", "[ip]", "[email] std::1x"]
    assert ALL.series(pl.Series(texts)).to_list() == cut


def test_own_patterns_are_cut_as_own() -> None:
    assert cutter_of(Rules(own=(r"ACME-\d{6}",))).text("see ACME-123456.") == "see [own]."


def test_what_was_cut_is_not_cut_again() -> None:
    for kind in SECRETS:
        for text in spellings(kind).values():
            cut = ALL.text(text)
            assert ALL.text(cut) == cut


def test_a_long_text_is_cut_as_a_short_one() -> None:
    found = [text for kind in SECRETS for text in spellings(kind).values()]
    pairs = [f"{one} {other}" for one in found for other in list(SECRETS.values())[:5]]
    around = " and nothing else" * 20
    cut = ALL.series(pl.Series([f"{around} {pair} {around}" for pair in pairs])).to_list()
    short = ALL.series(pl.Series(pairs)).to_list()
    assert cut == [f"{around} {pair} {around}" for pair in short]


def test_a_text_of_a_megabyte_takes_no_longer_than_its_length() -> None:
    for text in ("4012 ", "a@", "-----BEGIN A KEY-----#", "+1 ", "password="):
        began = time.process_time()
        ALL.series(pl.Series([text * (1_000_000 // len(text))]))
        # Tens of milliseconds to a second; by its square it would be hours.
        assert time.process_time() - began < 20
