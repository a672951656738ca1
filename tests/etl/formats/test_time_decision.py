"""What a column of times is taken for: by what all its values can be, by what is plausible."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.config.time_shapes import BY_NAME, check_pattern
from etl.formats.time_decision import is_bare_clock, is_of_days, settle

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ARCHIVE = [str(n * 34_729 % 69_459_255) for n in range(2_000)] + ["69459254"]

TOLD = {
    "seconds of today": (["1773144000", "1773144060"], "epoch_s"),
    "ticks look like nanoseconds of 1990": (["639087336000000000"], "ticks"),
    "hours have as many digits as seconds": (["2026031010", "2026031011"], "yyyymmddhh"),
    "an archive that hides its dates": (ARCHIVE, "seconds"),
    "an archive in its order": (sorted(ARCHIVE, key=int)[:50], "seconds"),
    "eight digits of which few are dates": (["20260310", "19999999", "20269999"], "seconds"),
    "a count that became a float": (["20260310.0", "20260311.0"], "yyyymmdd"),
    "the most are milliseconds": (["1773144000123", "1773144000124", "1773144000"], "epoch_ms"),
    "a future date": (["20991231"], "yyyymmdd"),
    "days above twelve": (["03/04/2026", "13/04/2026"], "day_first"),
    "months first": (["4/13/2026 9:00 PM", "4/1/2026 9:00 AM"], "month_first"),
    "points are of who writes days first": (["03.04.2026"], "day_first"),
    "days taken for years lie all over": (
        ["20/11/26, 09:00", "20/11/26, 09:12", "03/12/25, 18:40"],
        "day_first",
    ),
    "years above the present": (["31/01/02", "30/11/25", "12/12/24"], "day_first"),
    "a month first of two digits": (["11/28/25", "11/27/25"], "month_first"),
    "words": (["Mar 10, 2026 10:00 AM", "10 Mar 2026"], "written"),
}


@pytest.mark.parametrize(("values", "shape"), TOLD.values(), ids=TOLD)
def test_a_column_is_taken_for(values: list[str], shape: str) -> None:
    met = settle(values, NOW)
    assert met
    assert met.shape is BY_NAME[shape]


DOUBTS = {
    "day or month": (["03/04/2026", "05/06/2026"], "--time-format day_first or"),
    "day or year": (["26/11/20 09:00", "26/11/20 10:00"], "year_first"),
    "times of day": (["10:00", "10:01"], "--map time=DATE+CLOCK"),
}


@pytest.mark.parametrize(("values", "said"), DOUBTS.values(), ids=DOUBTS)
def test_what_is_in_doubt_is_nothing_and_says_what_to_do(values: list[str], said: str) -> None:
    met = settle(values, NOW)
    assert met
    assert met.shape is None
    assert said in " ".join(met.doubts)


BY_SOURCE = {
    "day first": (["03/04/2026"], "day_first", "day_first"),
    "month first": (["03/04/2026"], "month_first", "month_first"),
    "seconds that may be dates": (["20100101", "20100131"], "seconds", "seconds"),
    "nanoseconds of 1990": (["639087336000000000"], "epoch_ns", "epoch_ns"),
    "what cannot be so is not": (["13/04/2026"], "month_first", "day_first"),
    "another unit is told by itself": (["1773144000123"], "epoch_s", "epoch_ms"),
    "seconds where ms were": (["1773144000"], "epoch_ms", "epoch_s"),
}


@pytest.mark.parametrize(("values", "before", "shape"), BY_SOURCE.values(), ids=BY_SOURCE)
def test_the_shape_before_decides_only_where_several_fit(
    values: list[str], before: str, shape: str
) -> None:
    met = settle(values, NOW, before)
    assert met
    assert met.shape is BY_NAME[shape]
    assert met.by_source == (before == shape)


ZEROS = {
    "0 among times of today is nothing": (["1773144000", "0"], True),
    "seconds among milliseconds are none": (["1773144000123", "1773144000124", "1773144000"], True),
    "days among seconds are none": (["1773144000", "1773144001", "20260310"], True),
    "a column that begins in 1970": (["5000000", "1000000000", "1100000000", "0"], False),
}


@pytest.mark.parametrize(("values", "is_late"), ZEROS.values(), ids=ZEROS)
def test_a_time_of_1970_is_none_where_all_others_are_later(
    values: list[str], *, is_late: bool
) -> None:
    met = settle(values, NOW)
    assert met
    assert met.is_late == is_late


def test_seconds_that_would_be_of_today_from_2001_are_told() -> None:
    met = settle(["794829600", "794829660"], NOW)
    assert met
    assert (met.shape, "--time-format cocoa" in met.doubts[0]) == (BY_NAME["epoch_s"], True)


@given(st.lists(st.integers(0, 70_000_000), min_size=30, unique=True))
def test_small_whole_numbers_are_never_dates(numbers: list[int]) -> None:
    met = settle([*map(str, numbers), "60000000", "123456", "70123456"], NOW)
    assert met
    assert met.shape is not None
    assert met.shape.unit == 1


@given(st.lists(st.text(max_size=30)))
def test_any_text_is_taken_for_something_or_nothing(values: list[str]) -> None:
    met = settle(values, NOW)
    assert (met is None) == (not any(value.split() for value in values))


def test_times_of_day_and_days_are_told() -> None:
    assert is_bare_clock(["1000", "2359"])
    assert not is_bare_clock(["1000", "1060"])
    assert not is_bare_clock(["1000", "930"])
    assert is_of_days(["2026-03-10", "2026-03-11 00:00:00"])
    assert not is_of_days(["2026-03-10", "2026-03-11 09:00:00"])


@pytest.mark.parametrize("pattern", ["%H:%M", "%Y", "%d/%m", "words", "%Q %Y-%m-%d"])
def test_a_pattern_without_a_whole_date_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"%|words"):
        check_pattern(pattern)
