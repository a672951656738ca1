"""The drawn intervals of a comparison: on one scale, and cut where they go beyond it."""

from __future__ import annotations

import re

import pytest

from pages.ui import comparison_table
from pages.ui.comparison_table import Part
from tests.pages.ui.test_comparison_words import ENGAGED, row

NAMES = {"b": "<b>", "a": "a"}
VALUE = {"value": 50.0, "low": 48.0, "high": 52.0, "user_count": 1234, "session_count": 5678}


def part(name="Engaged time", *others):
    baseline = row(difference=None or 0.0, verdict=None) | VALUE | {"group": "b"}
    return Part(name, ENGAGED, baseline, [each | VALUE for each in others], link="?metric=x&y=1")


def bars(markup):
    """Of each drawn interval its class, where it begins, how long it is, and where its dot is."""
    found = re.findall(
        r'<i class="([^"]*)" style="left:([\d.]+)%;width:([\d.]+)%"></i><b style="left:([\d.]+)%"',
        markup,
    )
    return [(kind, *map(float, numbers)) for kind, *numbers in found]


def drawn(*parts):
    return comparison_table.table(parts, "Metric", NAMES, "All")


def test_intervals_are_on_one_scale_around_no_difference():
    markup = drawn(part("one", row(difference=5.0)), part("two", row(difference=-5.0)))
    # Shares of 0.08 to 0.12 on a scale that ends at 0.2.
    assert bars(markup) == [("", 70.0, 10.0, 75.0), ("", 20.0, 10.0, 25.0)]
    assert "\u221220 %" in markup
    assert "+20 %" in markup


def test_an_interval_that_is_much_wider_is_cut_at_the_ends():
    wide = row(difference=5.0, relative_low=-3.0, relative_high=4.0)
    shown = bars(drawn(part("one", row()), part("two", row()), part("three", wide)))
    assert shown[2] == ("dwell-cut-low dwell-cut-high", 0.0, 100.0, 75.0)


def test_what_is_far_out_and_not_decided_is_a_ring_at_the_edge():
    far = row(relative_difference=40.0, relative_low=20.0, relative_high=60.0, decided=False)
    parts = [part(name, row()) for name in "abc"]
    markup = drawn(*parts, part("far", far | {"verdict": "No verdict yet: 3 users"}))
    assert markup.count("dwell-beyond") == 1
    assert "+100 %" in markup
    assert "A ring at the edge" in comparison_table.scale_note([*parts, part("far", far)])
    # What is decided is never out of sight.
    assert "dwell-beyond" not in drawn(*parts, part("far", far | {"is_decided": True}))


def test_a_difference_without_an_interval_is_a_dot_and_without_a_share_a_dash():
    alone = row(relative_low=None, relative_high=None)
    markup = drawn(part("one", alone), part("two", row(relative_difference=None)))
    assert bars(markup) == []
    assert markup.count('role="img"') == 1


def test_names_are_escaped_and_a_screen_reader_hears_the_interval():
    markup = drawn(part("<i>", row()))
    assert "&lt;b&gt;" in markup
    assert "&lt;i&gt;" in markup
    assert "<b></b>" not in markup
    assert "?metric=x&amp;y=1" in markup
    assert 'aria-label="+10.0 %, 95 % interval +8.0 % to +12.0 %"' in markup


@pytest.mark.parametrize(("decided", "tone"), [(True, "dwell-good"), (False, "No difference")])
def test_a_colour_never_stands_alone(decided, tone):
    verdict = "Better than b" if decided else "No difference shown."
    markup = drawn(part("one", row(decided=decided, verdict=verdict)))
    assert tone in markup
    assert ("\u25b2 Better" in markup) is decided
