"""How much time a file spans: by how many rows there are, and how dense they lie."""

from datetime import date, timedelta

import pytest

from etl.lake.spans import grains_of_days, span_of

FIRST = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("days", "rows_a_day", "known", "grain"),
    [
        pytest.param(1, 1, {}, "year", id="one row"),
        pytest.param(1, 2_000, {}, "year", id="a day as 700,000 a year have"),
        pytest.param(1, 5_000, {}, "month", id="a day as two million a year have"),
        pytest.param(1, 50_000, {}, "day", id="a day as 18 million a year have"),
        pytest.param(300, 500, {}, "year", id="150,000 rows over many months"),
        pytest.param(20, 20_000, {}, "month", id="dense rows of a month"),
        pytest.param(1, 1, {"2026": 2_000_000}, "month", id="one row in a year with many"),
        pytest.param(1, 1, {"2026": 9e6, "2026-03": 2_000_000}, "day", id="in a month with many"),
        pytest.param(1, 1, {"2025": 9e6}, "year", id="another year does not matter"),
    ],
)
def test_the_grain_follows_the_rows(
    days: int, rows_a_day: int, known: dict[str, int], grain: str
) -> None:
    rows = {date(2026, 3, 1) + timedelta(n): rows_a_day for n in range(days)}
    grains = grains_of_days(rows, lambda span: known.get(span, 0))
    assert set(grains.values()) == {grain}
    assert grains.keys() == rows.keys()


def test_each_year_has_a_grain_of_its_own() -> None:
    days = {date(2024, 5, 1): 10, date(2025, 5, 1): 40_000, date(2026, 5, 1): 4_000}
    assert list(grains_of_days(days, lambda span: 0).values()) == ["year", "day", "month"]


def test_spans_are_named_by_the_part_of_the_day_that_they_share() -> None:
    assert [span_of(FIRST, grain) for grain in ("year", "month", "day")] == [
        "2026",
        "2026-03",
        "2026-03-10",
    ]
