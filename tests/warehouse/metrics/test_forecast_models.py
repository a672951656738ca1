"""The models and their back-test, against statsmodels and the same said in plain Python."""

import warnings
from statistics import mean

import numpy as np
import pytest

from benchmarks.daily_series import made
from warehouse.metrics import forecast_trials
from warehouse.metrics.forecast_models import HORIZON, MODELS, holt_winters

NAN = float("nan")


def with_holes(values, *days):
    holed = values.copy()
    holed[list(days)] = NAN
    return holed


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("holes", [(), (40, 41, 60, 67, 74)], ids=["whole", "with holes"])
def test_no_model_knows_what_comes(name, holes):
    values = with_holes(made(120, seed=1), *holes)
    whole = MODELS[name](values)
    for day in (28, 60, 75, 100):
        np.testing.assert_allclose(MODELS[name](values[: day + 1])[-1], whole[day], rtol=1e-9)


@pytest.mark.parametrize(("name", "weeks"), [("seasonal_naive", 1), ("weekday_mean", 4)])
def test_like_weekdays_are_the_last_known_ones(name, weeks):
    values = with_holes(made(70, seed=2), 20, 27, 62)
    told = MODELS[name](values)
    for day in (28, 50, 69):
        for ahead in range(1, HORIZON + 1):
            before = [values[at] for at in range(day + 1) if (day + ahead - at) % 7 == 0]
            known = [value for value in before if value == value]
            assert told[day, ahead - 1] == pytest.approx(mean(known[-weeks:]))


# Shares of level, trend and weekdays, and what is left of a trend.
@pytest.mark.parametrize(
    "shares", [(0.1, 0.005, 0.09, 0.9), (0.5, 0.1, 0.125, 0.98), (0.02, 0.0, 0.245, 0.9)]
)
def test_holt_winters_is_the_one_of_statsmodels(shares):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    values = made(140, seed=3, level=400)
    roots = np.sqrt(values)
    level = roots[:28].mean()
    peer = ETSModel(
        roots,
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=7,
        initialization_method="known",
        initial_level=level,
        initial_trend=0.0,
        initial_seasonal=[roots[at:28:7].mean() - level for at in range(7)],
    )
    own = holt_winters(values, np.array([shares]).T)
    names = ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend")
    given = dict(zip(names, shares, strict=True))
    fitted = peer.smooth([given[name] for name in peer.param_names if name in given])
    np.testing.assert_allclose(np.sqrt(own[-1]), fitted.forecast(HORIZON), rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(own[28:-1, 0]), fitted.fittedvalues[29:], rtol=1e-9)


def test_each_day_speaks_by_the_parameters_that_were_best_until_then():
    values = made(200, seed=4, shift=2)
    shares = [(0.02, 0, 0.1, 0.9), (0.8, 0, 0.1, 0.9)]
    both = holt_winters(values, np.array(shares).T)
    slow, quick = (holt_winters(values, np.array([one]).T) for one in shares)

    def squares(told, day):
        steps = np.sqrt(values[1 : day + 1]) - np.sqrt(told[:day, 0])
        return np.square(steps).sum()

    taken = set()
    for day in range(30, 200):
        is_slow = squares(slow, day) < squares(quick, day)
        taken.add(is_slow)
        np.testing.assert_allclose(both[day], (slow if is_slow else quick)[day])
    assert taken == {True, False}


def test_the_errors_are_those_of_each_day_as_the_last_one_known():
    values = with_holes(made(90, seed=5), 50, 80)
    trials = forecast_trials.of(values)
    for name, model in MODELS.items():
        errors = [
            abs(values[day + ahead] - told)
            for day in range(27, 89)
            for ahead, told in enumerate(model(values[: day + 1])[-1], 1)
            if day + ahead < 90 and values[day + ahead] == values[day + ahead]
        ]
        assert trials.errors[name] == pytest.approx(mean(errors))
    pairs = [(values[at], values[at - 7]) for at in range(7, 90)]
    steps = [abs(one - other) for one, other in pairs if one == one and other == other]
    assert trials.scale == pytest.approx(mean(steps))
    assert trials.mase(trials.chosen) == pytest.approx(min(trials.errors.values()) / mean(steps))


# Case → a series, and the model that must win, when one must.
SERIES = {
    "eight weeks": (made(56, seed=6, yearly=0, growth=0), "weekday_mean"),
    "the same every day": (np.full(70, 12.0), "seasonal_naive"),
    "the same every week": (np.tile([9.0, 9, 9, 9, 9, 0, 0], 12), "seasonal_naive"),
    "a level that moved": (made(300, seed=8, shift=1.8), None),
    "one that grows quickly": (made(90, seed=9, growth=0.02, yearly=0), "holt_winters"),
    "closed at weekends": (made(180, seed=10, level=50, weekend=0), None),
    "a few a day": (made(200, seed=11, level=1.5), None),
    "one visit in months": (np.array([1.0, *[0] * 199]), None),
    "known rarely": (with_holes(made(400, seed=12), *(n for n in range(1, 400) if n % 5)), None),
    "not known for half a year": (with_holes(made(300, seed=13), *range(90, 300)), None),
}


@pytest.mark.parametrize("case", SERIES)
def test_whatever_the_series_days_ahead_are_sound(case):
    values, winner = SERIES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trials = forecast_trials.of(values)
    if winner:
        assert trials.chosen == winner
    assert np.isfinite(trials.ahead).all()
    assert trials.ahead.max() <= 3 * np.nanmax(values)
    if case != "not known for half a year":
        assert (trials.low >= 0).all()
        assert (trials.low <= trials.ahead + 1e-9).all()
        assert (trials.high >= trials.ahead - 1e-9).all()
    if case == "closed at weekends":
        assert trials.ahead[np.arange(180, 208) % 7 >= 5].max() < 0.5


def test_where_nothing_differs_there_is_nothing_to_scale_by():
    trials = forecast_trials.of(np.full(70, 12.0))
    assert trials.mase("seasonal_naive") is None
    np.testing.assert_allclose([trials.low, trials.ahead, trials.high], 12.0)


# Kind of series → how it is made.
KINDS = {
    "two years": {"days": 731, "spikes": 4},
    "half a year": {"days": 210, "level": 100},
    "eight weeks": {"days": 56, "yearly": 0, "level": 300},
    "closed at weekends": {"days": 200, "level": 50, "weekend": 0},
}


@pytest.mark.parametrize("kind", KINDS)
def test_four_days_in_five_lie_in_the_band(kind):
    made_of = KINDS[kind]
    inside = []
    for seed in range(40):
        values = made(**{**made_of, "days": made_of["days"] + HORIZON}, seed=seed)
        trials = forecast_trials.of(values[:-HORIZON])
        came = values[-HORIZON:]
        # A weekend without anybody is no merit of the band.
        counts = came > 0
        inside += list((came >= trials.low)[counts] & (came <= trials.high)[counts])
    assert 0.76 <= np.mean(inside) <= 0.85
