"""What the next days may bring: three models, each asked on every day of a series. Pure numbers.

A series has one value a day, NaN where it is not known; its first is known. A model gives, row by
row, what it would have told on the evening of each day of the next HORIZON days, from what was
known then.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from warehouse.metrics.forecast_days import BEGINNING, HORIZON, WEEK

Numbers = npt.NDArray[np.float64]

_AHEAD = np.arange(1, HORIZON + 1)


def like_weekdays(values: Numbers, weeks: int) -> Numbers:
    """The mean of the last known values of the same weekday, so many; of 1, the seasonal naive.

    Before a weekday is known, the value of the first day.
    """
    rows = np.empty((len(values), WEEK))
    last: list[list[float]] = [[] for _ in range(WEEK)]
    means = np.full(WEEK, values[0])
    for day, value in enumerate(values):
        if not np.isnan(value):
            known = last[day % WEEK] = [*last[day % WEEK], float(value)][-weeks:]
            means[day % WEEK] = sum(known) / len(known)
        rows[day] = means
    return _of_weekdays(rows)


def _of_weekdays(rows: Numbers) -> Numbers:
    """Of what each day tells of the seven weekdays, what it tells of the days ahead."""
    days = np.arange(len(rows))[:, None]
    return np.take_along_axis(rows, (days + _AHEAD) % WEEK, axis=1)


def _parameters() -> Numbers:
    """Shares by which level, trend and weekdays are corrected, and what is left of a trend a day.

    One column a choice. Without a correction there is no trend, whatever is left of it.
    """
    return np.array(
        [
            (level, level * trend, (1 - level) * weekday, damping)
            for level in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8)
            for trend, damping in ((0, 0.9), (0.05, 0.9), (0.2, 0.9), (0.05, 0.98), (0.2, 0.98))
            for weekday in (0, 0.03, 0.1, 0.25)
        ]
    ).T


PARAMETERS = _parameters()


def holt_winters(values: Numbers, parameters: Numbers = PARAMETERS) -> Numbers:
    """Level, damped trend and weekdays, all additive on the scale of square roots.

    Counts vary by about the square root of their size: on this scale as much everywhere. All
    parameters run through the series at once; each day speaks by those that had the least squared
    errors one day ahead until then. A day that is not known corrects nothing.
    """
    level_share, trend_share, weekday_share, damping = parameters
    roots = np.sqrt(values)
    count, size = len(values), parameters.shape[1]
    begin, effects = _begin(roots[:BEGINNING])
    level, trend = np.full(size, begin), np.zeros(size)
    weekdays = np.repeat(effects[:, None], size, axis=1)
    levels, trends, squares = (np.empty((count, size)) for _ in range(3))
    seasons = np.empty((count, WEEK, size))
    for day, root in enumerate(roots):
        at = day % WEEK
        expected = level + damping * trend
        error = 0.0 if np.isnan(root) else root - expected - weekdays[at]
        level = expected + level_share * error
        trend = damping * trend + trend_share * error
        weekdays[at] += weekday_share * error
        levels[day], trends[day], seasons[day] = level, trend, weekdays
        squares[day] = np.square(error)
    days, best = np.arange(count), np.cumsum(squares, axis=0).argmin(axis=1)
    damped = np.cumsum(damping[best][:, None] ** _AHEAD, axis=1)
    ahead = levels[days, best][:, None] + damped * trends[days, best][:, None]
    roots_ahead: Numbers = np.maximum(ahead + _of_weekdays(seasons[days, :, best]), 0)
    return roots_ahead**2


def _begin(first: Numbers) -> tuple[float, Numbers]:
    """The level that a series begins with, and what each weekday adds; 0 of one not known."""
    level = float(np.nanmean(first))
    weekdays = (first[at::WEEK][~np.isnan(first[at::WEEK])] for at in range(WEEK))
    return level, np.array([known.mean() - level if known.size else 0.0 for known in weekdays])


# By their names; of equals the first is taken.
MODELS: dict[str, Callable[[Numbers], Numbers]] = {
    "seasonal_naive": partial(like_weekdays, weeks=1),
    "weekday_mean": partial(like_weekdays, weeks=4),
    "holt_winters": holt_winters,
}
