"""Estimates against SciPy, and against sums that are written out."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.search import some
from warehouse.metrics import estimates
from warehouse.metrics.estimates import NOTHING

NEAR = {"rel": 1e-9, "abs": 1e-12}
VALUES = st.lists(st.integers(-1000, 1000).map(lambda n: n / 8), min_size=2, max_size=40)
PARTS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 12)), min_size=2, max_size=40)


def ratio_of(pairs):
    """The estimate of pairs of x and y."""
    x, y = sum(x for x, _ in pairs), sum(y for _, y in pairs)
    squares = sum((a - x / y * b) ** 2 for a, b in pairs)
    return estimates.of_ratio(x, y, squares, len(pairs))


@given(VALUES)
@settings(max_examples=some(40, of=2000))
def test_a_ratio_of_units_with_one_each_is_students_mean(values):
    found = ratio_of([(value, 1) for value in values])
    assert found.value == pytest.approx(np.mean(values), **NEAR)
    assert found.error == pytest.approx(stats.sem(values), **NEAR)
    if found.error:
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (found.low, found.high) == pytest.approx((low, high), **NEAR)


@given(PARTS)
@settings(max_examples=some(40, of=2000))
def test_a_ratio_is_as_sure_as_its_gradient_says(pairs):
    """The delta method by its matrix: the gradient of x / y, times their covariance, times it."""
    found = ratio_of(pairs)
    x, y = (np.array(side, float) for side in zip(*pairs, strict=True))
    gradient = np.array([1 / y.mean(), -x.mean() / y.mean() ** 2])
    variance = gradient @ np.cov(x, y) @ gradient / len(pairs)
    assert found.value == pytest.approx(x.sum() / y.sum(), **NEAR)
    assert found.error**2 == pytest.approx(variance, rel=1e-9, abs=1e-12)
    assert found.degrees == len(pairs) - 1


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=some(40, of=2000))
def test_a_share_has_wilsons_interval(counts):
    successes, trials = counts
    found = estimates.of_share(successes, trials)
    known = stats.binomtest(successes, trials).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), **NEAR)
    assert found.value == successes / trials


@given(
    st.lists(st.integers(0, 60).map(float), min_size=1, max_size=120),
    st.sampled_from([0.1, 0.5, 0.9]),
)
@settings(max_examples=some(60, of=3000))
def test_the_order_statistics_of_a_quantile_are_those_of_scipy(values, level):
    known = stats.quantile_test(values, p=level).confidence_interval(0.95)
    ordered = sorted(values)
    found = [
        # As quantile_disc takes them.
        math.nan if at is None else ordered[math.ceil(at * len(values)) - 1]
        for at in estimates.quantile_ranks(level, len(values))
    ]
    assert found == pytest.approx([known.low, known.high], nan_ok=True)


def test_a_median_of_users_is_as_sure_as_the_share_below_it():
    below = ratio_of([(1, 2), (0, 1), (3, 4), (1, 3)])
    half = stats.t.ppf(0.975, 3) * below.error
    assert estimates.quantile_levels(0.5, below) == pytest.approx((0.5 - half, 0.5 + half), **NEAR)
    found = estimates.of_quantile(10.0, 4.0, 22.0, below.degrees, below.units)
    assert found.error == pytest.approx(18 / (2 * stats.t.ppf(0.975, 3)), **NEAR)


def test_levels_end_at_the_least_and_the_greatest_value():
    few = ratio_of([(1, 1), (0, 1)])
    assert estimates.quantile_levels(0.9, few) == (0.0, 1.0)


def test_any_measure_is_as_sure_as_its_portions_are_alike():
    portions = [float(n % 7) for n in range(32)]
    found = estimates.of_portions(3.0, portions, 500)
    low, high = stats.t.interval(0.95, 31, 3.0, stats.sem(portions))
    assert (found.value, found.low, found.high) == pytest.approx((3.0, low, high), **NEAR)


@pytest.mark.parametrize(
    ("estimate", "wanted"),
    [
        pytest.param(estimates.of_ratio(0, 0, 0, 0), NOTHING, id="no sessions"),
        pytest.param(estimates.of_share(0, 0), NOTHING, id="no trials"),
        pytest.param(estimates.of_quantile(None, 1, 2, 3, 4), NOTHING, id="no value"),
        pytest.param(estimates.of_portions(None, [], 0), NOTHING, id="no portions"),
    ],
)
def test_of_nothing_nothing_is_known(estimate, wanted):
    assert estimate == wanted


@pytest.mark.parametrize(
    "estimate",
    [
        pytest.param(estimates.of_ratio(3, 1, 0, 1), id="one user"),
        pytest.param(estimates.of_quantile(3, None, None, 0, 1), id="the median of one"),
        pytest.param(estimates.of_portions(3, [1.0] * 15, 500), id="few portions"),
        pytest.param(estimates.of_portions(3, [1.0] * 32, 63), id="small portions"),
    ],
)
def test_of_too_few_no_error_is_known(estimate):
    assert (estimate.value, estimate.error) == (3, None)
