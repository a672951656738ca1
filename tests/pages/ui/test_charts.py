"""What the charts draw, told by their figures."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from pages.ui import charts
from warehouse.metrics.registry import BY_NAME, TRENDS

FIRST = date(2026, 11, 1)


def days(values, before, *, running, counts=None, low=None, high=None):
    """A frame as overview.series answers it; the last day may be the running one."""
    many = len(values)
    return pl.DataFrame(
        {
            "period_start": [FIRST + timedelta(days=at) for at in range(many)],
            "value": values,
            "previous_value": before,
            "is_complete": [True] * (many - running) + [False] * running,
            "session_count": counts or values,
            "low": low or [None] * many,
            "high": high or [None] * many,
        }
    )


def trend(frame, name="sessions", *more):
    return charts.trend(frame, BY_NAME[TRENDS[name]], *more).to_dict()


def test_running_day_is_dotted_and_the_rest_is_not():
    previous, whole, running = trend(days([5, 7, 2], [4, 4, 4], running=1))["data"]
    assert list(whole["y"]) == [5, 7, None]
    assert list(running["y"]) == [None, 7, 2]
    assert running["line"]["dash"] == "dot"
    assert "dash" not in whole["line"]
    assert previous["name"] == "previous"
    assert running["customdata"][2] == "2 so far"


def test_a_week_that_the_period_cuts_is_dotted_too():
    frame = days([5, 7, 2], [4, 4, 4], running=1).with_columns(
        is_complete=pl.Series([False, True, False])
    )
    _, whole, dotted = trend(frame, "sessions", "week")["data"]
    assert list(whole["y"]) == [None, 7, None]
    assert list(dotted["y"]) == [5, 7, 2]
    assert list(dotted["customdata"]) == ["5, part of it", "7", "2 so far"]


def test_complete_period_has_no_dotted_line():
    assert len(trend(days([5, 7, 2], [4, 4, 4], running=0))["data"]) == 2


def test_without_a_comparison_there_is_one_line():
    drawn = trend(days([5, 7, 2], [None] * 3, running=0), "sessions", "day", "")
    assert [line["name"] for line in drawn["data"]] == ["Sessions"]
    assert [note["text"] for note in drawn["layout"]["annotations"]] == ["sessions"]


def test_the_hover_of_the_grey_line_names_its_day_or_its_period():
    frame = days([5, 7], [4, None], running=0)
    dated = trend(frame, "sessions", "day", "year before", [date(2025, 11, 1), date(2025, 11, 2)])
    told = ["4 on 1 Nov", "\u2013 on 2 Nov"]
    assert list(dated["data"][0]["customdata"]) == told
    weekly = trend(frame, "sessions", "week", "year before")
    assert list(weekly["data"][0]["customdata"]) == ["4 year before", "\u2013 year before"]


def test_the_normal_band_lies_behind_the_lines_where_it_is_known():
    frame = days([5, 7, 2], [4, 4, 4], running=0, low=[None, 1.0, 2.0], high=[None, 9.0, 20.0])
    drawn = trend(frame)
    low, high, *_ = drawn["data"]
    assert (list(low["y"]), list(high["y"])) == ([1, 2], [9, 20])
    assert high["fill"] == "tonexty"
    assert drawn["layout"]["yaxis"]["range"][1] >= 20


def test_lines_are_named_at_their_ends_and_there_is_no_legend():
    layout = trend(days([5, 7, 2], [4, 4, 4], running=0))["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["sessions", "previous"]
    assert layout["showlegend"] is False


def test_axis_begins_at_zero_with_five_labels_at_most():
    for top in (1, 3, 7, 10, 99, 450, 12_345):
        axis = trend(days([top, 0, top], [1, 1, 1], running=0))["layout"]["yaxis"]
        assert axis["range"][0] == 0
        assert axis["range"][1] >= top
        assert 2 <= len(axis["tickvals"]) <= 5


def test_rates_tell_their_n_and_keep_gaps():
    frame = days([0.2, None, 0.2], [0.1] * 3, running=0, counts=[5, 0, 2])
    whole = trend(frame, "bounce")["data"][1]
    assert list(whole["y"]) == [0.2, None, 0.2]
    assert list(whole["customdata"]) == ["20.0 % (n = 5)", "\u2013 (n = 0)", "20.0 % (n = 2)"]


@pytest.mark.parametrize("many", [1, 2])
def test_a_period_of_one_or_two_days_is_drawn(many):
    assert trend(days([5, 2][:many], [4, 4][:many], running=1))["data"]


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9, 13, 40])
def test_an_axis_of_weeks_names_mondays(count):
    mondays = [date(2026, 8, 31) + timedelta(weeks=number) for number in range(count)]
    axis = charts.date_axis("week", mondays)
    assert set(axis["tickvals"]) <= set(mondays)
    assert min(count, 4) <= len(axis["tickvals"]) <= 5


def test_an_axis_of_years_names_months():
    axis = charts.date_axis("week", [date(2025, 1, 6), date(2026, 1, 12)])
    assert axis["tickformat"] == "%b\n%Y"
