"""What the lab draws: a place for every bin, and labels that never meet."""

from __future__ import annotations

import math
from itertools import pairwise

import polars as pl
import pytest

from pages.ui import lab_charts
from pages.views.lab import valley_note


@pytest.mark.parametrize(
    ("at", "own"),
    [
        ((5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0), 30.0),
        ((5.0, 5.1, 120.0), 5.1),
        ((30.0,), 30.0),
        ((0.001, 30.0, 1e6), 30.0),
    ],
)
def test_labels_never_meet_and_the_builds_own_is_there(at, own):
    found = sorted(lab_charts.labelled(list(at), own))
    assert own in found
    room = math.log10(at[-1] / at[0]) * 0.17
    gaps = [math.log10(b / a) for a, b in pairwise(found)]
    assert all(gap >= room for gap in gaps)


def test_bins_of_no_length_are_not_drawn_and_the_lines_are_where_they_are():
    frame = pl.DataFrame(
        {"low_seconds": [0.0, 10.0], "high_seconds": [0.0, 13.3], "gap_count": [4, 7]}
    )
    drawn = lab_charts.gaps(frame, 1800.0, 60.0)
    assert list(drawn.data[0].y) == [7]
    assert [each.x0 for each in drawn.layout.shapes] == [math.log10(1800), math.log10(60)]


VALLEY = {
    "valley_seconds": 3600.0,
    "short_median_seconds": 10.0,
    "long_median_seconds": 90_000.0,
    "short_rate": 0.95,
    "reason": None,
}


@pytest.mark.parametrize(
    ("changed", "timeout", "said"),
    [
        ({}, 1800.0, "lies before it: it splits"),
        ({}, 7200.0, "lies behind it: it joins"),
        ({"long_median_seconds": 26.0, "valley_seconds": 4.0}, 1800.0, "speaks for no timeout"),
        ({"valley_seconds": None, "reason": "They overlap."}, 1800.0, "No clear valley"),
    ],
)
def test_the_valley_says_what_it_means_for_the_timeout(changed, timeout, said):
    bins = pl.DataFrame({"high_seconds": [0.0, 2.0], "gap_count": [1, 5]})
    note = valley_note({**VALLEY, **changed}, bins, timeout)
    assert said in note
    assert "1 gap of 0 s" in note
