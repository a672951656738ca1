"""Rates of cases that come in clusters: several of each user. Arithmetic alone: asks no warehouse.

A user's cases are alike, so that a thousand of ten users tell less than a thousand of a thousand.
The standard error is that of a ratio of per-user sums (linearised, n - 1 users: Cochran, Sampling
Techniques, 1977, 6.3). By it the rate is worth as many independent cases as would vary as much,
p (1 - p) / se², and Wilson's interval is taken of so many: it stays within 0 and 1, and covers what
it should for rates near the ends, too (Franco, Little, Louis, Slud: Comparative Study of Confidence
Intervals for Proportions in Complex Sample Surveys, Journal of Survey Statistics and Methodology 7,
2019).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from warehouse.metrics.intervals import wilson

if TYPE_CHECKING:
    import polars as pl

# Rate → the per-user columns that it is of: what happened, among which cases.
Rates = Mapping[str, tuple[str, str]]


def words_of(rates: Rates) -> dict[str, str]:
    """What stands for `$sums` and `$rates` in a query over one row per user.

    The sums are further lines of a select over these rows, and the rates further lines of a select
    over those, with the columns that with_intervals takes:
    `<rate>_count` is how often it happened, `<rate>_cases` among how many, `<rate>` the one by the
    other, null where there is no case.
    """
    pairs = dict.fromkeys(rates.values())
    columns = dict.fromkeys(column for pair in pairs for column in pair)
    sums = [
        *(f"{_sum(column)} as all_{column}" for column in columns),
        *(f"{_sum(f'{column} * {column}')} as squares_{column}" for column in columns),
        *(f"{_sum(f'{one} * {other}')} as products_{one}_{other}" for one, other in pairs),
        *(
            f"count(*) filter ({cases} > 0) as users_{cases}"
            for cases in dict.fromkeys(cases for _, cases in pairs)
        ),
    ]
    lines = [line for rate in rates for line in _lines(rate, *rates[rate])]
    return {"sums": _further(sums), "rates": _further(lines)}


def _lines(rate: str, happened: str, cases: str) -> tuple[str, ...]:
    spread = (
        f"all_{cases} * all_{cases} * squares_{happened} "
        f"- 2 * all_{happened} * all_{cases} * products_{happened}_{cases} "
        f"+ all_{happened} * all_{happened} * squares_{cases}"
    )
    return (
        f"all_{happened}::bigint as {rate}_count",
        f"all_{cases}::bigint as {rate}_cases",
        f"all_{happened} / nullif(all_{cases}, 0) as {rate}",
        f"users_{cases} as {rate}_users",
        f"({spread})::double as {rate}_spread",
    )


def _sum(of: str) -> str:
    return f"coalesce(sum({of}), 0)"


def _further(lines: Iterable[str]) -> str:
    return "".join(f"\n    , {line}" for line in lines)


def with_intervals(frame: "pl.DataFrame", *rates: str) -> "pl.DataFrame":
    """The frame with `<rate>_low` and `<rate>_high` in place of the columns that they are made of.

    Those are `<rate>_cases`, `_users` (that have a case) and `_spread`: the sum over users of
    (happened x all cases - cases x all that happened)². Without any spread, so that no error can
    be told, a user is worth one case. Null where the rate is.
    """
    import numpy as np
    import polars as pl

    def told(name: str) -> Any:
        return frame[name].cast(pl.Float64).to_numpy()

    ends = []
    for rate in rates:
        p, cases, users = told(rate), told(f"{rate}_cases"), told(f"{rate}_users")
        # Of no case or one user nothing is divided by that is not there.
        with np.errstate(divide="ignore", invalid="ignore"):
            squared = told(f"{rate}_spread") / cases**4 * users / (users - 1)
            worth = np.where(squared > 0, p * (1 - p) / squared, users)
            # Users who differ less than chance has it would be worth more than their cases.
            n = np.minimum(worth, cases)
            low, high = wilson(p, n)
        # Rounding may carry an end of 0 or 1 beyond it.
        sides = {"low": np.minimum(low, p), "high": np.maximum(high, p)}
        for name, end in sides.items():
            ends.append(pl.Series(f"{rate}_{name}", end.clip(0, 1), pl.Float64).fill_nan(None))
    made_of = [f"{rate}_{part}" for rate in rates for part in ("cases", "users", "spread")]
    return frame.drop(made_of).with_columns(ends)
