"""The next days of sessions and users, as the model tells them that has told the last ones best."""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.condition_sql import conditions_sql
from warehouse.conditions import NO_CONDITIONS
from warehouse.connection import Warehouse
from warehouse.dimensions import FILTERS
from warehouse.filters import Filters
from warehouse.metrics import overview
from warehouse.metrics.forecast_days import HORIZON
from warehouse.query import has_table, run

if TYPE_CHECKING:
    import polars as pl

    from warehouse.metrics.forecast_trials import Trials

Metric = Literal["session_count", "user_count"]
LEAST_DAYS = 56
# Older days say nothing of a week to come, and take their time.
MOST_DAYS = 731


class _History(NamedTuple):
    """Complete days from the first with anything, one row each, without gaps: date, told (as it was
    counted), value (null of a faulty day). `learned` are those that models are given.
    """

    days: "pl.DataFrame"
    learned: "pl.DataFrame"

    @property
    def trials(self) -> "Trials":
        # Who opens a build needs no arrays.
        from warehouse.metrics import forecast_trials

        return forecast_trials.of(self.learned["value"].fill_null(float("nan")).to_numpy())


def daily(wh: Warehouse, filters: Filters, metric: Metric, days: int = HORIZON) -> "pl.DataFrame":
    """Sessions or users of each complete day of the period, and of the `days` after it (1 to 28).

    The days after it begin with the running day, or with the day after a period that ends earlier:
    nothing that came later is looked at but to find faults. What they are told from is the last two
    years of all days up to then, wherever the period begins. Days of outages, robots and events
    sent twice (kinds outage, bot_storm and duplicate_storm of `health.faults`, of the sources that
    the filters take) are not known: nothing is learned of them.

    Columns: date (local), value (of days to come never below 0, and no whole number), low and high
    (80 % of days to come lie between, by the errors of the back-test; null of known days),
    is_forecast, model (seasonal_naive, weekday_mean, holt_winters; see docs/forecast.md) and mase
    (its error in the back-test by what a day differs from the same weekday a week before; null
    where none differs), both null of known days. One row per day; ConfigError for other metrics and
    days, and with fewer than 56 known days, as in an empty build.
    """
    import polars as pl

    if not 1 <= days <= HORIZON:
        msg = f"days is {days}. Wanted: 1 to {HORIZON}, as far ahead as the back-test looks."
        raise ConfigError(msg)
    history = _history(wh, filters, metric)
    trials, last = history.trials, history.days["date"][-1]
    known = history.days.filter(pl.col("date") >= (filters.start or date.min))
    ahead = pl.DataFrame(
        {
            "date": [last + timedelta(days=day) for day in range(1, days + 1)],
            "value": trials.ahead[:days],
            "low": trials.low[:days],
            "high": trials.high[:days],
            "is_forecast": True,
            "model": trials.chosen,
            "mase": trials.mase(trials.chosen),
        },
        schema_overrides={"mase": pl.Float64},
    )
    told = known.select("date", pl.col("told").alias("value"), is_forecast=False)
    both = pl.concat([told, ahead], how="diagonal").select(ahead.columns)
    return both.with_columns(pl.col("low", "high", "mase").fill_nan(None))


def back_test(wh: Warehouse, filters: Filters, metric: Metric) -> "pl.DataFrame":
    """How well each model would have told the days that are known, as `daily` learns of them.

    Each of the last 182 days that is not of the first four weeks is once the last known one, and
    the 28 days after it are told, as far as they are known. Columns: model, mean_error (in
    sessions or users a day), mase (as of `daily`), is_chosen (the least mean_error; of equals the
    first), first_date and day_count (what was learned of), left_out_count (days among them that
    faults make unknown). One row per model, the simplest first; ConfigError as of `daily`.
    """
    import polars as pl

    history = _history(wh, filters, metric)
    trials, learned = history.trials, history.learned
    return pl.DataFrame(
        {
            "model": list(trials.errors),
            "mean_error": list(trials.errors.values()),
            "mase": [trials.mase(model) for model in trials.errors],
            "is_chosen": [model == trials.chosen for model in trials.errors],
            "first_date": learned["date"][0],
            "day_count": learned["value"].count(),
            "left_out_count": learned["value"].null_count(),
        },
        schema_overrides={"mase": pl.Float64},
    ).with_columns(pl.col("mean_error", "mase").fill_nan(None))


def _history(wh: Warehouse, filters: Filters, metric: Metric) -> _History:
    """What is known of the days up to the end of the filters. ConfigError when it is too little."""
    import polars as pl

    refuse_unknown("metric to forecast", metric, get_args(Metric))
    complete = replace(filters, start=None).complete(wh.as_of_date)
    days = pl.DataFrame(schema={"date": pl.Date, "told": pl.Float64, "value": pl.Float64})
    if complete is not None:
        told = overview.series(wh, complete, metric, compare="none").filter("is_complete")
        days = told.select(
            pl.col("period_start").alias("date"), pl.col("value").cast(pl.Float64).alias("told")
        )
        is_faulty = pl.col("date").is_in(_faulty_days(wh, filters).implode())
        days = days.with_columns(pl.when(~is_faulty).then("told").alias("value"))
    # What is before the first of them was not there yet.
    days = days.filter((pl.col("value") > 0).fill_null(value=False).cum_max())
    learned = days.tail(MOST_DAYS)
    learned = learned.filter(learned["value"].is_not_null().cum_max())
    known = learned["value"].count()
    if known < LEAST_DAYS:
        raise ConfigError(_too_few(learned, known))
    return _History(days, learned)


def _too_few(learned: "pl.DataFrame", known: int) -> str:
    wanted = f"A forecast needs {LEAST_DAYS} complete days"
    if not known:
        return f"{wanted}; there are none."
    left_out = learned.height - known
    faulty = f", {left_out} of outages, robots or repeated events left out" if left_out else ""
    return f"{wanted}; there are {known}, since {learned['date'][0]}{faulty}."


def _faulty_days(wh: Warehouse, filters: Filters) -> "pl.Series":
    """The days of which nothing is learned; none in a build that did not count them."""
    import polars as pl

    if not has_table(wh, "source_days"):
        return pl.Series("date", [], pl.Date)
    # Of a fault its source is known, and nothing else that a condition may ask for.
    asked = (each.only("source") for each in (filters.where, *filters.segments))
    holds, values = conditions_sql(NO_CONDITIONS, FILTERS, tuple(asked), begin="fault_")
    return run(wh, "forecast.faulty_days", words={"source_holds": holds}, **values)["date"]
