"""Figures of Compare: colours by group, an axis that later days fit, steps over each other."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from pages.ui import comparison_charts as charts
from pages.ui.theme import LIGHT
from warehouse.metrics.registry import BY_NAME

FIRST = date(2026, 11, 1)


def days(*groups):
    """Twenty days, of which the first have an interval that is a hundred times as wide."""
    return pl.DataFrame(
        [
            {
                **{"date": FIRST + timedelta(days=at), "group": group, "unit_count": at},
                **{"value": 1.0, "difference": 1.0},
                **{"difference_low": -1.0 if at > 3 else -100.0, "difference_high": 3.0},
            }
            for at in range(20)
            for group in groups
        ]
    )


def test_the_baseline_is_grey_and_no_group_has_the_colour_of_another():
    paint = charts.colors(["a", "b", "c"], "b")
    assert paint == {"a": LIGHT.series[0], "b": LIGHT.quiet, "c": LIGHT.series[1]}


def test_the_axis_is_that_of_the_later_days_and_has_zero_on_it():
    paint, labels = {"a": LIGHT.series[0]}, {"a": "A"}
    drawn = charts.trend(days("a"), BY_NAME["avg_engaged_seconds"], paint, labels)
    low, high = drawn.layout.yaxis.range
    assert -2 < low < -1
    assert 3 < high < 4
    assert 0 in drawn.layout.yaxis.tickvals
    assert not drawn.layout.annotations


def test_bands_are_drawn_while_they_can_be_told_apart():
    names = ["a", "b", "c"]
    for count in (2, 3):
        some = names[:count]
        paint = charts.colors(some, None)
        drawn = charts.trend(
            days(*some), BY_NAME["bounce_rate"], paint, dict(zip(some, some, strict=True))
        )
        assert len(drawn.data) == (3 * count if count == charts.MOST_BANDS else count)
        assert len(drawn.layout.annotations) == 1


def test_lengths_are_steps_named_above_the_chart():
    frame = pl.DataFrame(
        [
            {"group": name, "low_seconds": 0.0, "high_seconds": end, "session_count": 1, "share": s}
            for name in ("a<", "b")
            for end, s in ((0.0, 0.25), (None, 0.75))
        ]
    )
    paint = charts.colors(["a<", "b"], "b")
    drawn = charts.lengths(frame, paint, {"a<": "a<", "b": "b"})
    assert [line.name for line in drawn.data] == ["b", "a<"]
    assert all(line.line.shape == "hvh" for line in drawn.data)
    [named] = drawn.layout.annotations
    assert "a&lt;" in named.text
