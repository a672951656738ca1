"""How two groups differ, and what may be said of it. Arithmetic alone: never asks the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, inf, log, sqrt

from warehouse.metrics.estimates import Estimate, times
from warehouse.metrics.intervals import LEVEL

# A test is laid out to see a difference of that size four times in five.
POWER = 0.8
# The number of users at which the always valid interval is narrowest.
_NARROWEST_AT = 10_000


@dataclass(frozen=True)
class Difference:
    """A group's value less the baseline's. None is not known.

    relative    as a share of the baseline's value, with its own interval
    detectable  the smallest true difference that would have been seen four times in five
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None
    detectable: float | None = None


def difference(group: Estimate, baseline: Estimate, *, always_valid: bool = False) -> Difference:
    """The difference of two groups that share no unit.

    Of means, ratios and quantiles by Welch (1947) with the degrees of Satterthwaite (1946); of
    shares of sessions by Newcombe (1998, method 10) with the pooled z-test. `always_valid` instead
    holds however often, and whenever, one looks: see `_always_valid`. Where a group has no error,
    or neither has any spread, there is no interval and no p.
    """
    if group.value is None or baseline.value is None:
        return Difference()
    value = group.value - baseline.value
    share = value / baseline.value if baseline.value > 0 else None
    if group.error is None or baseline.error is None:
        return Difference(value, relative=share)
    error = hypot(group.error, baseline.error)
    are_shares = group.trials is not None and baseline.trials is not None
    if not error and (always_valid or not are_shares):
        return Difference(value, relative=share)
    if always_valid:
        return _always_valid(value, share, error, group, baseline)
    if are_shares:
        degrees = inf
        low, high = _newcombe(value, group, baseline)
        p_value = _pooled(value, group, baseline)
    else:
        degrees = _satterthwaite(group, baseline)
        low, high = value - times(degrees) * error, value + times(degrees) * error
        p_value = _two_sided(value / error, degrees)
    return Difference(
        *(value, low, high, p_value, share),
        *_fieller(group, baseline, times(degrees)),
        detectable=(times(degrees) + times(degrees, POWER)) * error,
    )


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """The p-values as they are when all of them are asked at once (Holm 1979); None stays."""
    known = [p for p in p_values if p is not None]
    order = sorted(range(len(p_values)), key=lambda at: (p_values[at] is None, p_values[at] or 0.0))
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, at in enumerate(order[: len(known)]):
        highest = max(highest, min(1.0, (len(known) - rank) * (p_values[at] or 0.0)))
        adjusted[at] = highest
    return adjusted


def _satterthwaite(group: Estimate, baseline: Estimate) -> float:
    parts = [((each.error or 0.0) ** 2, each.degrees) for each in (group, baseline) if each.error]
    if not parts:
        return group.degrees + baseline.degrees
    whole = sum(variance for variance, _ in parts)
    below = sum(variance**2 / degrees for variance, degrees in parts)
    return whole**2 / below if below else inf


def _two_sided(statistic: float, degrees: float) -> float:
    from scipy.special import ndtr, stdtr

    tail = -abs(statistic)
    return float(2 * (ndtr(tail) if degrees == inf else stdtr(degrees, tail)))


def _newcombe(value: float, group: Estimate, baseline: Estimate) -> tuple[float, float]:
    def off(end: float | None, each: Estimate) -> float:
        return (end or 0.0) - (each.value or 0.0)

    low = value - hypot(off(group.low, group), off(baseline.high, baseline))
    high = value + hypot(off(group.high, group), off(baseline.low, baseline))
    return low, high


def _pooled(value: float, group: Estimate, baseline: Estimate) -> float | None:
    trials = [group.trials or 0, baseline.trials or 0]
    rates = [group.value or 0.0, baseline.value or 0.0]
    rate = sum(n * p for n, p in zip(trials, rates, strict=True)) / sum(trials)
    error = sqrt(rate * (1 - rate) * sum(1 / n for n in trials))
    return _two_sided(value / error, inf) if error else None


def _fieller(
    group: Estimate, baseline: Estimate, width: float
) -> tuple[float | None, float | None]:
    """The interval of the relative difference (Fieller 1954): it holds 0 where that of the
    difference does. None where the baseline may be 0, which bounds nothing.
    """
    a, b = group.value or 0.0, baseline.value or 0.0
    spread, below = ((width * (each.error or 0.0)) ** 2 for each in (group, baseline))
    room = b * b - below
    if b <= 0 or room <= 0:
        return None, None
    half = sqrt(max(a * a * below + b * b * spread - spread * below, 0.0))
    return (a * b - half) / room - 1, (a * b + half) / room - 1


def _always_valid(
    value: float, share: float | None, error: float, group: Estimate, baseline: Estimate
) -> Difference:
    """An asymptotic confidence sequence, and the p-value that belongs to it (Waudby-Smith, Arbour,
    Sinha, Kennedy, Ramdas 2024, theorem 2.2): narrowest at 10,000 units, wider than the usual one
    at any number, and right at all of them together.
    """
    spent = -2 * log(1 - LEVEL)
    rate = (spent + log(spent + 1)) / _NARROWEST_AT * (group.units + baseline.units)
    width = sqrt(2 * (rate + 1) / rate * log(sqrt(rate + 1) / (1 - LEVEL)))
    gone = (value / error) ** 2 * rate / (2 * (rate + 1))
    return Difference(
        *(value, value - width * error, value + width * error),
        min(1.0, sqrt(rate + 1) * exp(-gone)),
        share,
        *_fieller(group, baseline, width),
        detectable=(width + times(inf, POWER)) * error,
    )
