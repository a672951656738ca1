"""What a sample tells of one group: a value, how far it may be off, and its interval of 95 %.

Arithmetic alone: never asks the warehouse. What is not known is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, sqrt
from statistics import stdev

from warehouse.metrics.intervals import LEVEL, wilson

_PORTIONS = 32
# So small a part of a number is rounding.
_DUST = 1e-12
_TAIL = (1 + LEVEL) / 2


@dataclass(frozen=True)
class Estimate:
    """The value of a group, and how sure it is.

    error    its standard error; None of fewer than two units
    degrees  of freedom of the error; inf where it is taken as known
    units    users, or sessions, that it is of
    trials   of a share of sessions, how many; None of all else
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    degrees: float = inf
    units: int = 0
    trials: int | None = None


NOTHING = Estimate(None)


def times(degrees: float, tail: float = _TAIL) -> float:
    """Standard errors to that quantile of Student's t; of the normal with infinite degrees."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(tail) if degrees == inf else stdtrit(degrees, tail))


def of_ratio(numerator: float, denominator: float, squares: float, units: int) -> Estimate:
    """A ratio of sums over units, such as sessions that bounced by those that ended.

    `squares` is the sum over units of (x - ratio * y)^2. Linearised ("delta method"; Cochran,
    Sampling Techniques, 1977, 6.3), n - 1 degrees; where every y is 1, Student's interval of a
    mean. No interval where all units are alike. NOTHING of a denominator of 0.
    """
    if not denominator:
        return NOTHING
    value = numerator / denominator
    if units < 2:
        return Estimate(value, units=units)
    error = sqrt(squares * units / (units - 1)) / abs(denominator)
    if error <= _DUST * abs(value):
        # Where all are alike, rounding alone makes them differ; and how far the value may be off
        # nobody knows.
        return Estimate(value, None, None, 0.0, units - 1, units)
    half = times(units - 1) * error
    return Estimate(value, value - half, value + half, error, units - 1, units)


def of_share(successes: float, trials: int) -> Estimate:
    """A share of sessions that know nothing of each other, by Wilson (1927). NOTHING of none."""
    if not trials:
        return NOTHING
    rate = successes / trials
    low, high = wilson(rate, trials)
    low, high = min(max(low, 0.0), rate), max(min(high, 1.0), rate)
    return Estimate(rate, low, high, sqrt(rate * (1 - rate) / trials), inf, trials, trials)


def quantile_levels(level: float, below: Estimate) -> tuple[float, float] | tuple[None, None]:
    """Between which levels of a group's values the interval of a quantile lies, by Woodruff (1952).

    `below` is the share of sessions at or below the quantile, as of_ratio has it of users. Of one
    user nothing is known.
    """
    if below.error is None:
        return None, None
    half = times(below.degrees) * below.error
    return max(level - half, 0.0), min(level + half, 1.0)


def quantile_ranks(level: float, count: int) -> tuple[float | None, float | None]:
    """The same of sessions that know nothing of each other: levels of two order statistics.

    Their ranks are those of the binomial (Conover, Practical Nonparametric Statistics, 1999, 3.2),
    and quantile_disc of the levels takes these very values. None where there are too few values.
    """
    low, high = _binomial(1 - _TAIL, count, level), _binomial(_TAIL, count, level) + 1
    return (low - 0.5) / count if low else None, (high - 0.5) / count if high <= count else None


def of_quantile(
    value: float | None, low: float | None, high: float | None, degrees: float, units: int
) -> Estimate:
    """A quantile, of which the interval is known: its error is what would make it that wide."""
    if value is None:
        return NOTHING
    if low is None or high is None or units < 2:
        return Estimate(value, low, high, None, degrees, units)
    return Estimate(value, low, high, (high - low) / (2 * times(degrees)), degrees, units)


def of_portions(value: float | None, portions: Sequence[float], units: int) -> Estimate:
    """Any measure, by how much it differs among portions of the units, each taken by chance.

    "Random groups" (Wolter, Introduction to Variance Estimation, 2007, 2.4): the error of the whole
    is that of the mean of the portions. No interval where fewer than half of 32 have a value, or
    where each would be of fewer than two units.
    """
    count = len(portions)
    if value is None:
        return NOTHING
    if count < _PORTIONS / 2 or units < 2 * _PORTIONS:
        return Estimate(value, units=units)
    error = stdev(portions) / sqrt(count)
    half = times(count - 1) * error
    return Estimate(value, value - half, value + half, error, count - 1, units)


def _binomial(tail: float, count: int, level: float) -> int:
    """The least number of successes that is not exceeded with that probability."""
    from scipy.special import bdtr, bdtrik

    found = max(ceil(bdtrik(tail, count, level)), 0)
    below = max(found - 1, 0)
    return int(below if bdtr(below, count, level) >= tail else found)
