"""The figure of the last hours. Never asks the warehouse anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.ui import format
from pages.ui.charts import figure, scale
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl


def activity(buckets: pl.DataFrame, zone: str) -> go.Figure:
    """Users per bucket of the last hours as bars, the newest one in colour."""
    look = palette()
    drawn = figure(150, look)
    starts = [format.local(at, zone) for at in buckets["bucket_start"].to_list()]
    users = buckets["user_count"].to_list()
    drawn.add_bar(
        x=starts,
        y=users,
        marker={"color": look.series[0], "cornerradius": 2},
        customdata=[
            [f"{at:%H:%M}", format.plural(user, "user"), format.plural(event, "event")]
            for at, user, event in zip(starts, users, buckets["event_count"].to_list(), strict=True)
        ],
        hovertemplate="%{customdata[0]}: <b>%{customdata[1]}</b>, %{customdata[2]}<extra></extra>",
    )
    scale(drawn, "count", max(users, default=0))
    drawn.update_yaxes(nticks=3)
    drawn.update_xaxes(tickformat="%H:%M", nticks=7, hoverformat="%H:%M")
    drawn.update_layout(hovermode="closest", bargap=0.25)
    return drawn
