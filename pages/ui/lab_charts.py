"""Figures of the lab: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import figure, scale
from pages.ui.theme import Palette, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

HEIGHT = 280
_TICKS = (0.01, 1, 60, 3600, 86_400, 2_592_000)
_WORDS = {0.01: "10 ms"}
# The share of an axis that one label takes on a phone.
_LABEL = 0.17


def gaps(frame: pl.DataFrame, timeout: float, valley: float | None) -> go.Figure:
    """Gaps of one source by length on a logarithmic axis, with the timeout and the valley."""
    look = palette()
    drawn = figure(HEIGHT, look)
    rows = [row for row in frame.iter_rows(named=True) if row["low_seconds"] > 0]
    counts = [row["gap_count"] for row in rows]
    drawn.add_bar(
        x=[(math.log10(row["low_seconds"]) + math.log10(row["high_seconds"])) / 2 for row in rows],
        y=counts,
        width=[math.log10(row["high_seconds"] / row["low_seconds"]) * 0.9 for row in rows],
        marker={
            "color": [
                look.series[0] if row["high_seconds"] <= timeout else look.quiet for row in rows
            ]
        },
        customdata=[_gap(row) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    top = max(counts, default=0)
    scale(drawn, "count", top)
    _line(drawn, math.log10(timeout), f"timeout {format.span(timeout)}", look.text, look, 1)
    if valley:
        _line(drawn, math.log10(valley), f"valley {about(valley)}", look.series[1], look, 0)
    ends = [row["low_seconds"] for row in rows[:1]] + [row["high_seconds"] for row in rows[-1:]]
    low, high = min([*ends, timeout]), max([*ends, timeout])
    ticks = [tick for tick in _TICKS if low / 2 <= tick <= high * 2]
    drawn.update_xaxes(
        range=[math.log10(low) - 0.1, math.log10(high) + 0.2],
        tickvals=[math.log10(tick) for tick in ticks],
        ticktext=[_WORDS.get(tick) or format.span(tick) for tick in ticks],
        tickangle=0,
    )
    drawn.update_layout(hovermode="closest", margin={"t": 44})
    return drawn


def _line(drawn: go.Figure, at: float, words: str, color: str, look: Palette, row: int) -> None:
    """A vertical line with its name above, on one of two rows so that names never meet."""
    drawn.add_vline(x=at, line={"color": color, "width": 1.5, "dash": "dot"})
    drawn.add_annotation(
        x=at,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=2 + 17 * row,
        text=words,
        showarrow=False,
        font={"color": color, "size": 12},
    )


def about(seconds: float) -> str:
    """A length that was found, no finer than it is known: 4 s, 1 h 04 m."""
    return format.span(round(seconds)) if seconds >= 1 else f"{seconds:.1g} s"


def bin_words(row: dict[str, Any]) -> str:
    """A bin of gaps in words."""
    if row["high_seconds"] == 0:
        return "0 s"
    return f"{_short(row['low_seconds'])} to {_short(row['high_seconds'])}"


def _short(seconds: float) -> str:
    return format.latency(seconds * 1000) if seconds < 60 else format.duration(seconds)


def _gap(row: dict[str, Any]) -> str:
    return f"{bin_words(row)}: <b>{format.plural(row['gap_count'], 'gap')}</b>"


def choices(
    frame: pl.DataFrame, by: str, value: str, own: float, unit: str, seconds_each: float
) -> go.Figure:
    """A number by what a setting could be, on a logarithmic axis; the build's own stands out."""
    look = palette()
    drawn = figure(HEIGHT, look)
    rows = [row for row in frame.iter_rows(named=True) if row[value] is not None]
    at, values = [row[by] for row in rows], [row[value] for row in rows]
    write = format.WRITERS[unit]
    drawn.add_scatter(
        x=at,
        y=values,
        mode="lines+markers",
        line={"color": look.series[0], "width": 2},
        marker={
            "size": [12 if math.isclose(each, own) else 6 for each in at],
            "color": look.series[0],
        },
        customdata=[
            f"{format.span(each * seconds_each)}: <b>{write(number)}</b>"
            for each, number in zip(at, values, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    top = max(values, default=0)
    scale(drawn, unit, top)
    _label_own(drawn, at, values, own, look, unit)
    drawn.update_xaxes(
        type="log",
        tickvals=at,
        ticktext=[
            format.span(each * seconds_each) if each in labelled(at, own) else "" for each in at
        ],
        tickangle=0,
    )
    drawn.update_layout(hovermode="closest", margin={"r": 24, "t": 20})
    return drawn


def _label_own(
    drawn: go.Figure,
    at: list[float],
    values: list[float],
    own: float,
    look: Palette,
    unit: str,
) -> None:
    """Names the build's own point, on the side where the line is not."""
    for place, (each, number) in enumerate(zip(at, values, strict=True)):
        if math.isclose(each, own):
            rises = place + 1 < len(values) and values[place + 1] > number
            drawn.add_annotation(
                x=math.log10(each),
                y=number,
                text=f"this build: {format.WRITERS[unit](number)}",
                showarrow=False,
                xanchor="right" if rises and place > 1 else "left" if rises else "center",
                yshift=18 if not rises or place > 1 else -18,
                font={"color": look.text, "size": 12},
            )


def labelled(at: list[float], own: float) -> list[float]:
    """Which points of a logarithmic axis have a label, so that none meets another on a phone."""
    chosen: list[float] = []
    room = math.log10(at[-1] / at[0]) * _LABEL if len(at) > 1 else 0
    for each in (*(each for each in at if math.isclose(each, own)), *at[:1], *at[-1:], *at):
        if all(abs(math.log10(each / other)) >= room for other in chosen):
            chosen.append(each)
    return chosen
