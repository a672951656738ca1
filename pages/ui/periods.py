"""The periods that a reader may choose, their days, and those of the parts that charts tell.

Pure: never reads the address or data.
"""

from __future__ import annotations

from datetime import date, timedelta

from warehouse.filters import Filters

CUSTOM = "custom"
# The word in the address, and the one on the control. Links of before say 1 for today.
PERIODS = {
    "1": "Today",
    "yesterday": "Yesterday",
    "7": "7 d",
    "30": "30 d",
    "90": "90 d",
    "12m": "12 m",
    "all": "All time",
    CUSTOM: "Custom",
}
DEFAULT_PERIOD = "30"


def days_of(period: str, today: date, first: date, last: date) -> Filters:
    """The days of a preset: they end on the local day of the data's as-of, all time on `last`.

    `first` and `last` are those of the data. Twelve months end like the day before their first.
    """
    if period == "yesterday":
        return Filters(today - timedelta(days=1), today - timedelta(days=1))
    if period == "all":
        return Filters(first, max(first, last, today))
    if period == "12m":
        before = Filters(today, today).months_back(12)
        return Filters(
            before.start + timedelta(days=1) if before and before.start else first, today
        )
    return Filters.last_days(int(period), today)


def last_day(start: date, grain: str) -> date:
    """The last day of the day, week or month that begins, or that is cut, at `start`."""
    if grain == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return start + timedelta(days=6 if grain == "week" else 0)
