"""The days to come behind the trend of the Overview: the switch, the words. Computes no metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import controls, format, notebook, tables
from pages.ui.ask import Question, answer_or_refusal, current_warehouse, question
from pages.ui.controls import chosen
from pages.ui.frame import Page
from warehouse.metrics import forecast
from warehouse.metrics.registry import Metric

if TYPE_CHECKING:
    import polars as pl

NAME = "forecast"
# What a metric is called by the forecasts that there are of it.
OF = ("session_count", "user_count")
MODELS = {
    "seasonal_naive": "the same weekday of the last week",
    "weekday_mean": "the mean of the last four same weekdays",
    "holt_winters": "Holt–Winters",
}
COLUMNS = {
    "date": tables.Column("Day", write=format.day),
    "value": tables.Column("Expected", write=lambda value: format.count(round(value))),
    "low": tables.Column("Low", write=lambda value: format.count(round(value))),
    "high": tables.Column("High", write=lambda value: format.count(round(value))),
}
SAYS = (
    "**Forecast.** Told from all complete days until now, wherever the period begins, by the model "
    "that was least wrong in the back-test: each day of the last half year is once taken for the "
    "last one known, and the 28 days after it are told. By these errors the band holds 80 % of the "
    "days to come. Nothing is learned of days with outages, robots or events sent twice."
)


def is_on(page: Page, metric: Metric) -> bool:
    """Whether the reader asked for the days to come, and they can be told behind this trend."""
    return _is_offered(page, metric) and chosen(NAME, ("0", "1"), "0") == "1"


def switch(page: Page, metric: Metric) -> None:
    """The switch, on a trend of days that goes up to now; of what is counted."""
    if _is_offered(page, metric):
        controls.toggle("Forecast", NAME, "The next 28 days, from all days until now")


def _is_offered(page: Page, metric: Metric) -> bool:
    end, now = page.filters.end, current_warehouse().as_of_date
    goes_up_to_now = end is None or (now is not None and end >= now)
    return page.grain == "day" and metric.name in OF and goes_up_to_now


def asks(page: Page, metric: Metric) -> tuple[Question, ...]:
    """What is asked for it: nothing while it is off."""
    if not is_on(page, metric):
        return ()
    told, tested = forecast.daily, forecast.back_test
    return tuple(question(each, page.filters, metric.name) for each in (told, tested))


@dataclass(frozen=True)
class Ahead:
    """The days to come, as far as they are asked for and can be told.

    days     rows of forecast.daily; None without
    tested   those of forecast.back_test; None without
    refusal  the sentence with which they are refused; empty when they are not
    """

    days: pl.DataFrame | None = None
    tested: pl.DataFrame | None = None
    refusal: str = ""

    def beside(self, told: pl.DataFrame) -> pl.DataFrame:
        """The rows of a trend with columns of its forecast: one row a day, also of days to come."""
        import polars as pl

        if self.days is None:
            return told
        names = ("value", "low", "high", "model", "mase")
        columns = (pl.col(name).alias(f"forecast_{name}") for name in names)
        days = self.days.select(pl.col("date").alias("period_start"), *columns)
        both = told.join(days, on="period_start", how="full", coalesce=True)
        return both.with_columns(pl.col("is_complete").fill_null(value=False)).sort("period_start")

    def below(self, metric: Metric) -> None:
        """What was chosen, how wrong it was, the table of the same days; or why there is none."""
        if self.refusal:
            st.caption(format.plain(self.refusal))
        if self.days is None or self.tested is None:
            return
        with st.container(key="forecast_note", horizontal=True, vertical_alignment="center"):
            st.caption(sentence(self.tested), width="content")
            with_table = controls.switched("Table", "table_forecast")
        if with_table:
            alt = f"Forecast of {metric.label}"
            tables.show(self.days, COLUMNS, key="table_forecast", alt=alt, height=400)


def of(page: Page, metric: Metric) -> Ahead:
    """What there is to show behind the trend."""
    asked = asks(page, metric)
    if not asked:
        return Ahead()
    told, tested = (answer_or_refusal(each) for each in asked)
    if isinstance(told, str) or isinstance(tested, str):
        return Ahead(refusal=str(told))
    return Ahead(told.filter("is_forecast"), tested)


def line(page: Page, metric: Metric) -> str:
    """What asks the same in a notebook, below the lines of the trend."""
    return "\n" + notebook.lines(forecast.daily, page.filters, metric.name).splitlines()[-1]


def sentence(tested: pl.DataFrame) -> str:
    """How the model was chosen, and what it learned of, from forecast.back_test."""
    rows: dict[str, dict[str, Any]] = {row["model"]: row for row in tested.iter_rows(named=True)}
    best = next(row for row in rows.values() if row["is_chosen"])
    naive = rows["seasonal_naive"]
    model = MODELS[best["model"]]
    if best is naive:
        said = f"Dashed: {model}; nothing was better in the back-test"
    else:
        share = best["mean_error"] / naive["mean_error"]
        said = f"Dashed: {model}, chosen by back-test: error {share:.2f} of seasonal naive's"
    mase = "" if best["mase"] is None else f" (MASE {best['mase']:.2f})"
    learned = f"Learned from {format.plural(best['day_count'], 'day')}"
    left_out = best["left_out_count"]
    faulty = f", {format.plural(left_out, 'faulty day')} left out" if left_out else ""
    return f"{said}{mase}. Its band: 80 % of days to come. {learned}{faulty}."
