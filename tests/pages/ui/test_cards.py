"""Cards: what is better, what is compared, and the picture of a series."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from pages.ui import cards


@pytest.mark.parametrize(
    ("text", "difference", "better", "shown"),
    [
        ("+6.1 %, +12", 12, 1, ("\u2197 +6.1 %, +12", "good")),
        ("-6.1 %, -12", -12, 1, ("\u2198 -6.1 %, -12", "bad")),
        ("-1.2 pp", -0.012, -1, ("\u2198 -1.2 pp", "good")),
        ("+1.2 pp", 0.012, -1, ("\u2197 +1.2 pp", "bad")),
        ("+1.2 %", 0.012, 0, ("\u2197 +1.2 %", "")),
        ("0.0 %", 0.0, 1, ("0.0 %", "")),
        (None, None, 1, ("", "")),
    ],
)
def test_up_is_good_where_up_is_better(text, difference, better, shown):
    assert cards.verdict(text, difference, better) == shown


@pytest.mark.parametrize(
    ("metric", "change", "difference", "words"),
    [
        ("session_count", 0.1791, 873, "+17.9 %, +873"),
        ("median_duration_seconds", 0.2778, 300, "+27.8 %, +5 m 00 s"),
        ("actions_per_session", -0.1, -0.5, "-10.0 %, -0.5"),
        ("bounce_rate", -0.033, -0.033, "-3.3 pp"),
        ("session_count", None, 5, "+5"),
        ("session_count", 0.0, 0, "0.0 %, 0"),
        ("bounce_rate", None, None, None),
    ],
)
def test_a_change_is_told_as_share_and_as_amount(metric, change, difference, words):
    kind = "points" if metric == "bounce_rate" else "relative"
    told = {"change": change, "change_kind": kind, "difference": difference, "is_covered": True}
    assert cards.changed({"metric": metric, **told}) == words
    assert cards.changed({"metric": metric, **told, "is_covered": False}) is None


@pytest.mark.parametrize("series", [(), (5,), (None, 5), (0, 0, 0)])
def test_a_series_of_nothing_has_no_picture(series):
    assert cards.spark(series) == ""


def test_the_picture_begins_at_zero_and_leaves_gaps_out():
    line = unquote(cards.spark([0, None, 10, 5])).split('<polyline points="')[1].split('"')[0]
    assert line == "0.0,34.5 160.0,1.5 240.0,18.0"


def test_the_band_lies_behind_the_line_and_is_in_the_scale():
    picture = unquote(cards.spark([5, 5, 5], [None, 0, 0], [None, 10, 10]))
    assert '<polygon points="120.0,1.5 240.0,1.5 240.0,34.5 120.0,34.5"' in picture
    assert '<polyline points="0.0,18.0 120.0,18.0 240.0,18.0"' in picture


@pytest.mark.parametrize(
    ("many", "abreast"), [(1, 1), (5, 5), (6, 6), (7, 4), (9, 5), (12, 6), (13, 5)]
)
def test_more_than_six_cards_stand_in_rows_alike(monkeypatch, many, abreast):
    drawn = []
    monkeypatch.setattr(cards.st, "html", drawn.append)
    cards.draw([cards.Card("a", "1")] * many)
    assert f"--dwell-abreast:{abreast};" in drawn[0]


def test_texts_of_a_card_are_escaped():
    markup = cards._card(cards.Card("<b>", "<i>", help="<u>"))
    assert not {"<b>", "<i>", "<u>"} & set(markup.replace("><", ">\n<").split("\n"))
    assert "&lt;u&gt;" in markup
