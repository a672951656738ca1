"""The days to come on a trend of days: a line, its band. Never asks the warehouse anything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import band, date_axis, scale
from pages.ui.theme import palette
from warehouse.metrics.registry import Metric

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl


def draw(drawn: go.Figure, known: pl.DataFrame, ahead: pl.DataFrame, metric: Metric) -> None:
    """Draws the days ahead behind the last complete day of a trend.

    `known` are the rows that the trend was drawn of, `ahead` rows of forecast.daily, which begin
    with the running day.
    """
    look = palette()
    days, values, low, high = (ahead[name].to_list() for name in ("date", "value", "low", "high"))
    tops = [value for trace in drawn.data for value in trace.y if value is not None]
    band(drawn, days, low, high, look)
    before = known.filter(
        known["period_start"] == days[0] - timedelta(days=1), known["is_complete"]
    )
    begun: list[tuple[date, Any]] = before.select("period_start", "value").rows()
    line = [*begun, *zip(days, values, strict=True)]
    # The point that it begins at is one of the days that are known.
    texts = [""] * len(begun) + [_hover(*ends) for ends in zip(values, low, high, strict=True)]
    drawn.add_scatter(
        x=[day for day, _ in line],
        y=[value for _, value in line],
        mode="lines",
        name="forecast",
        line={"color": look.series[0], "width": 2, "dash": "4px,3px"},
        customdata=texts,
        hovertemplate=[
            "%{customdata}<extra></extra>" if text else "<extra></extra>" for text in texts
        ],
    )
    scale(drawn, metric.unit, max((*tops, *values, *(end for end in high if end is not None))))
    starts = known["period_start"].to_list()
    shown = [*starts, *(day for day in days if day > starts[-1])]
    drawn.update_xaxes(**date_axis("day", shown), range=[shown[0], shown[-1]])
    # The names of the lines stand at their right ends; that of the other one has gone by then.
    drawn.layout.annotations = [
        each.update(x=days[-1], y=values[-1], yshift=0)
        for each in drawn.layout.annotations
        if each.text == metric.heading.lower()
    ]


def _hover(value: float, low: float | None, high: float | None) -> str:
    told = f"<b>{format.count(round(value))} expected</b>"
    if low is None or high is None:
        return told
    return f"{told} ({format.count(round(low))} to {format.count(round(high))})"
