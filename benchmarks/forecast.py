"""How well the models of forecasts tell the days of real and made series: the table of the docs.

    python -m benchmarks.forecast /tmp/mathoverflow /tmp/demo

Of each home sessions and users of its last two years, and those of the two years before; and made
series. Errors are MASE: by what a day differs from the same weekday a week before. The last two
columns are of every 14th day as the last one known, where ETS of statsmodels is fitted anew.
"""

import argparse
import time
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

import warehouse
from benchmarks.daily_series import made
from warehouse import DwellError, Filters
from warehouse.metrics import data, forecast, forecast_trials
from warehouse.metrics.forecast_models import HORIZON, MODELS, Numbers

_MADE = {
    "two years of a page": {"days": 731, "spikes": 4},
    "the same, half as much again from the middle on": {"days": 731, "shift": 1.5},
    "growing by 0.2 % a day": {"days": 731, "growth": 0.002, "yearly": 0},
    "very noisy": {"days": 731, "noise": 0.2},
    "closed at weekends, 50 a day": {"days": 400, "level": 50, "weekend": 0},
    "two a day": {"days": 400, "level": 2},
    "a quarter": {"days": 91, "level": 300},
    "eight weeks": {"days": 56, "level": 300},
}
_EVERY = 14


def main() -> None:
    """Prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", nargs="*", type=Path, metavar="HOME")
    warnings.filterwarnings("ignore", module="statsmodels")
    names = " | ".join(name.replace("_", " ") for name in MODELS)
    print(f"| series | days | {names} | chosen | ms | Holt–Winters, 14th days | ETS, 14th days |")
    print("|---|---|" + "---|" * (len(MODELS) + 4))
    for name, values in _series(parser.parse_args().homes):
        began = time.perf_counter()
        trials = forecast_trials.of(values)
        took = (time.perf_counter() - began) * 1000
        told = [f"{trials.mase(model):.2f}" for model in MODELS]
        peers = [f"{error / trials.scale:.2f}" for error in _beside_ets(values)]
        chosen = trials.chosen.replace("_", " ")
        print("|", " | ".join([name, str(len(values)), *told, chosen, f"{took:.0f}", *peers]), "|")


def _series(homes: list[Path]) -> Iterator[tuple[str, Numbers]]:
    for home in homes:
        with warehouse.open(home) as wh:
            extent = data.extent(wh).row(0, named=True)
            for end in (extent["max_date"], extent["max_date"] - timedelta(forecast.MOST_DAYS)):
                for metric, word in (("session_count", "sessions"), ("user_count", "users")):
                    try:
                        days = forecast.daily(wh, Filters(end=end), metric)
                    except DwellError:
                        continue
                    known = days.filter(~days["is_forecast"])["value"].tail(forecast.MOST_DAYS)
                    yield f"{home.name}, {word} up to {end}", known.to_numpy()
    for number, (name, words) in enumerate(_MADE.items()):
        yield f"made: {name}", made(**words, seed=number)


def _beside_ets(values: Numbers) -> tuple[float, float]:
    """Mean absolute errors of Holt–Winters, and of ETS on the scale of square roots."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    own, peer = [], []
    told = MODELS["holt_winters"](values)
    first = max(HORIZON, len(values) - forecast_trials.MOST_ORIGINS) - 1
    for day in range(len(values) - 2, first, -_EVERY):
        came = values[day + 1 : day + 1 + HORIZON]
        model = ETSModel(
            np.sqrt(values[: day + 1]),
            **{"error": "add", "trend": "add", "damped_trend": True},
            **{"seasonal": "add", "seasonal_periods": 7},
        )
        roots = model.fit(disp=False, maxiter=200).forecast(len(came))
        own += list(np.abs(told[day, : len(came)] - came))
        peer += list(np.abs(np.square(np.maximum(roots, 0)) - came))
    return float(np.mean(own)), float(np.mean(peer))


if __name__ == "__main__":
    main()
