"""Figures of the latency of answers: rows in, plotly figure out. Never asks the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import figure
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Percentile → how strong its mark is.
PERCENTILES = {"p50": 1.0, "p90": 0.76, "p95": 0.56, "p99": 0.4}
MOST_ROWS = 12
_ROW, _HEIGHT = 46, 300


def marks() -> str:
    """What the dots of the latency are, in HTML."""
    look = palette()
    parts = "".join(
        f'<span><i style="background:{look.series[0]};opacity:{strength};border-radius:50%"></i>'
        f"{name}</span>"
        for name, strength in PERCENTILES.items()
    )
    return f'<div class="dwell-legend">{parts}</div>'


def latency(rows: Sequence[Mapping[str, Any]], names: Sequence[str], prefix: str = "") -> go.Figure:
    """How long answers take: a line from the median to p99 a row, with a dot at each percentile."""
    look = palette()
    drawn = figure(56 + _ROW * len(rows), look)
    places = list(range(len(rows)))
    drawn.add_scatter(
        x=[value for row in rows for value in (*_ends(row, prefix), None)],
        y=[place for place in places for _ in range(3)],
        mode="lines",
        line={"color": look.grid, "width": 8},
        hoverinfo="skip",
    )
    for name, strength in reversed(PERCENTILES.items()):
        values = [_seconds(row[f"{prefix}{name}_ms"]) for row in rows]
        drawn.add_scatter(
            x=values,
            y=places,
            mode="markers+text" if name in ("p50", "p99") else "markers",
            text=[format.latency(row[f"{prefix}{name}_ms"]) for row in rows],
            textposition="top center",
            textfont={"size": 11.5, "color": look.text if name == "p50" else look.quiet},
            cliponaxis=False,
            marker={
                "color": look.series[0],
                "size": 13,
                "opacity": strength,
                "line": {"width": 2, "color": look.background},
            },
            customdata=[_told(row, label, prefix) for row, label in zip(rows, names, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )
    top = max((_seconds(row[f"{prefix}p99_ms"]) or 0 for row in rows), default=1)
    _across(drawn, top)
    drawn.update_yaxes(
        tickvals=places,
        ticktext=[f"{escape(_cut(name))}  " for name in names],
        range=[len(rows) - 0.5, -0.6],
        showgrid=False,
        rangemode="normal",
    )
    drawn.update_layout(hovermode="closest", margin={"r": 28})
    return drawn


def hours(rows: Sequence[Mapping[str, Any]], prefix: str = "") -> go.Figure:
    """The percentiles of the latency by the hour of the day, named at their right ends."""
    look = palette()
    drawn = figure(_HEIGHT, look)
    by_hour = {row["hour"]: row for row in rows}
    every = list(range(24))
    for name, strength in reversed(PERCENTILES.items()):
        values = [
            _seconds(by_hour[at][f"{prefix}{name}_ms"]) if at in by_hour else None for at in every
        ]
        drawn.add_scatter(
            x=every,
            y=values,
            mode="lines+markers",
            line={"color": look.series[0], "width": 2.5 if name == "p50" else 1.8},
            marker={"size": 4},
            opacity=strength,
            customdata=[
                _told(by_hour[at], f"{at:02}:00", prefix) if at in by_hour else "" for at in every
            ],
            hovertemplate="%{customdata}<extra></extra>" if name == "p50" else None,
            hoverinfo=None if name == "p50" else "skip",
        )
        known = [(at, value) for at, value in enumerate(values) if value is not None]
        if known:
            drawn.add_annotation(
                x=known[-1][0],
                y=known[-1][1],
                text=name,
                xanchor="left",
                xshift=8,
                showarrow=False,
                font={"size": 12, "color": look.quiet},
            )
    top = max((_seconds(row[f"{prefix}p99_ms"]) or 0 for row in rows), default=1)
    ticks, texts, high = _ticks(top)
    drawn.update_yaxes(tickvals=ticks, ticktext=[f"{text}  " for text in texts], range=[0, high])
    drawn.update_xaxes(tickvals=every[::4], ticktext=[f"{at:02}:00" for at in every[::4]])
    drawn.update_layout(hovermode="x", margin={"r": 40})
    return drawn


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _ends(row: Mapping[str, Any], prefix: str) -> tuple[float | None, float | None]:
    return _seconds(row[f"{prefix}p50_ms"]), _seconds(row[f"{prefix}p99_ms"])


def _told(row: Mapping[str, Any], name: str, prefix: str) -> str:
    parts = [f"{each} {format.latency(row[f'{prefix}{each}_ms'])}" for each in PERCENTILES]
    count = row["first_token_count" if prefix else "timed_count"]
    return f"<b>{escape(name)}</b>, n = {format.count(count)}<br>{'<br>'.join(parts)}"


def _ticks(top: float) -> tuple[list[float], list[str], float]:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
    step = next((each for each in steps if each * 4 >= top), 7200.0)
    ticks = [step * at for at in range(int(top / step + 1e-9) + 1)]
    texts = [format.span(tick) if tick == int(tick) else f"{tick:g} s" for tick in ticks]
    return ticks, texts, (top or step) * 1.08


def _across(drawn: go.Figure, top: float) -> None:
    """The scale of seconds from left to right."""
    ticks, texts, high = _ticks(top)
    look = palette()
    drawn.update_xaxes(
        tickvals=ticks, ticktext=texts, range=[0, high], showgrid=True, gridcolor=look.grid
    )


def _cut(name: str, most: int = 22) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}\u2026"
