"""Differences against SciPy, and against values that statsmodels 0.14 and papers have."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.search import some
from warehouse.metrics import estimates
from warehouse.metrics.differences import Difference, difference, holm
from warehouse.metrics.estimates import NOTHING, Estimate

NEAR = {"rel": 1e-9, "abs": 1e-12}
SAMPLE = st.lists(st.integers(-400, 400).map(lambda n: n / 16), min_size=2, max_size=30)


def mean_of(values):
    """The estimate of users with one value each."""
    mean = sum(values) / len(values)
    squares = sum((value - mean) ** 2 for value in values)
    return estimates.of_ratio(sum(values), len(values), squares, len(values))


@given(SAMPLE, SAMPLE)
@settings(max_examples=some(60, of=3000))
def test_means_differ_as_welch_has_it(group, base):
    assume(np.var(group) + np.var(base) > 0)
    found = difference(mean_of(group), mean_of(base))
    known = stats.ttest_ind(group, base, equal_var=False)
    ends = known.confidence_interval(0.95)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-9, abs=1e-300)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), **NEAR)
    assert found.value == pytest.approx(np.mean(group) - np.mean(base), **NEAR)


@pytest.mark.parametrize(
    ("counts", "low", "high", "p_value"),
    [
        # Newcombe 1998, examples (a) to (h) of table II, and statsmodels' digits beyond.
        ((56, 70, 48, 80), 0.05243147240236498, 0.33387265403690614, 0.00804508136819656),
        ((9, 10, 3, 10), 0.1705227239345029, 0.809017973535488, 0.006169899320544151),
        ((6, 7, 2, 7), 0.05822792748231209, 0.8062496375242278, 0.030753561259274524),
        ((5, 56, 0, 29), -0.038137147903536936, 0.19256001385511165, 0.09718656817057973),
        ((0, 10, 0, 20), -0.1611251580528194, 0.27753279986288926, None),
        ((10, 10, 0, 20), 0.6790860371419145, 1.0, 4.320463057827506e-08),
        ((10, 10, 0, 10), 0.6075093504305241, 1.0, 7.74421643104407e-06),
        ((120, 400, 150, 420), -0.12068045339841016, 0.007208532051650701, 0.08178091821317221),
    ],
)
def test_shares_differ_as_newcombe_and_statsmodels_have_it(counts, low, high, p_value):
    found = difference(estimates.of_share(*counts[:2]), estimates.of_share(*counts[2:]))
    assert (found.low, found.high) == pytest.approx((low, high), **NEAR)
    assert found.p_value == (pytest.approx(p_value, rel=1e-9) if p_value else None)


@given(*[st.integers(1, 60)] * 4)
@settings(max_examples=some(40, of=2000))
def test_the_pooled_test_of_shares_is_the_chi_square_of_their_table(a, b, c, d):
    found = difference(estimates.of_share(a, a + b), estimates.of_share(c, c + d))
    known = stats.chi2_contingency([[a, b], [c, d]], correction=False)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-9)


@given(SAMPLE, SAMPLE)
@settings(max_examples=some(60, of=3000))
def test_the_relative_difference_holds_nothing_where_the_difference_does(group, base):
    found = difference(*(mean_of([value + 200 for value in values]) for values in (group, base)))
    assume(found.relative_low is not None and found.low is not None)
    assume(min(abs(found.low), abs(found.high)) > 1e-9)
    holds = found.low <= 0 <= found.high
    assert (found.relative_low <= 0 <= found.relative_high) == holds
    assert found.relative_low <= found.relative <= found.relative_high


def test_the_relative_interval_is_fiellers():
    """Its ends are where (a - r b) is t times its own error: found by bisection."""
    group, base = mean_of([12.0, 15.0, 9.0, 14.0, 11.0]), mean_of([10.0, 8.0, 11.0, 9.0, 10.5])
    found = difference(group, base)
    ends = stats.ttest_ind(
        [12.0, 15.0, 9.0, 14.0, 11.0], [10.0, 8.0, 11.0, 9.0, 10.5], equal_var=False
    ).confidence_interval(0.95)
    times = (ends.high - ends.low) / 2 / math.hypot(group.error, base.error)

    def beyond(ratio):
        return abs(group.value - ratio * base.value) - times * math.hypot(
            group.error, ratio * base.error
        )

    ratio = group.value / base.value
    for end, away in ((found.relative_low, 0.3), (found.relative_high, 3.0)):
        inside, outside = ratio, away * ratio
        for _ in range(200):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if beyond(middle) < 0 else (inside, middle)
        assert end + 1 == pytest.approx(inside, rel=1e-9)


@pytest.mark.parametrize(
    ("p_values", "wanted"),
    [
        # statsmodels' multipletests(method="holm").
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.2, 0.9, 0.6], [0.6000000000000001, 1.0, 1.0]),
        ([0.01, None, 0.04], [0.02, None, 0.04]),
        ([None], [None]),
        ([], []),
        ([0.5], [0.5]),
    ],
)
def test_p_values_are_corrected_by_holm(p_values, wanted):
    assert holm(p_values) == pytest.approx(wanted)


def test_a_smaller_difference_than_the_detectable_one_is_seen_less_often():
    """At that size the test has a power of 80 %, by the t that is shifted by it."""
    group, base = (
        mean_of([float(n % 9) for n in range(400)]),
        mean_of([float(n % 9) for n in range(400)]),
    )
    found = difference(group, base)
    error = math.hypot(group.error, base.error)
    power = stats.nct.sf(stats.t.ppf(0.975, 798), 798, found.detectable / error)
    assert power == pytest.approx(0.8, abs=0.001)


def test_an_always_valid_interval_is_the_published_one_and_belongs_to_its_p():
    """Waudby-Smith and others 2024, equation 7, written out; at p = 0.05 it touches 0."""
    group, base = (
        Estimate(10.0, error=0.3, degrees=99, units=4000),
        Estimate(9.0, error=0.4, degrees=99, units=6000),
    )
    found = difference(group, base, always_valid=True)
    tuned = -2 * math.log(0.05)
    rho = math.sqrt((tuned + math.log(tuned + 1)) / 10_000)
    t, sigma = 10_000, 0.5 * math.sqrt(10_000)
    half = sigma * math.sqrt(
        2 * (t * rho**2 + 1) / (t**2 * rho**2) * math.log(math.sqrt(t * rho**2 + 1) / 0.05)
    )
    assert (found.low, found.high) == pytest.approx((1 - half, 1 + half), **NEAR)
    at_end = difference(Estimate(9.0 + half, error=0.3, units=4000), base, always_valid=True)
    assert at_end.p_value == pytest.approx(0.05, rel=1e-9)
    assert half > difference(group, base).high - 1


@pytest.mark.parametrize(
    ("group", "base", "wanted"),
    [
        pytest.param(NOTHING, mean_of([1.0, 2.0]), Difference(), id="a group without sessions"),
        pytest.param(mean_of([1.0, 2.0]), NOTHING, Difference(), id="a baseline without sessions"),
        pytest.param(
            Estimate(3.0, units=1),
            mean_of([1.0, 3.0]),
            Difference(1.0, relative=0.5),
            id="one user",
        ),
        pytest.param(
            mean_of([2.0, 2.0]), mean_of([1.0, 1.0]), (1.0, 1.0, 1.0, None), id="all alike"
        ),
    ],
)
@pytest.mark.parametrize("always_valid", [False, True])
def test_what_cannot_be_told_is_not_told(group, base, wanted, always_valid):
    found = difference(group, base, always_valid=always_valid)
    if isinstance(wanted, Difference):
        assert found == wanted
    else:
        assert (found.value, found.p_value) == (wanted[0], wanted[3])
