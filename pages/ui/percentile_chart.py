"""The figure of percentiles over time. Never asks the warehouse anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from pages.ui import format
from pages.ui.charts import date_axis, figure, scale
from pages.ui.periods import last_day
from pages.ui.theme import Palette, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

# Highest first, as the lines lie and as a reader of the hover meets them.
PERCENTILES = ("p95", "p90", "p75", "p50", "p25")
HEIGHT = 300
_LABEL_HEIGHT = 15


def percentiles(frame: pl.DataFrame, grain: str, whole: Sequence[bool]) -> go.Figure:
    """Lines of the percentiles, named at their right ends; a last period not `whole` is dotted."""
    look = palette()
    drawn = figure(HEIGHT, look)
    starts = frame["period_start"].to_list()
    counts = frame["session_count"].to_list()
    # All lines end in one period: the last that has sessions.
    last = next((at for at in reversed(range(len(counts))) if counts[at]), None)
    ends = {} if last is None else {name: frame[f"{name}_seconds"][last] for name in PERCENTILES}
    for name in PERCENTILES:
        values = frame[f"{name}_seconds"].to_list()
        _line(drawn, name, starts, values, whole, _told(name, values, counts, whole), look)
    top = max((v for v in frame["p95_seconds"].to_list() if v is not None), default=0)
    scale(drawn, "seconds", top)
    for name, shift in label_shifts(ends, top * 1.1).items():
        drawn.add_annotation(
            x=starts[last or 0],
            y=ends[name],
            text=name,
            xanchor="left",
            xshift=8,
            yshift=shift,
            showarrow=False,
            font={"color": look.series[0] if name == "p50" else look.text, "size": 12},
        )
    drawn.update_xaxes(
        **date_axis(grain, starts), range=[starts[0], starts[-1]] if len(starts) > 1 else None
    )
    drawn.update_layout(margin={"r": 44})
    return drawn


def _told(
    name: str, values: list[float | None], counts: list[int], whole: Sequence[bool]
) -> list[str]:
    """What hovering tells of each point; the middle line tells the n of all."""
    return [
        f"{name} <b>{format.duration(value)}</b>"
        + (f" (n = {format.count(count)}{'' if done else ', part'})" if name == "p50" else "")
        for value, count, done in zip(values, counts, whole, strict=True)
    ]


def _line(
    drawn: go.Figure,
    name: str,
    starts: list[date],
    values: list[float | None],
    whole: Sequence[bool],
    texts: list[str],
    look: Palette,
) -> None:
    middle = name == "p50"
    line = {"color": look.series[0], "width": 2.5 if middle else 1.3}
    opacity = 1 if middle else 0.65
    solid = [*values[:-1], values[-1] if whole[-1] else None]
    drawn.add_scatter(
        x=starts,
        y=solid,
        mode="lines+markers",
        name=name,
        line=line,
        opacity=opacity,
        marker={"color": look.series[0], "size": _marker_sizes(solid)},
        customdata=texts,
        hovertemplate="%{customdata}<extra></extra>",
    )
    if not whole[-1]:
        alone = len(values) < 2 or values[-2] is None
        drawn.add_scatter(
            x=starts[-2:],
            y=values[-2:],
            mode="lines+markers",
            name=name,
            line={**line, "dash": "dot"},
            opacity=opacity,
            marker={"color": look.series[0], "size": [0, 5 if alone else 0][-len(starts) :]},
            customdata=texts[-2:],
            hovertemplate=["<extra></extra>", "%{customdata}<extra></extra>"][-len(starts) :],
        )


def _marker_sizes(values: list[float | None]) -> list[int]:
    """Points that no line reaches are drawn as such."""
    padded = [None, *values, None]
    return [
        5 if before is None and after is None else 0
        for before, after in zip(padded[:-2], padded[2:], strict=True)
    ]


def label_shifts(ends: dict[str, float], top: float) -> dict[str, float]:
    """How far the name of each line moves up so that no name lies on another, in pixels."""
    room = HEIGHT - 40
    places: dict[str, float] = {}
    lowest = -math.inf
    for name, value in sorted(ends.items(), key=lambda end: (end[1], end[0])):
        at = value / top * room if top else 0
        lowest = max(at, lowest + _LABEL_HEIGHT)
        places[name] = lowest - at
    return places


def are_whole(starts: Sequence[date], grain: str, first: date | None, last: date) -> list[bool]:
    """Whether each period lies as a whole in the days from `first` to `last`."""
    return [
        (first is None or start >= first) and last_day(start, grain) <= last for start in starts
    ]
