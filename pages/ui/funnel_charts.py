"""Figures of Funnels: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.ui import format
from pages.ui.charts import date_axis, figure, scale
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

_PALE = 0.4


def trend(frame: pl.DataFrame, grain: str, done: list[bool]) -> go.Figure:
    """A bar a period: the share that got through; pale where more may still come."""
    look = palette()
    drawn = figure(240, look)
    rows = frame.to_dicts()
    rates = [row["conversion_rate"] for row in rows]
    starts = [row["period_start"] for row in rows]
    drawn.add_bar(
        x=starts,
        y=rates,
        marker={
            "color": look.series[0],
            "opacity": [1 if is_done else _PALE for is_done in done],
        },
        customdata=[
            f"<b>{format.share(row['conversion_rate'])}</b> of "
            f"{format.count(row['entered_count'])} who began<br>"
            + (
                "95 %: " + format.between(row["conversion_rate_low"], row["conversion_rate_high"])
                if row["conversion_rate_low"] is not None
                else ""
            )
            for row in rows
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    scale(drawn, "rate", max((rate for rate in rates if rate is not None), default=1))
    drawn.update_xaxes(**date_axis(grain, starts))
    drawn.update_layout(bargap=0.25, hovermode="x")
    return drawn
