"""What tables stand for beside what was tracked. Never asks the warehouse anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.ui import charts, format
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

TRACKED = "tracked"
TOLD = "told by tables"


def periods(frame: pl.DataFrame, grain: str) -> go.Figure:
    """Rows of proxy.periods: tracked sessions as a line, what tables stand for dashed in its
    band."""
    look = palette()
    drawn = charts.figure(260, look)
    starts = frame["period_start"].to_list()
    tracked, told = frame["tracked_session_count"].to_list(), frame["session_count"].to_list()
    low, high = frame["low"].to_list(), frame["high"].to_list()
    charts.band(drawn, starts, low, high, look)
    drawn.add_scatter(
        x=starts,
        y=told,
        mode="lines" if len(starts) > 1 else "markers",
        name=TOLD,
        line={"color": look.quiet, "width": 1.5, "dash": "dash"},
        marker={"color": look.quiet},
        customdata=[
            ""
            if value is None
            else f"{TOLD} {format.count(round(value))} ({format.count(round(least))} to "
            f"{format.count(round(most))})"
            for value, least, most in zip(told, low, high, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    drawn.add_scatter(
        x=starts,
        y=tracked,
        mode="lines+markers" if len(starts) < 4 else "lines",
        name=TRACKED,
        line={"color": look.series[0], "width": 2.5},
        customdata=["" if value is None else format.count(value) for value in tracked],
        hovertemplate=f"<b>%{{customdata}} {TRACKED}</b><extra></extra>",
    )
    charts.scale(drawn, "count", max((v for v in (*tracked, *high) if v is not None), default=0))
    drawn.update_xaxes(
        **charts.date_axis(grain, starts),
        range=[starts[0], starts[-1]] if len(starts) > 1 else None,
    )
    return drawn
