"""Figures of Engagement: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import figure, scale
from pages.ui.theme import Palette, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HEIGHT = 300
# From here on users are one bar: there is no end to how often some come.
MANY = 10
_TICKS = (1, 10, 60, 600, 3600, 36_000)


def bin_label(low: float, high: float | None) -> str:
    """A bin of lengths in words: 0 s, 1 to 2 s, 30 s to 1 m, over 1 d."""
    if high is None:
        return f"over {format.span(low)}"
    if high == 0:
        return format.span(high)
    if low == 0:
        return f"up to {format.span(high)}"
    (number, unit), end = format.span(low).split(" "), format.span(high)
    return f"{number} to {end}" if end.split(" ")[1] == unit else f"{number} {unit} to {end}"


def lengths(bins: pl.DataFrame) -> go.Figure:
    """Sessions by length, one bar of equal width a bin."""
    look = palette()
    labels = [bin_label(*ends) for ends in bins.select("low_seconds", "high_seconds").iter_rows()]
    drawn = _bars(labels, bins["session_count"].to_list(), "session", look)
    drawn.update_xaxes(autotickangles=[0, -45, -90])
    return drawn


def users(frame: pl.DataFrame) -> go.Figure:
    """Users by how many sessions they had, those of ten and more in one bar."""
    look = palette()
    counts = dict(frame.select("session_count", "user_count").iter_rows())
    labels = [*(str(number) for number in range(1, MANY)), f"{MANY} or<br>more"]
    values = [
        *(counts.get(number, 0) for number in range(1, MANY)),
        sum(users for number, users in counts.items() if number >= MANY),
    ]
    drawn = _bars(labels, values, "user", look)
    drawn.update_traces(
        text=[format.count(value) for value in values],
        textposition="outside",
        textangle=0,
        textfont={"color": look.text, "size": 12},
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[_comers(at, value) for at, value in enumerate(values, 1)],
    )
    drawn.update_xaxes(tickangle=0)
    drawn.update_layout(margin={"t": 20})
    return drawn


def _comers(sessions: int, users: int) -> str:
    number = f"{MANY} or more sessions" if sessions == MANY else format.plural(sessions, "session")
    return f"{number}: <b>{format.plural(users, 'user')}</b>"


def _bars(labels: list[str], values: list[int], noun: str, look: Palette) -> go.Figure:
    drawn = figure(HEIGHT, look)
    drawn.add_bar(
        x=labels,
        y=values,
        marker={"color": look.series[0], "cornerradius": 2},
        customdata=[format.plural(value, noun) for value in values],
        hovertemplate="%{x}: <b>%{customdata}</b><extra></extra>",
    )
    scale(drawn, "count", max(values, default=0))
    drawn.update_xaxes(type="category")
    drawn.update_layout(hovermode="closest", bargap=0.2)
    return drawn


def survival(frame: pl.DataFrame) -> go.Figure:
    """The share of sessions that last longer, over a logarithmic axis, with its band."""
    look = palette()
    drawn = figure(HEIGHT, look)
    # A logarithm has no place for 0 s.
    rows = [row for row in frame.iter_rows(named=True) if row["seconds"] >= 1]
    banded = [row for row in rows if row["low"] is not None and row["high"] is not None]
    for column, fill in (("low", None), ("high", "tonexty")):
        drawn.add_scatter(
            x=[row["seconds"] for row in banded],
            y=[row[column] for row in banded],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=_faded(look.series[0]),
            hoverinfo="skip",
        )
    drawn.add_scatter(
        x=[row["seconds"] for row in rows],
        y=[row["survival_rate"] for row in rows],
        mode="lines",
        line={"color": look.series[0], "width": 2.5},
        customdata=[_survivors(row) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    scale(drawn, "rate", 1)
    longest = max((row["seconds"] for row in rows), default=1)
    drawn.update_xaxes(
        type="log",
        range=[0, math.log10(max(longest, 10))],
        tickvals=_TICKS,
        ticktext=[format.span(tick) for tick in _TICKS],
    )
    drawn.update_layout(hovermode="x", margin={"r": 24})
    return drawn


def _survivors(row: dict[str, Any]) -> str:
    band = ""
    if row["low"] is not None:
        band = f"95 % band: {format.between(row['low'], row['high'])}, "
    return (
        f"<b>{format.share(row['survival_rate'])}</b> last longer than "
        f"{format.duration(row['seconds'])}<br>{band}n = {format.count(row['at_risk_count'])}"
    )


def _faded(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def week(frame: pl.DataFrame) -> go.Figure:
    """Sessions by hour and weekday as cells: stronger is more, blank a day that is not there."""
    look = palette()
    drawn = figure(260, look)
    rows = list(frame.iter_rows(named=True))
    cells = [rows[at : at + 24] for at in range(0, len(rows), 24)]
    drawn.add_heatmap(
        x=list(range(24)),
        y=[day[:3] for day in WEEKDAYS],
        z=[[cell["sessions_per_weekday"] for cell in line] for line in cells],
        customdata=[[_cell(cell) for cell in line] for line in cells],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=True,
        colorscale=[[0, look.grid], [1, look.series[0]]],
        zmin=0,
        showscale=False,
        xgap=2,
        ygap=2,
    )
    drawn.update_yaxes(
        type="category", autorange="reversed", showgrid=False, ticksuffix="  ", rangemode="normal"
    )
    hours = range(0, 24, 4)
    drawn.update_xaxes(
        tickvals=list(hours), ticktext=[f"{hour:02}:00" for hour in hours], side="top"
    )
    drawn.update_layout(hovermode="closest")
    return drawn


def hour_of_week(row: dict[str, Any]) -> str:
    """The cell in words: Monday 09:00 to 10:00."""
    return f"{WEEKDAYS[row['weekday'] - 1]} {row['hour']:02}:00 to {row['hour'] + 1:02}:00"


def _cell(row: dict[str, Any]) -> str:
    day = WEEKDAYS[row["weekday"] - 1]
    if not row["weekday_count"]:
        return f"No {day} in the period"
    sessions = format.plural(row["session_count"], "session")
    return (
        f"{hour_of_week(row)}: <b>{format.number(row['sessions_per_weekday'])}</b> a {day}<br>"
        f"{sessions} on {format.plural(row['weekday_count'], day)}"
    )
