"""Cards: what is better, what is compared, and the picture of a series."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import pytest

from pages.ui import cards

FIRST = date(2009, 9, 28)


def row(**changed):
    days = {
        "current_start": date(2026, 11, 1),
        "current_end": date(2026, 11, 28),
        "previous_start": date(2026, 10, 4),
        "previous_end": date(2026, 10, 31),
    }
    return {"previous": 4876.0, "is_covered": True, **days, **changed}


@pytest.mark.parametrize(
    ("text", "change", "better", "shown"),
    [
        ("+6.1 %", 0.061, 1, ("\u2191 6.1 %", "good")),
        ("-6.1 %", -0.061, 1, ("\u2193 6.1 %", "bad")),
        ("-1.2 pp", -0.012, -1, ("\u2193 1.2 pp", "good")),
        ("+1.2 pp", 0.012, -1, ("\u2191 1.2 pp", "bad")),
        ("+1.2 %", 0.012, 0, ("\u2191 1.2 %", "")),
        ("0.0 %", 0.0, 1, ("0.0 %", "")),
        (None, None, 1, ("", "")),
    ],
)
def test_up_is_good_where_up_is_better(text, change, better, shown):
    assert cards.verdict(text, change, better) == shown


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "Change: 1 to 28 Nov 2026 against 4 to 31 Oct 2026, complete days and the same"),
        ({"is_covered": False}, "Nothing to compare: the data begins 28 Sep 2009."),
        ({"previous": 0}, "Nothing to compare: no sessions from 4 to 31 Oct 2026."),
        ({"current_start": None}, "Nothing to compare yet: the period holds no complete day."),
    ],
)
def test_the_comparison_is_said_in_one_sentence(changed, words):
    assert cards.comparison(row(**changed), FIRST).startswith(words)


@pytest.mark.parametrize("series", [(), (5,), (None, 5), (0, 0, 0)])
def test_a_series_of_nothing_has_no_picture(series):
    assert cards.spark(series) == ""


def test_the_picture_begins_at_zero_and_leaves_gaps_out():
    line = unquote(cards.spark([0, None, 10, 5])).split('<polyline points="')[1].split('"')[0]
    assert line == "0.0,34.5 160.0,1.5 240.0,18.0"


def test_texts_of_a_card_are_escaped():
    markup = cards._card(cards.Card("<b>", "<i>", help="<u>"))
    assert not {"<b>", "<i>", "<u>"} & set(markup.replace("><", ">\n<").split("\n"))
    assert "&lt;u&gt;" in markup
