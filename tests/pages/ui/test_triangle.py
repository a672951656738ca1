"""The table of cohorts: colours that are read, cells that lead on, texts that are escaped."""

from __future__ import annotations

from datetime import date

import pytest

from etl.errors import ConfigError
from pages.ui.retention_asked import Asked, read_brackets
from pages.ui.theme import DARK, LIGHT
from pages.ui.triangle import Triangle, _channels, colors, contrast, table
from tests.pages.seen import rows

COHORT = date(2026, 11, 2)


def cell(number, rate, *, done=True):
    return {
        "cohort_start": COHORT,
        "cohort_size": 200,
        "period_number": number,
        "user_count": round(200 * rate),
        "retention_rate": rate,
        "is_complete": done,
    }


def shown(cells, **others):
    return Triangle(
        rows={COHORT: {each["period_number"]: each for each in cells}},
        mean={},
        numbers=[0, 1, 2],
        named=lambda cohort: f"<{cohort}>",
        headed=str,
        told=lambda each: f"{each['user_count']} <b>",
        link=lambda each: f"?number={each['period_number']}&x=1",
        heading="Week from",
        **others,
    )


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_read_on_every_colour(look):
    for percent in range(101):
        fill, ink = colors(percent / 100, look)
        assert contrast(_channels(fill), _channels(ink)) >= 4.5


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_more_is_stronger(look):
    weak, strong = (colors(strength, look)[0] for strength in (0.1, 0.9))
    background = _channels(look.background)
    assert contrast(_channels(weak), background) < contrast(_channels(strong), background)


def test_a_cell_has_its_share_and_what_is_not_there_is_blank():
    [mean, row] = rows(table(shown([cell(0, 1.0), cell(1, 0.25, done=False)]), "alt"))
    assert list(row.values()) == ["<2026-11-02>", "200", "100.0 %", "25.0 %", ""]
    assert list(mean.values())[2:] == ["\u2013"] * 3


def test_texts_are_escaped_and_the_chosen_cell_is_marked():
    markup = table(shown([cell(0, 1.0)], counts=True, chosen=(COHORT, 0)), "<alt>")
    assert "<b>" not in markup.replace("&lt;b&gt;", "")
    assert 'aria-label="&lt;alt&gt;"' in markup
    assert "?number=0&amp;x=1" in markup
    assert markup.count("dwell-chosen") == 1
    assert ">200</a>" in markup


# Case: a text, and its brackets; None where it is refused.
BRACKETS = {
    "0, 1-3,4-7": ((0, 0), (1, 3), (4, 7)),
    "12": ((12, 12),),
    "": None,
    "3-1": None,
    "1;2": None,
    "-1": None,
    "99999": None,
}


@pytest.mark.parametrize("text", BRACKETS)
def test_brackets_are_read_as_people_write_them(text):
    wanted = BRACKETS[text]
    if wanted is None:
        with pytest.raises(ConfigError, match="are no brackets"):
            read_brackets(text)
    else:
        assert read_brackets(text) == wanted


def test_periods_have_names():
    exact = Asked("week", "exact", "calendar", "first", None, None, None, "user_id")
    assert (exact.named(3), exact.headed(3)) == ("week 3", "3")
    later = Asked("day", "on_or_after", "calendar", "first", None, None, None, "user_id")
    assert (later.named(3), later.headed(3)) == ("day 3 or later", "3+")
    both = Asked("day", "bracket", "24h", "first", ((0, 0), (1, 6)), None, None, "user_id")
    assert [both.named(n) for n in (0, 1)] == ["day 0", "days 1 to 6"]
    assert [both.headed(n) for n in (0, 1)] == ["0", "1\u20136"]
    # What is as usual is not asked for, so that one answer is kept.
    assert exact.matrix == {}
    assert both.matrix == {
        "period": "day",
        "kind": "bracket",
        "brackets": ((0, 0), (1, 6)),
        "clock": "24h",
    }
    assert both.trend == {"grain": "day", "clock": "24h"}
