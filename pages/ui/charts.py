"""Figures: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.theme import Palette, palette
from warehouse.metrics import registry
from warehouse.metrics.registry import BY_NAME, Metric

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
FONT = "Inter, sans-serif"
DAY_IN_MS = 86_400_000


TRENDS = {word: BY_NAME[name] for word, name in registry.TRENDS.items()}
LABELS = {word: metric.label for word, metric in TRENDS.items()}


def title(metric: Metric) -> str:
    """What the trend of a metric shows."""
    return f"{metric.label} per day"


def figure(height: int, look: Palette) -> go.Figure:
    """Empty figure in the house look: no frame, no legend, light horizontal grid."""
    import plotly.graph_objects as go

    axis = {
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "tickfont": {"size": 12, "color": look.quiet},
        "gridcolor": look.grid,
    }
    return go.Figure(
        layout={
            "template": "none",
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": look.text},
            "showlegend": False,
            "dragmode": False,
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": look.surface,
                "bordercolor": look.grid,
                "font": {"family": FONT, "size": 12.5, "color": look.text},
            },
            "xaxis": {
                **axis,
                "showgrid": False,
                "automargin": True,
                "ticklabelstandoff": 6,
            },
            "yaxis": {**axis, "rangemode": "tozero", "automargin": True},
        }
    )


def trend(daily: pl.DataFrame, metric: Metric, first_day: date | None = None) -> go.Figure:
    """One metric per day in colour, the running day dotted, the previous period in grey.

    Previous days before `first_day`, the first of the data, are not drawn as zeros.
    """
    look = palette()
    drawn = figure(300, look)
    days = daily["event_date"].to_list()
    values = daily[metric.name].to_list()
    days_before = daily["previous_date"].to_list()
    before = [
        None if day is None or (first_day and day < first_day) else value
        for day, value in zip(days_before, daily[f"previous_{metric.name}"].to_list(), strict=True)
    ]
    complete = daily["is_complete"].to_list()
    color = look.series[0]

    drawn.add_scatter(
        x=days,
        y=before,
        mode="lines" if len(days) > 1 else "markers",
        name="previous period",
        line={"color": look.quiet, "width": 1.5},
        marker={"color": look.quiet},
        opacity=0.75,
        customdata=[
            # Without the year: the box of a chart's hover cuts longer lines.
            [f"{day.day} {day:%b}" if day else "", _written(metric, value)]
            for day, value in zip(days_before, before, strict=True)
        ],
        hovertemplate="%{customdata[1]} on %{customdata[0]}<extra></extra>",
    )
    texts = [
        _hover(metric, value, count) + ("" if done else " so far")
        for value, count, done in zip(
            values, daily["session_count"].to_list(), complete, strict=True
        )
    ]
    whole = [value if done else None for value, done in zip(values, complete, strict=True)]
    drawn.add_scatter(
        x=days,
        y=whole,
        mode="lines" if sum(value is not None for value in whole) > 1 else "lines+markers",
        name=metric.label,
        line={"color": color, "width": 2.5},
        customdata=texts,
        hovertemplate="<b>%{customdata}</b><extra></extra>",
    )
    if not all(complete) and days:
        drawn.add_scatter(
            x=days[-2:],
            y=values[-2:],
            mode="lines+markers" if len(days) == 1 else "lines",
            name="running day",
            line={"color": color, "width": 2.5, "dash": "dot"},
            customdata=[None, texts[-1]][-len(days[-2:]) :],
            hovertemplate=[
                "<extra></extra>",
                "<b>%{customdata}</b><extra></extra>",
            ][-len(days[-2:]) :],
            hoverinfo="skip" if len(days) == 1 else None,
        )
    top = max((v for v in (*values, *before) if v is not None), default=0)
    scale(drawn, metric.unit, top)
    _label_ends(drawn, days, values, before, top, look, metric.label.lower())
    drawn.update_xaxes(
        nticks=7,
        dtick=DAY_IN_MS if len(days) <= 4 else None,
        tickformat="%-d %b",
        tickangle=0,
        hoverformat="%a %-d %b %Y",
        type="date",
        range=[days[0], days[-1]] if len(days) > 1 else None,
    )
    return drawn


def _written(metric: Metric, value: Any) -> str:
    return format.WRITERS[metric.unit](value)


def _hover(metric: Metric, value: Any, sessions: int) -> str:
    text = _written(metric, value)
    if metric.unit == "count":
        return text
    return f"{text} (n = {format.count(sessions)})"


def scale(drawn: go.Figure, unit: str, top: float) -> None:
    """Sets four round ticks or fewer, from zero."""
    step = _round_step(top, unit)
    ticks = [step * at for at in range(int((top or step) / step + 1e-9) + 1)]
    write = {**format.WRITERS, "seconds": format.span, "rate": _percent}[unit]
    drawn.update_yaxes(
        tickvals=ticks,
        ticktext=[f"{write(tick)}  " for tick in ticks],
        range=[0, (top or step) * 1.1],
    )


def _percent(value: float) -> str:
    return f"{value * 100:.0f} %"


def _round_step(top: float, unit: str) -> float:
    if unit == "seconds":
        steps = [5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200]
        return next((step for step in steps if step * 4 >= top), 14400 * math.ceil(top / 57600))
    if not top:
        return 0.25 if unit == "rate" else 1
    power = 10 ** math.floor(math.log10(top / 4))
    step = next(power * size for size in (1, 2, 2.5, 5, 10) if power * size * 4 >= top * 0.999)
    return max(step, 1) if unit == "count" else step


def _label_ends(
    drawn: go.Figure,
    days: list[Any],
    values: list[Any],
    before: list[Any],
    top: float,
    look: Palette,
    name: str,
) -> None:
    """Names both lines at their right ends, apart from each other."""
    ends = []
    for series, text, color in (
        (values, name, look.series[0]),
        (before, "previous", look.quiet),
    ):
        last = next((v for v in reversed(series) if v is not None), None)
        if last is not None:
            ends.append((last, text, color))
    shift = 0
    if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < top * 0.08:
        shift = 9
    for at, (value, text, color) in enumerate(ends):
        up = (ends[0][0] >= ends[-1][0]) == (at == 0)
        drawn.add_annotation(
            x=days[-1],
            y=value,
            text=text,
            xanchor="left",
            xshift=8,
            yshift=shift if up else -shift,
            showarrow=False,
            font={"color": color, "size": 12},
        )
    drawn.update_layout(margin={"r": 104})


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


def highlight() -> str:
    """The colour of the subject, for the open row of a table."""
    return palette().series[0]
