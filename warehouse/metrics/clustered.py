"""Rates of cases that come in clusters: several of each user. Arithmetic alone: asks no warehouse.

A user's cases are alike, so that a thousand of ten users tell less than a thousand of a thousand.
The standard error is that of a ratio of per-user sums (linearised, n - 1 users: Cochran, Sampling
Techniques, 1977, 6.3). By it the rate is worth as many independent cases as would vary as much,
p (1 - p) / se², and Wilson's interval is taken of so many: it stays within 0 and 1, and covers what
it should for rates near the ends, too (Franco, Little, Louis, Slud: Comparative Study of Confidence
Intervals for Proportions in Complex Sample Surveys, Journal of Survey Statistics and Methodology 7,
2019).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from warehouse.metrics.intervals import Z

if TYPE_CHECKING:
    import polars as pl

# Rate → the per-user columns that it is of: what happened, among which cases.
Rates = Mapping[str, tuple[str, str]]


def sums_of(rates: Rates) -> str:
    """Further lines of a select over one row per user: of each rate the columns of with_intervals.

    `<rate>_count` is how often it happened, `<rate>_cases` among how many, `<rate>` the one by the
    other, null where there is no case. Rows of sessions that are open are left out.
    """
    return "".join(f"\n    , {line}" for rate in rates for line in _lines(rate, *rates[rate]))


def _lines(rate: str, happened: str, cases: str) -> tuple[str, ...]:
    happened_in_all, all_cases = _sum(happened), _sum(cases)
    spread = (
        f"{all_cases} * {all_cases} * {_sum(f'{happened} * {happened}')} "
        f"- 2 * {happened_in_all} * {all_cases} * {_sum(f'{happened} * {cases}')} "
        f"+ {happened_in_all} * {happened_in_all} * {_sum(f'{cases} * {cases}')}"
    )
    return (
        f"{happened_in_all}::bigint as {rate}_count",
        f"{all_cases}::bigint as {rate}_cases",
        f"{happened_in_all} / nullif({all_cases}, 0) as {rate}",
        f"count(*) filter (not is_open and {cases} > 0) as {rate}_users",
        f"({spread})::double as {rate}_spread",
    )


def _sum(of: str) -> str:
    return f"coalesce(sum({of}) filter (not is_open), 0)"


def with_intervals(frame: "pl.DataFrame", *rates: str) -> "pl.DataFrame":
    """The frame with `<rate>_low` and `<rate>_high` in place of the columns that they are made of.

    Those are `<rate>_cases`, `_users` (that have a case) and `_spread`: the sum over users of
    (happened x all cases - cases x all that happened)². Without any spread, so that no error can
    be told, a user is worth one case. Null where the rate is.
    """
    import polars as pl

    ends = {}
    for rate in rates:
        p, cases = pl.col(rate), pl.col(f"{rate}_cases").cast(pl.Float64)
        users = pl.col(f"{rate}_users").cast(pl.Float64)
        squared = pl.col(f"{rate}_spread") / cases**4 * users / (users - 1)
        worth = pl.when(squared > 0).then(p * (1 - p) / squared).otherwise(users)
        # Cases of a user that differ more than those of many would make it worth more than it is.
        n = pl.min_horizontal(pl.when(worth.is_finite()).then(worth).otherwise(users), cases)
        centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z * (p * (1 - p) / n + Z**2 / (4 * n**2)).sqrt() / (1 + Z**2 / n)
        some = cases > 0
        ends[f"{rate}_low"] = pl.when(some).then((centre - half).clip(0, 1))
        ends[f"{rate}_high"] = pl.when(some).then((centre + half).clip(0, 1))
    made_of = [f"{rate}_{part}" for rate in rates for part in ("cases", "users", "spread")]
    return frame.with_columns(**ends).drop(made_of)
