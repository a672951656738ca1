"""The days to come on a trend, told by its figure."""

from __future__ import annotations

import re
from datetime import timedelta

import polars as pl
import pytest

from pages.ui import charts, forecast_chart
from tests.pages.ui.test_charts import FIRST, days
from warehouse.metrics.registry import BY_NAME, TRENDS

METRIC = BY_NAME[TRENDS["sessions"]]


def ahead(first, values, *, banded=True):
    many = len(values)
    ends = [[value + way for value in values] if banded else [None] * many for way in (-1, 1)]
    return pl.DataFrame(
        {
            "date": [FIRST + timedelta(days=first + at) for at in range(many)],
            "value": values,
            "low": ends[0],
            "high": ends[1],
        },
        schema_overrides={"low": pl.Float64, "high": pl.Float64},
    )


def drawn(known, told):
    figure = charts.trend(known, METRIC)
    forecast_chart.draw(figure, known, told, METRIC, "previous")
    return figure.to_dict()


def test_the_line_goes_on_from_the_last_complete_day():
    figure = drawn(days([5, 7, 2], [4, 4, 4], running=1), ahead(2, [6.2, 8.0, 30.4]))
    line = figure["data"][-1]
    assert list(line["x"]) == [FIRST + timedelta(days=at) for at in range(1, 5)]
    assert list(line["y"]) == [7, 6.2, 8.0, 30.4]
    assert list(line["customdata"])[1] == "<b>6 expected</b> (5 to 7)"
    # The point that is known is told by its own line.
    assert line["hovertemplate"][0] == "<extra></extra>"
    axis = figure["layout"]["xaxis"]["range"]
    assert list(axis) == [FIRST, FIRST + timedelta(days=4)]
    assert figure["layout"]["yaxis"]["range"][1] >= 31.4


def test_all_lines_are_named_above_them_and_no_two_look_alike():
    figure = drawn(days([5, 7, 2], [4, 4, 4], running=1), ahead(2, [6.2, 8.0]))
    (words,) = figure["layout"]["annotations"]
    assert re.findall(r">(\w+)<", words["text"]) == ["sessions", "previous", "forecast"]
    assert figure["layout"]["margin"]["r"] < 20
    *_, running, low, high, line = figure["data"]
    assert running["name"] == "not complete"
    assert line["line"]["color"] != running["line"]["color"]
    assert line["line"]["dash"] != running["line"]["dash"]
    assert low["line"]["width"] == high["line"]["width"] == 1


def test_marks_of_the_trend_stay():
    known = days([5, 7], [None] * 2, running=0)
    figure = charts.trend(known, METRIC)
    figure.add_annotation(x=FIRST, y=1, text="1")
    forecast_chart.draw(figure, known, ahead(2, [6.0]), METRIC)
    assert next(iter(figure.layout.annotations)).text == "1"


@pytest.mark.parametrize("known", [[5], [5, 7]], ids=["the running day alone", "nothing running"])
def test_it_begins_by_itself_where_no_complete_day_is_before_it(known):
    frame = days(known, [None] * len(known), running=int(len(known) == 1))
    line = drawn(frame, ahead(len(known) + 3, [6.0, 7.0]))["data"][-1]
    assert list(line["y"]) == [6.0, 7.0]


def test_without_a_band_there_is_the_line_alone():
    known = days([5, 7, 2], [4, 4, 4], running=1)
    bare = drawn(known, ahead(2, [6.0], banded=False))
    assert len(bare["data"]) == len(charts.trend(known, METRIC).data) + 1
    assert bare["data"][-1]["customdata"][-1] == "<b>6 expected</b>"
