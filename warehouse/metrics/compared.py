"""The period that another is compared with. Dates alone: never asks the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from etl.errors import refuse_unknown
from warehouse.filters import Filters
from warehouse.query import Grain
from warehouse.written import day, days

Compare = Literal["none", "previous", "weekday", "year"]


@dataclass(frozen=True)
class Before:
    """Whether there is something to compare with, and what, or why not, in a sentence.

    Where there is nothing, no page has a change, a column or a line for it.
    """

    is_there: bool
    sentence: str


def moved(filters: Filters, base: Filters | None, compare: Compare | Filters) -> Filters | None:
    """The filters of the compared period: `base`, a part of the period, moved as far as the whole.

    A year before has the same dates, so that a year meets all of a year, whichever is longer.
    Other Filters are taken as they are. None when nothing is compared, while the period is open at
    one end, and before any event can be.
    """
    if isinstance(compare, Filters):
        return compare
    shift = shift_of(filters, compare)
    if base is None or base.end is None or not shift:
        return None
    return base.months_back(12) if compare == "year" else base.moved_back(timedelta(days=shift))


def complete_days(
    filters: Filters, compare: Compare | Filters, as_of_date: date | None
) -> tuple[Filters | None, Filters | None]:
    """The complete days of a period, and those that they are compared with; None of none."""
    now = filters.complete(as_of_date) if filters.day_count else None
    before = moved(filters, now, compare)
    if before and isinstance(compare, Filters):
        before = before.complete(as_of_date)
    return now, before


def covered_days(
    filters: Filters,
    compare: Compare | Filters,
    as_of_date: date | None,
    first_date: date | None,
) -> tuple[Filters, Filters] | None:
    """Both sides of complete_days; None when either is missing, or the data began between them."""
    now, before = complete_days(filters, compare, as_of_date)
    return (now, before) if now and before and is_covered(before, first_date) else None


def is_covered(before: Filters | None, first_date: date | None) -> bool:
    """Whether the data reaches back to the compared days; else they would be fewer."""
    return bool(before and before.start and first_date and first_date <= before.start)


def shift_of(filters: Filters, compare: Compare) -> int:
    """Days from each day back to the one beside it; 0 when nothing is compared, or while open."""
    refuse_unknown("compare", compare, get_args(Compare))
    return 0 if compare == "none" else filters.shift(compare) or 0


def in_grain(
    filters: Filters, compare: Compare | Filters, grain: Grain, periods: int
) -> Filters | None:
    """The compared period as it is told by day, week or month: like meets like.

    Each day stands beside the one as many days before as of the first, as in overview.daily. Of
    months, "year" goes back twelve and the others as many as the period has; of weeks, "year"
    goes back 52 and the others as many as clear it.
    """
    if isinstance(compare, Filters):
        return compare
    shift = shift_of(filters, compare)
    if not shift:
        return None
    if grain == "day":
        return filters.moved_back(timedelta(days=shift))
    if grain == "month":
        return filters.months_back(12 if compare == "year" else periods, whole=True)
    return filters.moved_back(timedelta(weeks=52)) if compare == "year" else filters.previous()


def before(row: Mapping[str, Any], first_day: date, compare: str = "weekday") -> Before:
    """What is compared, by a row of overview.change; the data begins on `first_day`."""
    if compare == "none":
        return Before(is_there=False, sentence="Not compared.")
    if row["current_start"] is None:
        why = "Nothing to compare yet: the period holds no complete day."
        return Before(is_there=False, sentence=why)
    if not row["is_covered"]:
        why = f"Nothing to compare: the data begins {day(first_day)}."
        return Before(is_there=False, sentence=why)
    then = days(row["previous_start"], row["previous_end"])
    if not row["previous"]:
        return Before(is_there=False, sentence=f"Nothing to compare: no sessions from {then}.")
    now = days(row["current_start"], row["current_end"])
    weekdays = ", same weekdays" if compare == "weekday" else ""
    return Before(is_there=True, sentence=f"{now} against {then}{weekdays}")
