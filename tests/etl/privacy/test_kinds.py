"""Twelve kinds of personal texts and secrets: what is cut, and what only looks like it."""

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
    *("a bearer of good news", "p_0123456789abcdef0123456789abcdef", "/section-9/item-173"),
)


@pytest.mark.parametrize("text", STAYS)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert ALL.text(text) == text


def test_own_patterns_are_cut_as_own() -> None:
    assert cutter_of(Rules(own=(r"ACME-\d{6}",))).text("see ACME-123456.") == "see [own]."


def test_what_was_cut_is_not_cut_again() -> None:
    for kind in SECRETS:
        for text in spellings(kind).values():
            cut = ALL.text(text)
            assert ALL.text(cut) == cut
