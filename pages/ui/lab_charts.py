"""Figures of the lab: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.ui import format
from pages.ui.charts import figure, scale
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

_TICKS = (0.1, 1, 10, 60, 600, 3600, 86_400, 864_000)


def timeouts(frame: pl.DataFrame, own: float) -> go.Figure:
    """Sessions by timeout, one bar each, the build's own stronger."""
    look = palette()
    drawn = figure(260, look)
    values = frame["session_count"].to_list()
    minutes = frame["timeout_minutes"].to_list()
    drawn.add_bar(
        x=[format.span(each * 60) for each in minutes],
        y=values,
        marker={
            "color": look.series[0],
            "opacity": [1 if each == own else 0.5 for each in minutes],
            "cornerradius": 2,
        },
        customdata=[format.plural(value, "session") for value in values],
        hovertemplate="%{x}: <b>%{customdata}</b><extra></extra>",
    )
    scale(drawn, "count", max(values, default=0))
    drawn.update_xaxes(type="category")
    drawn.update_layout(hovermode="closest", bargap=0.2)
    return drawn


def gaps(frame: pl.DataFrame, timeout_seconds: float) -> go.Figure:
    """Gaps by length on a log scale, a line a source, with the timeout as a line upright."""
    look = palette()
    drawn = figure(300, look)
    timed = frame.filter(frame["high_seconds"] > 0)
    for at, (source,) in enumerate(timed.select("source").unique(maintain_order=True).iter_rows()):
        bins = timed.filter(timed["source"] == source)
        drawn.add_scatter(
            x=bins["high_seconds"].to_list(),
            y=bins["gap_count"].to_list(),
            mode="lines",
            name=source,
            line={"color": look.series[at % len(look.series)], "width": 2, "shape": "hv"},
            hovertemplate="%{y:,} gaps<extra>%{fullData.name}</extra>",
        )
    drawn.add_vline(x=timeout_seconds, line={"color": look.quiet, "width": 1.5, "dash": "dot"})
    scale(drawn, "count", max(timed["gap_count"].to_list(), default=0))
    drawn.update_xaxes(type="log", tickvals=_TICKS, ticktext=[format.span(tick) for tick in _TICKS])
    drawn.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.12, "x": 0})
    return drawn
