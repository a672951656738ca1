"""The period that another is compared with. Dates alone: never asks the warehouse."""

from datetime import timedelta
from typing import Literal, get_args

from etl.errors import refuse_unknown
from warehouse.filters import Filters
from warehouse.query import Grain

Compare = Literal["none", "previous", "weekday", "year"]


def moved(filters: Filters, base: Filters | None, compare: Compare | Filters) -> Filters | None:
    """The filters of the compared period: `base`, a part of the period, moved as far as the whole.

    Other Filters are taken as they are. None when nothing is compared, while the period is open at
    one end, and before any event can be.
    """
    if isinstance(compare, Filters):
        return compare
    shift = shift_of(filters, compare)
    if base is None or base.end is None or not shift:
        return None
    return base.moved_back(timedelta(days=shift))


def shift_of(filters: Filters, compare: Compare) -> int:
    """Days back to the compared period; 0 when nothing is compared, or the period is open."""
    refuse_unknown("compare", compare, get_args(Compare))
    return 0 if compare == "none" else filters.shift(compare) or 0


def in_grain(
    filters: Filters, compare: Compare | Filters, grain: Grain, periods: int
) -> Filters | None:
    """The compared period as it is told by day, week or month: like meets like.

    Of months, "year" goes back twelve and the others as many as the period has; of weeks, "year"
    goes back 52 and the others as many as clear it.
    """
    if isinstance(compare, Filters) or grain == "day" or compare == "none":
        return moved(filters, filters, compare)
    shift_of(filters, compare)
    if grain == "month":
        return filters.months_back(12 if compare == "year" else periods)
    if filters.day_count is None:
        return None
    return filters.moved_back(timedelta(weeks=52)) if compare == "year" else filters.previous()
