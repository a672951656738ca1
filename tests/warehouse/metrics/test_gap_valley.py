"""The valley between two kinds of gaps, on histograms whose parts are known."""

import math

import polars as pl
import pytest

from warehouse.metrics import gap_valley


def bins_of(*parts, source="web"):
    """A histogram of lognormal parts: weight, median in seconds, deviation in decades."""

    def below(x, weight, middle, deviation):
        z = (x - math.log10(middle)) / deviation / math.sqrt(2)
        return weight * (1 + math.erf(z)) / 2

    rows = [
        {
            "source": source,
            "low_seconds": 10 ** (at / 8),
            "high_seconds": 10 ** ((at + 1) / 8),
            "gap_count": round(
                sum(below((at + 1) / 8, *part) - below(at / 8, *part) for part in parts)
            ),
        }
        for at in range(-40, 64)
    ]
    return pl.DataFrame([row for row in rows if row["gap_count"]], strict=False)


def test_two_kinds_far_apart_have_a_valley_where_both_are_as_likely():
    frame = gap_valley.of(bins_of((90_000, 10, 0.5), (10_000, 100_000, 0.5)))
    row = frame.row(0, named=True)
    assert row["reason"] is None
    assert row["short_median_seconds"] == pytest.approx(10, rel=0.03)
    assert row["long_median_seconds"] == pytest.approx(100_000, rel=0.05)
    assert row["short_rate"] == pytest.approx(0.9, abs=0.01)
    # Of two kinds as wide the point is the middle, and ln(w1 / w2) s^2 / (m2 - m1) beyond.
    middle = 3 + math.log(9) * 0.25 / 4
    assert math.log10(row["valley_seconds"]) == pytest.approx(middle, abs=0.05)


NONE = {
    "one kind": (bins_of((50_000, 20, 0.6)), "overlap|dip"),
    "two that overlap": (bins_of((50_000, 20, 0.8), (50_000, 60, 0.8)), "overlap"),
    "few": (bins_of((50, 10, 0.5), (40, 100_000, 0.5)), "Fewer than 100"),
    "all alike": (bins_of((5000, 13, 0.001)), "all of them alike"),
    "hardly any of one": (bins_of((90_000, 10, 0.4), (500, 10_000_000, 0.1)), "fewer than 2%"),
}


@pytest.mark.parametrize("case", NONE)
def test_where_there_is_no_clear_valley_it_says_why(case):
    bins, words = NONE[case]
    row = gap_valley.of(bins).row(0, named=True)
    assert row["valley_seconds"] is None
    assert any(word in row["reason"] for word in words.split("|")), row


def test_each_source_has_a_row_and_gaps_of_nothing_are_in_no_fit():
    zero = {"source": "app", "low_seconds": 0.0, "high_seconds": 0.0, "gap_count": 1000}
    both = pl.concat([pl.DataFrame([zero]), bins_of((90_000, 10, 0.5), (10_000, 1e5, 0.5))])
    frame = gap_valley.of(both)
    assert frame["source"].to_list() == ["app", "web"]
    assert frame["gap_count"][0] == 0
    assert gap_valley.of(both.clear()).is_empty()
