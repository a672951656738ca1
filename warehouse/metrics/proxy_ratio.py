"""What sessions of tables stand for, learned from days of which the tracked ones are known too.

Arithmetic alone: never asks the warehouse.
"""

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

from warehouse.metrics.estimates import times

# Of fewer days on which both are known, nothing is said of others.
LEAST_DAYS = 14


class Ratio(NamedTuple):
    """Tracked sessions for each session of the tables.

    spread  the variance of a day's tracked sessions around it, for each session of the tables
    basis   sessions of the tables that it was learned from
    days    on which both were known
    """

    value: float
    spread: float
    basis: int
    days: int


def learned(days: Iterable[tuple[int, int]]) -> Ratio | None:
    """What days of which both are known say: (tracked sessions, those of rows) of each.

    The ratio of sums is the best linear one when a day's variance grows with its sessions of rows
    (Cochran, Sampling Techniques, 1977, 6.7); the spread is that variance by its moments. None of
    fewer than LEAST_DAYS, or without a session of rows.
    """
    pairs = list(days)
    count, basis = len(pairs), sum(rows for _, rows in pairs)
    if count < LEAST_DAYS or not basis:
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
    half = times(ratio.days - 1) * error
    return value, max(0.0, value - half), value + half
