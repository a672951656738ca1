"""What sessions of tables stand for, learned from days of which the tracked ones are known too.

Arithmetic alone: never asks the warehouse.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import sqrt
from typing import NamedTuple

from warehouse.metrics.calendar_periods import start_of
from warehouse.metrics.estimates import times

# Of fewer days on which both are known, nothing is said of others.
LEAST_DAYS = 14
# So many whole weeks are looked at rather than their days: one that lies off often follows one.
LEAST_WEEKS = 8


class Ratio(NamedTuple):
    """Tracked sessions for each session of the tables.

    spread  the variance of tracked sessions around it, for each session of the tables
    basis   sessions of the tables that it was learned from
    spans   days or weeks that it was learned from
    """

    value: float
    spread: float
    basis: int
    spans: int


def learned(days: Iterable[tuple[date, int, int]]) -> Ratio | None:
    """What days of which both are known say: (day, tracked sessions, those of rows) of each.

    Of LEAST_WEEKS whole weeks, what these say. The ratio of sums is the best linear one when the
    variance of a span grows with its sessions of rows (Cochran, Sampling Techniques, 1977, 6.7);
    the spread is that variance by its moments. None of fewer than LEAST_DAYS, or without a session
    of rows.
    """
    known = list(days)
    weeks = defaultdict(list)
    for day, tracked, rows in known:
        weeks[start_of(day, "week")].append((tracked, rows))
    pairs = [
        (sum(tracked for tracked, _ in week), sum(rows for _, rows in week))
        for week in weeks.values()
        if len(week) == 7
    ]
    if len(pairs) < LEAST_WEEKS:
        pairs = [(tracked, rows) for _, tracked, rows in known]
    count, basis = len(pairs), sum(rows for _, rows in pairs)
    if len(known) < LEAST_DAYS or not basis:
        return None
    value = sum(tracked for tracked, _ in pairs) / basis
    squares = sum((tracked - value * rows) ** 2 for tracked, rows in pairs)
    return Ratio(value, squares / basis * count / (count - 1), basis, count)


def told(ratio: Ratio | None, rows: int) -> tuple[float | None, float | None, float | None]:
    """Sessions that so many of rows stand for, and the band of 95 % of what would be tracked."""
    if ratio is None:
        return None, None, None
    value = ratio.value * rows
    # What the period itself varies by, and what is not known of the ratio.
    error = sqrt(ratio.spread * rows * (1 + rows / ratio.basis))
    half = times(ratio.spans - 1) * error
    return value, max(0.0, value - half), value + half
