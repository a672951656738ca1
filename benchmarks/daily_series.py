"""Made series of days, for forecasts: a week, a year, growth, noise, spikes and shifts; seeded."""

import numpy as np


def made(
    days: int,
    seed: int,
    level: float = 4000,
    growth: float = 0.0003,
    yearly: float = 0.15,
    noise: float = 0.06,
    weekend: float = 0.75,
    spikes: int = 0,
    shift: float = 1.0,
) -> np.ndarray:
    """Counts of days, the first a Monday, like views of a page that many look up.

    growth  share a day        yearly  how much summer and winter differ from the mean
    noise   deviation of a day; half of it stays until the next     shift  factor from the middle on
    """
    chance = np.random.default_rng(seed)
    day = np.arange(days)
    phase = chance.uniform(0, 2 * np.pi)
    expected = level * np.exp(growth * day) * (1 + yearly * np.sin(2 * np.pi * day / 365 + phase))
    expected = expected * np.where(day % 7 < 5, 1, weekend)
    expected[days // 2 :] *= shift
    lasting = np.zeros(days)
    for at in range(1, days):
        lasting[at] = lasting[at - 1] / 2 + chance.normal(0, noise)
    expected *= np.exp(lasting)
    for at in chance.choice(days - 3, spikes, replace=False):
        expected[at : at + 3] *= (3, 2, 1.4)
    return chance.poisson(expected).astype(float)
