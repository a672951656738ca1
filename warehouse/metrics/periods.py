"""What a period is compared with. Never reads more of a build than where its data begins."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import data

Compare = Literal["none", "previous", "weekday", "year"]


@dataclass(frozen=True)
class Compared:
    """The complete days of a period, and those they are compared with; None where there are none.

    is_covered  false when the data begins inside the earlier days: they are fewer
    """

    now: Filters | None
    before: Filters | None
    is_covered: bool


def compared(wh: Warehouse, filters: Filters, compare: Compare | Filters) -> Compared:
    """Both sides of a comparison; `compare` as overview.change takes it."""
    now = filters.complete(wh.as_of_date) if filters.day_count else None
    before = _before(wh, filters, now, compare)
    first_date = data.extent(wh)["min_date"][0]
    covered = bool(before and before.start and first_date and first_date <= before.start)
    return Compared(now, before, covered)


def _before(
    wh: Warehouse, filters: Filters, now: Filters | None, compare: Compare | Filters
) -> Filters | None:
    if isinstance(compare, Filters):
        return compare.complete(wh.as_of_date)
    refuse_unknown("compare", compare, get_args(Compare))
    shift = None if compare == "none" else filters.shift(compare)
    if now is None or now.end is None or shift is None:
        return None
    return now.moved_back(timedelta(days=shift))
