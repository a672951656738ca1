"""Days, weeks (from Monday) and months of the calendar. Dates alone: never asks the warehouse."""

from datetime import date, timedelta

from etl.config.days import LAST_DAY
from warehouse.query import Grain


def start_of(day: date, period: Grain) -> date:
    """The first day of the day, week or month that a day is in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def start_before(day: date, period: Grain) -> date:
    """The first day of the one before it."""
    return start_of(start_of(day, period) - timedelta(days=1), period)


def start_after(day: date, period: Grain, count: int = 1) -> date:
    """The first day of the one that comes so many later; LAST_DAY when that is beyond it."""
    first = start_of(day, period)
    if period == "month":
        year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
        return date(year, month + 1, 1) if year <= LAST_DAY.year else LAST_DAY
    days = count * (7 if period == "week" else 1)
    return first + timedelta(days=min(days, (LAST_DAY - first).days))
