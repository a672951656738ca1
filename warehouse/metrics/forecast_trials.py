"""How well each model would have told the days that are known, and what that says of the next ones.

The back-test: every day of the last half year, but none of the first four weeks, is once taken for
the last one known, and each model tells the 28 days after it.
"""

from typing import NamedTuple

import numpy as np

from warehouse.metrics.forecast_days import BEGINNING, HORIZON, WEEK
from warehouse.metrics.forecast_models import MODELS, Numbers

# How many days are taken for the last one, at most.
MOST_ORIGINS = 182
# So many of the days lie in the band: as many below it as above.
INSIDE = 0.8


class Trials(NamedTuple):
    """What the back-test came to, and the next 28 days as the best model tells them.

    errors         mean absolute error of each model over all days ahead; NaN without any
    scale          mean absolute difference of a day and the same weekday a week before; NaN
                   without two such days
    chosen         the model with the least error, of equals the first
    ahead          its values; low and high bound the band
    """

    errors: dict[str, float]
    scale: float
    chosen: str
    ahead: Numbers
    low: Numbers
    high: Numbers

    def mase(self, model: str) -> float | None:
        """Mean absolute scaled error; None where there is nothing to scale by."""
        return self.errors[model] / self.scale if self.scale > 0 else None


def of(values: Numbers) -> Trials:
    """Tries all models on a series: one value a day, NaN where it is not known."""
    told = {name: model(values) for name, model in MODELS.items()}
    origins = np.arange(max(BEGINNING, len(values) - MOST_ORIGINS) - 1, len(values) - 1)
    padded = np.concatenate([values, np.full(HORIZON, np.nan)])
    came = padded[origins[:, None] + np.arange(1, HORIZON + 1)]
    errors = {name: _mean(np.abs(came - rows[origins])) for name, rows in told.items()}
    chosen = min(errors, key=lambda name: np.nan_to_num(errors[name], nan=np.inf))
    ahead = told[chosen][-1]
    rows = told[chosen][origins]
    # A closed day that was told as one is no measure of how wrong open ones are.
    closed = (came == 0) & (rows < 0.5)
    low, high = _band(ahead, np.where(closed, np.nan, np.sqrt(came) - np.sqrt(rows)))
    return Trials(errors, _mean(np.abs(values[WEEK:] - values[:-WEEK])), chosen, ahead, low, high)


def _mean(values: Numbers) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else np.nan


def _band(ahead: Numbers, errors: Numbers) -> tuple[Numbers, Numbers]:
    """Where the days ahead lie when errors are as they were, for each week ahead its own.

    On the scale of square roots, of whatever model; a later week is never surer than one before.
    """
    below, above = [], []
    for week in np.split(errors, HORIZON // WEEK, axis=1):
        known = np.sort(week[~np.isnan(week)])
        # The next error is as likely between any two of the known ones.
        outer = max(int((known.size + 1) * (1 - INSIDE) / 2), 1)
        below.append(known[outer - 1] if known.size else np.nan)
        above.append(known[-outer] if known.size else np.nan)
    roots = np.sqrt(ahead)
    lowest = np.repeat(np.fmin.accumulate([0, *below])[1:], WEEK)
    highest = np.repeat(np.fmax.accumulate([0, *above])[1:], WEEK)
    return np.square(np.maximum(roots + lowest, 0)), np.square(roots + highest)
