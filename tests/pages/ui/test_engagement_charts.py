"""What the figures of Engagement draw."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest

from pages.ui import engagement_charts, percentile_chart

FIRST = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("low", "high", "label"),
    [
        (0, 0, "0 s"),
        (0, 1, "up to 1 s"),
        (1, 2, "1 to 2 s"),
        (30, 60, "30 s to 1 m"),
        (60, 120, "1 to 2 m"),
        (1800, 3600, "30 m to 1 h"),
        (28_800, 86_400, "8 h to 1 d"),
        (86_400, None, "over 1 d"),
    ],
)
def test_bins_have_names(low, high, label):
    assert engagement_charts.bin_label(low, high) == label


def lines(values, whole):
    frame = pl.DataFrame(
        {
            "period_start": [FIRST + timedelta(days=at) for at in range(len(values))],
            **{f"{name}_seconds": values for name in percentile_chart.PERCENTILES},
            "session_count": [0 if value is None else 9 for value in values],
        },
        schema_overrides={f"{name}_seconds": pl.Float64 for name in percentile_chart.PERCENTILES},
    )
    return percentile_chart.percentiles(frame, "day", whole).to_dict()


def test_lines_are_named_at_their_ends_and_the_last_part_is_dotted():
    drawn = lines([1.0, 3.0, 2.0], [True, True, False])
    names = [note["text"] for note in drawn["layout"]["annotations"]]
    assert sorted(names) == ["p25", "p50", "p75", "p90", "p95"]
    solid, dotted = drawn["data"][:2]
    assert list(solid["y"]) == [1.0, 3.0, None]
    assert list(dotted["y"]) == [3.0, 2.0]
    assert dotted["line"]["dash"] == "dot"
    assert len(lines([1.0, 3.0, 2.0], [True] * 3)["data"]) == 5


def test_names_stand_where_the_lines_end_and_not_where_the_period_does():
    notes = lines([1.0, 3.0, None, None], [True] * 4)["layout"]["annotations"]
    assert {note["x"] for note in notes} == {FIRST + timedelta(days=1)}
    assert {note["y"] for note in notes} == {3.0}


def test_days_without_sessions_are_gaps_and_lone_days_are_points():
    solid = lines([1.0, None, 2.0, 3.0], [True] * 4)["data"][0]
    assert list(solid["y"]) == [1.0, None, 2.0, 3.0]
    assert list(solid["marker"]["size"]) == [5, 0, 0, 0]


@pytest.mark.parametrize("whole", [True, False])
def test_one_day_is_drawn(whole):
    assert lines([1.0], [whole])["data"][-1]["marker"]["size"] == ([5])


def test_names_keep_apart():
    ends = {"p25": 0.0, "p50": 0.0, "p75": 1.0, "p90": 50.0, "p95": 100.0}
    shifts = percentile_chart.label_shifts(ends, 110.0)
    room = percentile_chart.HEIGHT - 40
    places = sorted(ends[name] / 110 * room + shift for name, shift in shifts.items())
    assert all(upper - lower >= 15 for lower, upper in pairwise(places))
    assert shifts["p95"] == 0


@pytest.mark.parametrize(
    ("start", "grain", "first", "last", "is_whole"),
    [
        (FIRST, "day", FIRST, FIRST, True),
        (FIRST, "day", FIRST, FIRST - timedelta(days=1), False),
        (date(2026, 11, 2), "week", FIRST, date(2026, 11, 8), True),
        (date(2026, 11, 2), "week", FIRST, date(2026, 11, 7), False),
        (date(2026, 11, 2), "week", date(2026, 11, 3), date(2026, 11, 8), False),
        (FIRST, "month", FIRST, date(2026, 11, 30), True),
        (FIRST, "month", None, date(2026, 11, 29), False),
        (date(2026, 12, 1), "month", None, date(2026, 12, 31), True),
    ],
)
def test_a_period_is_whole_when_all_its_days_are_over(start, grain, first, last, is_whole):
    assert percentile_chart.are_whole([start], grain, first, last) == [is_whole]


def test_the_curve_begins_at_a_second_and_its_band_has_no_holes():
    frame = pl.DataFrame(
        {
            "seconds": [0.0, 1.0, 10.0, 100.0],
            "survival_rate": [1.0, 1.0, 0.4, 0.0],
            "low": [None, None, 0.3, None],
            "high": [None, None, 0.5, None],
            "at_risk_count": [9, 9, 5, 1],
        }
    )
    low, high, curve = engagement_charts.survival(frame).to_dict()["data"]
    assert list(curve["x"]) == [1.0, 10.0, 100.0]
    assert (list(low["y"]), list(high["y"])) == ([0.3], [0.5])
    assert "40.0 %" in curve["customdata"][1]
    assert "30.0 % to 50.0 %" in curve["customdata"][1]


def test_a_weekday_that_is_not_there_is_blank_and_says_so():
    frame = pl.DataFrame(
        [
            {
                "weekday": day,
                "hour": hour,
                "session_count": 6 if day == 1 else 0,
                "weekday_count": 2 if day < 7 else 0,
                "sessions_per_weekday": (3.0 if day == 1 else 0.0) if day < 7 else None,
            }
            for day in range(1, 8)
            for hour in range(24)
        ]
    )
    cells = engagement_charts.week(frame).to_dict()["data"][0]
    assert [cells["z"][day][9] for day in (0, 1, 6)] == [3.0, 0.0, None]
    assert cells["customdata"][0][9].startswith("Monday 09:00 to 10:00: <b>3.0</b> a Monday")
    assert "6 sessions on 2 Mondays" in cells["customdata"][0][9]
    assert cells["customdata"][6][9] == "No Sunday in the period"
