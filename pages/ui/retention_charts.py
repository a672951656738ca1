"""Figures of Retention: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import date_axis, figure, scale
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

HEIGHT = 300
_LABEL_ROOM = 0.07


def curve(
    frame: pl.DataFrame, named: Callable[[int], str], headed: Callable[[int], str]
) -> go.Figure:
    """The mean of the cohorts by the number of the period, with its band."""
    look = palette()
    drawn = figure(HEIGHT, look)
    rows = without_entry(list(frame.iter_rows(named=True)))
    numbers = [row["period_number"] for row in rows]
    for column, fill in (("low", None), ("high", "tonexty")):
        drawn.add_scatter(
            x=numbers,
            y=[row[column] for row in rows],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=faded(look.series[0]),
            hoverinfo="skip",
        )
    drawn.add_scatter(
        x=numbers,
        y=[row["retention_rate"] for row in rows],
        mode="lines+markers" if len(rows) <= 31 else "lines",
        line={"color": look.series[0], "width": 2.5},
        marker={"color": look.series[0], "size": 5},
        customdata=[
            f"<b>{format.share(row['retention_rate'])}</b> in {named(row['period_number'])}<br>"
            f"95 %: {format.between(row['low'], row['high'])}, "
            f"{format.plural(row['cohort_count'], 'cohort')}"
            for row in rows
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    scale(drawn, "rate", max((row["high"] for row in rows), default=1))
    drawn.update_xaxes(**number_axis(numbers, headed))
    drawn.update_layout(hovermode="x", margin={"r": 24})
    return drawn


def without_entry(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without the period of the entry, where it is all of them and there are others."""
    is_known = len(rows) > 1 and rows[0]["period_number"] == 0 and rows[0]["retention_rate"] == 1
    return rows[1:] if is_known else rows


def number_axis(numbers: Sequence[int], headed: Callable[[int], str]) -> dict[str, Any]:
    """What an axis of periods since the entry is told."""
    ticks = numbers if len(numbers) <= 16 else numbers[:: -(-len(numbers) // 12)]
    return {"tickvals": list(ticks), "ticktext": [headed(number) for number in ticks]}


def lines(
    series: dict[str, tuple[list[Any], list[float | None], list[str]]],
    *,
    dates: str | None = None,
    headed: Callable[[int], str] = str,
) -> go.Figure:
    """Several lines, named at their right ends: x, y and what hovering tells of each point.

    `dates` says of what periods the x axis is; without, it has numbers, which are `headed`.
    """
    look = palette()
    drawn = figure(HEIGHT, look)
    top = max((y for _, ys, _ in series.values() for y in ys if y is not None), default=0)
    ends = []
    for at, (name, (xs, ys, told)) in enumerate(series.items()):
        color = look.series[at % len(look.series)]
        known = [place for place, y in enumerate(ys) if y is not None]
        drawn.add_scatter(
            x=xs,
            y=ys,
            mode="lines+markers" if len(known) <= 31 else "lines",
            name=name,
            line={"color": color, "width": 2},
            marker={"color": color, "size": 4},
            customdata=told,
            hovertemplate="%{customdata}<extra></extra>",
        )
        if known:
            ends.append((ys[known[-1]], xs[known[-1]], name, color))
    scale(drawn, "rate", top)
    _name_ends(drawn, ends, top)
    places = sorted({x for xs, _, _ in series.values() for x in xs})
    drawn.update_xaxes(**date_axis(dates, places) if dates else number_axis(places, headed))
    if dates and len(places) > 1:
        # The names at the ends would have the axis go on, into days to come.
        drawn.update_xaxes(range=[places[0], places[-1]])
    return drawn


def _name_ends(drawn: go.Figure, ends: list[tuple[Any, Any, str, str]], top: float) -> None:
    """The names of lines at their ends, none on another."""
    places: list[float] = []
    for value, x, name, color in sorted(ends, key=lambda end: end[0]):
        place = value if not places else max(value, places[-1] + top * _LABEL_ROOM)
        places.append(place)
        drawn.add_annotation(
            x=x,
            y=value,
            text=name,
            xanchor="left",
            xshift=8,
            yshift=(place - value) / (top or 1) * HEIGHT * 0.8,
            showarrow=False,
            font={"color": color, "size": 12},
        )
    longest = max((len(name) for *_, name, _ in ends), default=0)
    drawn.update_layout(margin={"r": min(24 + 7 * longest, 180)})


# The parts of the lifecycle from the axis up, what is missing below it; each with its colour.
PARTS = {
    "returning_count": ("Returning", 0),
    "resurrected_count": ("Resurrected", 4),
    "new_count": ("New", 2),
    "dormant_count": ("Dormant", 1),
}


def lifecycle(frame: pl.DataFrame, period: str, whole: Sequence[bool]) -> go.Figure:
    """Users of each period by when they were there before; those who are missing below the axis.

    A period that is not `whole` is hatched.
    """
    look = palette()
    drawn = figure(HEIGHT, look)
    starts = frame["period_start"].to_list()
    for name, (label, color) in PARTS.items():
        values = frame[name].to_list()
        sign = -1 if name == "dormant_count" else 1
        drawn.add_bar(
            x=starts,
            # Who did not come in a period that is cut short may have come in the rest of it.
            y=[
                None if sign < 0 and not done else sign * value
                for value, done in zip(values, whole, strict=True)
            ],
            name=label,
            marker={
                "color": look.series[color],
                "pattern": {
                    "shape": ["" if done else "/" for done in whole],
                    "fillmode": "overlay",
                    "fgcolor": look.background,
                    "size": 6,
                },
            },
            customdata=[
                f"{label} <b>{format.count(value)}</b>{'' if done else ' so far'}"
                for value, done in zip(values, whole, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    _two_sided(drawn, frame)
    drawn.update_xaxes(**date_axis(period, starts))
    drawn.update_layout(barmode="relative", bargap=0.25)
    return drawn


def _two_sided(drawn: go.Figure, frame: pl.DataFrame) -> None:
    """The scale of the higher side, on both sides of the axis."""
    up = max(frame.select("new_count", "returning_count", "resurrected_count").sum_horizontal())
    down = max(frame["dormant_count"])
    scale(drawn, "count", max(up, down))
    ticks = list(drawn.layout.yaxis.tickvals)
    both = [-tick for tick in ticks[:0:-1] if -tick >= -down * 1.3] + ticks
    drawn.update_yaxes(
        tickvals=both,
        ticktext=[f"{format.count(abs(tick))}  " for tick in both],
        range=[-down * 1.1, up * 1.1 or 1],
        rangemode="normal",
        zeroline=True,
        zerolinecolor=palette().quiet,
    )


def legend() -> str:
    """What the colours of the lifecycle are, in HTML."""
    look = palette()
    marks = "".join(
        f'<span><i style="background:{look.series[color]}"></i>{label}</span>'
        for label, color in PARTS.values()
    )
    return f'<div class="dwell-legend">{marks}</div>'


def days_active(frame: pl.DataFrame, days: int) -> go.Figure:
    """Users by how many of the last days they were there on; every number of days has a bar."""
    look = palette()
    drawn = figure(HEIGHT, look)
    counts = dict(frame.select("days", "user_count").iter_rows())
    values = [counts.get(number, 0) for number in range(1, days + 1)]
    drawn.add_bar(
        x=list(range(1, days + 1)),
        y=values,
        marker={"color": look.series[0], "cornerradius": 2},
        customdata=[
            f"{format.plural(number, 'day')}: <b>{format.plural(value, 'user')}</b>"
            for number, value in enumerate(values, 1)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    scale(drawn, "count", max(values, default=0))
    drawn.update_xaxes(tickvals=list(range(1, days + 1, 1 if days <= 7 else 3)))
    drawn.update_layout(hovermode="closest", bargap=0.2)
    return drawn


def faded(color: str) -> str:
    """A colour that others are seen through."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
