"""Intervals of rates whose cases come several of a user: against the textbook, row by row."""

import math
from random import Random
from statistics import NormalDist

import duckdb
import polars as pl
import pytest

from warehouse.metrics.clustered import with_intervals, words_of

RATES = {"rate": ("happened", "cases")}
Users = list[tuple[int, int]]


def answer(users: Users) -> dict[str, float | None]:
    """What the query's words and the arithmetic make of users' (happened, cases)."""
    words = words_of(RATES)
    with duckdb.connect() as con:
        con.register("users", pl.DataFrame(users, schema=["happened", "cases"], orient="row"))
        rows = con.sql(f"select 1 as one{words['rates']} from (select 1{words['sums']} from users)")
        return with_intervals(pl.DataFrame(rows.to_arrow_table()), "rate").to_dicts()[0]


def textbook(users: Users) -> tuple[float, float, float]:
    """Rate and interval by the linearised variance of a ratio, and Wilson of what it is worth."""
    users = [user for user in users if user[1]]
    m, n = len(users), sum(cases for _, cases in users)
    p = sum(happened for happened, _ in users) / n
    residuals = [happened - p * cases for happened, cases in users]
    worth = float(m)
    if m > 1 and any(abs(one) > 1e-12 for one in residuals):
        squared = m / (m - 1) * sum(one**2 for one in residuals) / n**2
        worth = min(p * (1 - p) / squared, n)
    z = NormalDist().inv_cdf(0.975)
    centre = (p + z**2 / (2 * worth)) / (1 + z**2 / worth)
    half = z * math.sqrt(p * (1 - p) / worth + z**2 / (4 * worth**2)) / (1 + z**2 / worth)
    return p, centre - half, centre + half


def drawn(seed: int) -> Users:
    """Users of very different diligence and luck."""
    rng = Random(seed)
    chances = [rng.random() ** 2 for _ in range(rng.choice([2, 5, 40]))]
    cases = [rng.choice([0, 1, 2, 3, 80]) for _ in chances]
    pairs = zip(chances, cases, strict=True)
    return [(sum(rng.random() < p for _ in range(n)), n) for p, n in pairs] + [(1, 3)]


@pytest.mark.parametrize("seed", range(12))
def test_an_interval_is_that_of_the_textbook(seed):
    users = drawn(seed)
    told = answer(users)
    wanted = textbook(users)
    assert (told["rate"], told["rate_low"], told["rate_high"]) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("users", "worth"),
    [
        pytest.param([(0, 50), (0, 3)], 2, id="nobody ever"),
        pytest.param([(50, 50), (3, 3)], 2, id="everybody always"),
        pytest.param([(10, 20), (5, 10), (1, 2)], 3, id="everybody as often"),
        pytest.param([(7, 20)], 1, id="one user"),
    ],
)
def test_without_a_spread_a_user_is_worth_one_case(users, worth):
    told = answer(users)
    p, z = told["rate"], NormalDist().inv_cdf(0.975)
    centre = (p + z**2 / (2 * worth)) / (1 + z**2 / worth)
    half = z * math.sqrt(p * (1 - p) / worth + z**2 / (4 * worth**2)) / (1 + z**2 / worth)
    wanted = (max(centre - half, 0), min(centre + half, 1))
    assert (told["rate_low"], told["rate_high"]) == pytest.approx(wanted, abs=1e-9)


def test_without_a_case_nothing_is_known():
    told = answer([(0, 0)])
    assert told == {"one": 1, "rate_count": 0, "rate": None, "rate_low": None, "rate_high": None}


def test_users_of_one_case_each_are_as_many_cases():
    """Nearly Wilson's own interval: n - 1 of n."""
    users = [(number % 4 == 0, 1) for number in range(400)]
    told = answer([(int(happened), cases) for happened, cases in users])
    assert told["rate"] == 0.25
    assert told["rate_high"] - told["rate_low"] == pytest.approx(0.0847, abs=2e-4)
