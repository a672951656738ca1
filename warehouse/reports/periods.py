"""The days that a report is of, and those that they are held against. Dates alone."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from etl.errors import ConfigError
from warehouse.filters import Filters
from warehouse.metrics.compared import Compare
from warehouse.written import days

# So many earlier periods tell what is normal, where the data has them.
EARLIER = 8


@dataclass(frozen=True)
class Period:
    """Local days, both ends included. A whole calendar week or month is called so."""

    start: date
    end: date

    @property
    def unit(self) -> str:
        """week, month, or days."""
        if self.start.day == 1 and self.end == _last_of_month(self.start):
            return "month"
        is_week = self.start.weekday() == 0 and self.end - self.start == timedelta(days=6)
        return "week" if is_week else "days"

    @property
    def name(self) -> str:
        """As files are called: week-2026-W47, month-2026-11, days-2026-11-16-2026-11-25."""
        if self.unit == "week":
            year, week, _ = self.start.isocalendar()
            return f"week-{year}-W{week:02}"
        if self.unit == "month":
            return f"month-{self.start:%Y-%m}"
        return f"days-{self.start}-{self.end}"

    @property
    def title(self) -> str:
        """As readers call it: Week 47, November 2026, 10 days, Friday."""
        if self.unit == "week":
            return f"Week {self.start.isocalendar().week}"
        count = (self.end - self.start).days + 1
        if self.unit == "month":
            return f"{self.start:%B %Y}"
        return f"{self.start:%A}" if count == 1 else f"{count} days"

    @property
    def days(self) -> str:
        """16 to 22 Nov 2026."""
        return days(self.start, self.end)

    def before(self, *, is_over: bool = True) -> str:
        """What it is compared with, in words; of a period that is not over, its complete days."""
        told = {"week": "the week before", "month": "the month before"}.get(self.unit)
        if told is None and self.start == self.end:
            return "the same weekday a week before"
        if told is None:
            return "the same weekdays before" if is_over else "the same complete weekdays before"
        return told if is_over else f"the same complete days of {told}"

    def is_over(self, as_of_date: date | None) -> bool:
        """Whether the data reaches beyond its last day."""
        return as_of_date is not None and self.end < as_of_date

    def earlier(self, filters: Filters) -> list[Filters | None]:
        """The filters in the EARLIER like periods before, oldest first; None before any event."""
        whole = replace(filters, start=self.start, end=self.end)
        backs = range(EARLIER, 0, -1)
        if self.unit == "month":
            return [whole.months_back(back, whole=True) for back in backs]
        shift = timedelta(days=whole.shift_days or 0)
        moved = [whole.moved_back(back * shift) for back in backs]
        # One that the first day of all cuts is none like it.
        return [each if each and each.day_count == whole.day_count else None for each in moved]

    def compared(self, filters: Filters, as_of_date: date | None) -> Compare | Filters:
        """What the metrics compare it with: of a month that is not over, as many days before."""
        before = self.earlier(filters)[-1]
        if self.unit != "month" or before is None or before.start is None:
            return "weekday"
        complete = filters.complete(as_of_date)
        if complete and complete.end and complete.end < self.end:
            last = before.start + (complete.end - self.start)
            return replace(before, end=min(last, before.end or last))
        return before


def week_of(text: str) -> Period:
    """The ISO week that is written 2026-W47. ConfigError for what is none."""
    try:
        year, week = re.fullmatch(r"(\d{4})-?W(\d{1,2})", text.strip().upper()).groups()  # type: ignore[union-attr]
        monday = date.fromisocalendar(int(year), int(week), 1)
        sunday = monday + timedelta(days=6)
    except (AttributeError, ValueError, OverflowError):
        msg = f"'{text}' is no week. Wanted a week such as 2026-W47, or --week alone for the last."
        raise ConfigError(msg) from None
    return checked(monday, sunday)


def month_of(text: str) -> Period:
    """The month that is written 2026-11. ConfigError for what is none."""
    try:
        first = date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        msg = f"'{text}' is no month. Wanted a month such as 2026-11, or --month alone."
        raise ConfigError(msg) from None
    return checked(first, _last_of_month(first))


def checked(start: date, end: date) -> Period:
    """The days as a period. ConfigError where no event can be, and for an end before the start."""
    Filters(start, end)
    return Period(start, end)


def last_week(as_of_date: date) -> Period:
    """The last week that is over."""
    monday = as_of_date - timedelta(days=as_of_date.weekday() + 7)
    return Period(monday, monday + timedelta(days=6))


def last_month(as_of_date: date) -> Period:
    """The last month that is over."""
    last = as_of_date.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def last_days(count: int, as_of_date: date) -> Period:
    """The last days that are over."""
    filters = Filters.last_days(count, as_of_date - timedelta(days=1))
    assert filters.start
    assert filters.end
    return Period(filters.start, filters.end)


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
