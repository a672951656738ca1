"""Days, weeks (from Monday) and months of the calendar. Dates alone: never asks the warehouse."""

from datetime import date, timedelta

from warehouse.query import Grain


def start_of(day: date, period: Grain) -> date:
    """The first day of the day, week or month that a day is in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def start_before(day: date, period: Grain) -> date:
    """The first day of the one before it."""
    return start_of(start_of(day, period) - timedelta(days=1), period)
