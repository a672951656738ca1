"""Days and moments that people write: those that data can be of, and what is said of others."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.config.days import FIRST_DAY, LAST_DAY, checked_day, day_of, moment_of, parse_day
from etl.config.durations import LONGEST, checked_days
from etl.errors import ConfigError


@given(st.dates())
def test_a_day_is_read_where_an_event_can_be_of_it(day: date) -> None:
    if FIRST_DAY <= day <= LAST_DAY:
        assert parse_day(day.isoformat()) == checked_day(day, "It is") == day
        return
    with pytest.raises(ValueError):  # noqa: PT011
        parse_day(day.isoformat())
    with pytest.raises(ConfigError, match=r"It is .* Wanted: a day from 1970-01-01 to 2199-12-31"):
        checked_day(day, "It is")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "9999-12-31", "0001-01-01"])
def test_an_option_without_a_day_says_what_it_takes(text: str) -> None:
    with pytest.raises(ConfigError, match=f"'{text}' is no day from .* --before 2026-11-01"):
        day_of(text, "--before")


def test_a_moment_without_offset_is_of_utc() -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert moment_of("2026-03-10T12:00:00", "--until") == noon
    assert moment_of("2026-03-10T13:00:00+01:00", "--until") == noon


@pytest.mark.parametrize("text", ["soon", "9999-12-31T23:59:59Z", "0001-01-01"])
def test_an_option_without_a_moment_says_what_it_takes(text: str) -> None:
    with pytest.raises(ConfigError, match=f"'{text}' is no time from .* --until 2026"):
        moment_of(text, "--until")


@given(st.integers())
def test_any_number_of_days_can_be_counted_back_or_is_refused(days: int) -> None:
    if 1 <= days <= LONGEST.days:
        assert datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=checked_days(days))
    else:
        with pytest.raises(ConfigError, match=r"A period of .* days"):
            checked_days(days)


@pytest.mark.parametrize("days", [10**20, 10**5000], ids=["20 digits", "5000 digits"])
def test_the_largest_numbers_are_told_in_short(days: int) -> None:
    with pytest.raises(ConfigError, match=r"A period of 10\^\d+ days is longer than 36525"):
        checked_days(days)
