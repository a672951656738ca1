"""Intervals of 95 % around rates and means. Arithmetic alone: never asks the warehouse."""

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from warehouse.metrics.registry import BY_NAME

if TYPE_CHECKING:
    import polars as pl

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
# Means whose sessions a query counts and measures the spread of, beside the rates.
MEANS = (
    "avg_duration_seconds",
    "avg_duration_seconds_multi",
    "avg_engaged_seconds",
    "actions_per_session",
)


def has_interval(metric: str) -> bool:
    """Whether a metric of sessions has an interval: rates and means do."""
    return metric in MEANS or (metric in BY_NAME and BY_NAME[metric].unit == "rate")


def inputs_of(metric: str) -> tuple[str, ...]:
    """The columns that an interval is made of: beside the metric itself."""
    if not has_interval(metric):
        return ()
    return (f"{metric}_n", f"{metric}_sd") if metric in MEANS else (f"{metric}_n",)


def with_interval(frame: "pl.DataFrame", metric: str) -> "pl.DataFrame":
    """The frame with `<metric>_low` and `<metric>_high` in place of the columns of inputs_of.

    Null where the metric is null, and for the mean of one session, of which no spread is known.
    """
    import polars as pl

    low, high = f"{metric}_low", f"{metric}_high"
    ends = _of_mean(frame, metric) if metric in MEANS else _of_rate(metric)
    return frame.with_columns(
        ends[0].cast(pl.Float64).alias(low), ends[1].cast(pl.Float64).alias(high)
    ).drop(inputs_of(metric))


def of_steps(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The rows of funnels.steps, or of its trend, with the interval of their conversion_rate."""
    import polars as pl

    if "entered_count" in frame.columns:
        entered = pl.col("entered_count")
    else:
        groups = [name for name in ("value", "is_other", "is_total") if name in frame.columns]
        entered = pl.col("count").first()
        entered = entered.over(groups) if groups else entered
    return with_interval(frame.with_columns(conversion_rate_n=entered), "conversion_rate")


def wilson(rate: Any, n: Any) -> tuple[Any, Any]:
    """The rates that would not be refused, seeing this one of n (Wilson 1927).

    Of numbers, arrays or columns alike. Rounding may carry an end beyond a rate of 0 or 1.
    """
    centre = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * (rate * (1 - rate) / n + Z**2 / (4 * n**2)) ** 0.5 / (1 + Z**2 / n)
    return centre - half, centre + half


def _of_rate(metric: str) -> tuple["pl.Expr", "pl.Expr"]:
    import polars as pl

    n = pl.col(f"{metric}_n")
    low, high = (end.clip(0, 1) for end in wilson(pl.col(metric), n))
    return pl.when(n > 0).then(low), pl.when(n > 0).then(high)


def _of_mean(frame: "pl.DataFrame", metric: str) -> tuple["pl.Expr", "pl.Expr"]:
    """Student 1908: the mean, more or less t times its standard error, n - 1 degrees."""
    import polars as pl
    from scipy.special import stdtrit

    mean, n = pl.col(metric), pl.col(f"{metric}_n")
    # Of one value SQL has no spread, so that nothing comes of its 0 degrees.
    degrees = frame[f"{metric}_n"].cast(pl.Float64).to_numpy() - 1
    times = pl.Series(stdtrit(degrees, (1 + LEVEL) / 2))
    half = times * pl.col(f"{metric}_sd") / n.sqrt()
    return mean - half, mean + half
