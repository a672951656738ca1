"""What each value of a dimension adds to a change. Arithmetic alone: never asks the warehouse.

A count is a sum over sessions: a value contributes its own change, current - previous.

A rate or mean R is a sum over the sessions that are measured, by their number. With w the share of
these sessions that have the value, r their rate, and 0 and 1 for the earlier and the later period,

    contribution = w1 (r1 - R) - w0 (r0 - R)      with R = (R0 + R1) / 2
                 = (r1 - r0) (w0 + w1) / 2  +  (w1 - w0) ((r0 + r1) / 2 - R)

that is what its own rate did, and what its share of the sessions did (Kitagawa, Components of a
difference between two rates, JASA 50, 1955), the second seen from the rate of all, so that a value
that grows and is like all others contributes nothing, and values that come or go have a
contribution too (Griliches and Regev, Firm productivity in Israeli industry, J. Econometrics 65,
1995). Over the values of a dimension the contributions add up to R1 - R0. Of one value among
several of a session, the other part is that of the sessions without it.

A contribution is beyond chance when an interval of 95 % around it holds no 0, for all values that
are looked at together (Bonferroni): among a thousand values, fifty would be beyond one that is
meant for one. Sessions are taken as independent.
"""

from statistics import NormalDist
from typing import TYPE_CHECKING

from warehouse.metrics.intervals import LEVEL

if TYPE_CHECKING:
    import polars as pl

KEYS = ("dimension", "value")
# Sums of the same sessions differ in the last digits, by the order in which they were added.
DIGITS = 9


def no_contributions() -> "pl.DataFrame":
    """No rows, with the columns of contributions."""
    import polars as pl

    sums = {
        **{name: pl.String for name in KEYS},
        **{name: pl.Int64 for name in ("session_count", "measured_count")},
        **{name: pl.Float64 for name in ("measure_sum", "measure_squares")},
    }
    nothing = pl.DataFrame(schema=sums)
    return contributions(nothing, nothing, is_count=True)


def contributions(
    current: "pl.DataFrame", previous: "pl.DataFrame", *, is_count: bool
) -> "pl.DataFrame":
    """Both sides of each value, its contribution, and whether chance alone would bring that.

    `current` and `previous` are answers of the query overview.movers. Columns: dimension, value,
    current, previous, change, change_rate, share_of_change, contribution, current_n, previous_n,
    is_beyond_chance, in the order of the frames. A value that all sessions have, on both sides, is
    left out, and so is one that contributes nothing. No rows when a side has no sessions.
    """
    import polars as pl

    both = current.join(
        previous, on=KEYS, how="full", nulls_equal=True, coalesce=True, suffix="_0"
    ).with_columns(pl.selectors.numeric().fill_null(0))
    rates = [_divided(f"measure_sum{side}", f"measured_count{side}") for side in ("", "_0")]
    sums = [pl.col(f"measure_sum{side}") for side in ("", "_0")]
    now, before = sums if is_count else rates
    contribution, error = _of_count() if is_count else _of_rate(rates)
    n = "session_count" if is_count else "measured_count"
    told = both.select(
        *KEYS,
        current=now,
        previous=before,
        change=now - before,
        change_rate=(now - before) / pl.when(before != 0).then(before),
        share_of_change=_divided_by(contribution, _change_of_all(now, before)),
        contribution=contribution,
        current_n=pl.col(n),
        previous_n=pl.col(f"{n}_0"),
        size=contribution.abs() / pl.when(error > 0).then(error),
        is_all=(pl.col("session_count") == _of_all("session_count"))
        & (pl.col("session_count_0") == _of_all("session_count_0")),
    )
    has_sides = (_of_all("session_count") > 0) & (_of_all("session_count_0") > 0)
    told = told.filter(both.select(has_sides).to_series()).filter(
        pl.col("dimension").is_not_null() & ~pl.col("is_all")
    )
    errors = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2 / max(told.height, 1))
    moved = pl.col("contribution").round(DIGITS) != 0
    return told.filter(moved).select(
        pl.exclude("size", "is_all"),
        # Where all sessions are alike on both sides, no error is known.
        is_beyond_chance=(pl.col("size") > errors).fill_null(value=False),
    )


def _of_count() -> tuple["pl.Expr", "pl.Expr"]:
    """Sessions that come by chance: the variance of their number is that number (Poisson)."""
    import polars as pl

    count, count_before = pl.col("measure_sum"), pl.col("measure_sum_0")
    return count - count_before, (count + count_before).sqrt()


def _of_rate(rates: list["pl.Expr"]) -> tuple["pl.Expr", "pl.Expr"]:
    """The difference of two means over all sessions, 0 where they lack the value; its variance."""
    import polars as pl

    whole = [_whole(rate) for rate in rates]
    middle = (whole[0] + whole[1]) / 2
    means, variances = [], []
    for side in ("", "_0"):
        n, total = pl.col(f"measured_count{side}"), pl.col(f"measure_sum{side}")
        all_n = _of_all(f"measured_count{side}")
        mean = (total - middle * n) / all_n
        squares = pl.col(f"measure_squares{side}") - 2 * middle * total + middle**2 * n
        means.append(mean)
        variances.append((squares / all_n - mean**2) / all_n)
    return means[0] - means[1], (variances[0] + variances[1]).clip(lower_bound=0).sqrt()


def _change_of_all(now: "pl.Expr", before: "pl.Expr") -> "pl.Expr":
    """The change of the whole; null where it is none but for the last digits."""
    import polars as pl

    change = _whole(now) - _whole(before)
    scale = _whole(now).abs() + _whole(before).abs()
    return pl.when(change.abs() > scale * 10**-DIGITS).then(change)


def _whole(of: "pl.Expr") -> "pl.Expr":
    import polars as pl

    return of.filter(pl.col("dimension").is_null()).first()


def _of_all(column: str) -> "pl.Expr":
    import polars as pl

    return _whole(pl.col(column))


def _divided(above: str, below: str) -> "pl.Expr":
    import polars as pl

    return _divided_by(pl.col(above), pl.when(pl.col(below) > 0).then(pl.col(below)))


def _divided_by(above: "pl.Expr", below: "pl.Expr") -> "pl.Expr":
    return above / below
