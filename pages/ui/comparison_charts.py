"""Figures of Compare: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pages.ui import comparison_words as words
from pages.ui import format
from pages.ui.charts import date_axis, figure, scale
from pages.ui.engagement_charts import bin_label
from pages.ui.retention_charts import faded
from pages.ui.theme import Palette, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

    from warehouse.metrics.registry import Metric

HEIGHT = 300
# Bands of more groups hide each other.
MOST_BANDS = 2
# Of the days, those whose intervals are so wide that they would flatten all others.
_FIRST_DAYS = 0.2
_ROOM = 0.08
# Characters of names that a phone has room for in a line.
_LINE = 44


def colors(names: Sequence[str], baseline: str | None) -> dict[str, str]:
    """What each group is drawn in: the baseline grey, as all that is compared with."""
    look = palette()
    others = [name for name in names if name != baseline]
    chosen = {name: look.series[at % len(look.series)] for at, name in enumerate(others)}
    return {name: chosen.get(name, look.quiet) for name in names}


def trend(
    frame: pl.DataFrame, metric: Metric, paint: Mapping[str, str], labels: Mapping[str, str]
) -> go.Figure:
    """The difference of each group from the baseline at the end of each day, with its interval."""
    look = palette()
    drawn = figure(HEIGHT, look)
    groups = list(dict.fromkeys(frame["group"]))
    days = sorted(set(frame["date"]))
    known = frame.filter(frame["difference"].is_not_null())
    for name in groups:
        rows = [row for row in known.iter_rows(named=True) if row["group"] == name]
        if len(groups) <= MOST_BANDS:
            _band(drawn, rows, paint[name])
        drawn.add_scatter(
            x=[row["date"] for row in rows],
            y=[row["difference"] for row in rows],
            mode="lines" if len(rows) > 1 else "markers",
            line={"color": paint[name], "width": 2.5},
            marker={"color": paint[name]},
            name=labels[name],
            customdata=[_told(row, metric, labels[name]) for row in rows],
            hovertemplate="%{customdata}<extra></extra>",
        )
    _two_sided(drawn, metric.unit, *_reach(known, days), look)
    drawn.update_xaxes(
        **date_axis("day", days), range=[days[0], days[-1]] if len(days) > 1 else None
    )
    if len(groups) > 1:
        _name(drawn, {labels[name]: paint[name] for name in groups})
    return drawn


def _band(drawn: go.Figure, rows: Sequence[Mapping[str, Any]], color: str) -> None:
    known = [row for row in rows if row["difference_low"] is not None]
    for column, fill in (("difference_low", None), ("difference_high", "tonexty")):
        drawn.add_scatter(
            x=[row["date"] for row in known],
            y=[row[column] for row in known],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor=faded(color),
            hoverinfo="skip",
        )


def _told(row: Mapping[str, Any], metric: Metric, label: str) -> str:
    low, high = (words.difference(row[f"difference_{end}"], metric) for end in ("low", "high"))
    ends = f"<br>95 %: {low} to {high}" if row["difference_low"] is not None else ""
    size = words.difference(row["difference"], metric)
    return f"{label} <b>{size}</b> (n = {format.count(row['unit_count'])}){ends}"


def _reach(known: pl.DataFrame, days: Sequence[Any]) -> tuple[float, float]:
    """How far the axis goes down and up: what the later days need, and a little beyond zero."""
    later = days[int(len(days) * _FIRST_DAYS)]
    names = ("difference", "difference_low", "difference_high")
    ends = [
        row[name]
        for row in known.iter_rows(named=True)
        for name in names
        if row["date"] >= later and row[name] is not None
    ]
    low, high = min([0, *ends]), max([0, *ends])
    room = (high - low) * _ROOM or 1
    return low - room, high + room


def _two_sided(drawn: go.Figure, unit: str, low: float, high: float, look: Palette) -> None:
    scale(drawn, unit, (high - low) * 0.8)
    ticks = list(drawn.layout.yaxis.tickvals)
    step = ticks[1] if len(ticks) > 1 else 1
    both = [step * at for at in range(-int(-low / step), int(high / step) + 1)]
    kinds = {"rate": "points", "seconds": "seconds"}

    def write(tick: float) -> str:
        if unit in kinds:
            return format.change(tick, kinds[unit]) or ""
        return f"{'+' if tick > 0 else ''}{round(tick, 4):g}"

    drawn.update_yaxes(
        tickvals=both,
        ticktext=[f"{write(tick)}  " for tick in both],
        range=[low, high],
        rangemode="normal",
        zeroline=True,
        zerolinecolor=look.quiet,
        zerolinewidth=1.5,
    )


def lengths(frame: pl.DataFrame, paint: Mapping[str, str], labels: Mapping[str, str]) -> go.Figure:
    """The share of each group's sessions by their length, as steps over each other."""
    look = palette()
    drawn = figure(HEIGHT, look)
    order = sorted(paint, key=lambda name: paint[name] != look.quiet)
    for name in order:
        rows = [row for row in frame.iter_rows(named=True) if row["group"] == name]
        drawn.add_scatter(
            x=[bin_label(row["low_seconds"], row["high_seconds"]) for row in rows],
            y=[row["share"] for row in rows],
            mode="lines",
            line={"color": paint[name], "width": 2.5 if paint[name] != look.quiet else 2},
            line_shape="hvh",
            name=labels[name],
            customdata=[
                f"{labels[name]} <b>{format.share(row['share'])}</b> "
                f"({format.plural(row['session_count'], 'session')})"
                for row in rows
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    scale(drawn, "rate", max((share for share in frame["share"] if share), default=0))
    drawn.update_xaxes(type="category", autotickangles=[0, -45, -90])
    _name(drawn, {labels[name]: paint[name] for name in paint})
    return drawn


def _name(drawn: go.Figure, named: Mapping[str, str]) -> None:
    """The groups by their colours, above the chart: steps have no end to be named at."""
    lines: list[list[str]] = [[]]
    room = _LINE
    for label, color in named.items():
        short = label if len(label) <= _LINE else f"{label[: _LINE - 1]}\u2026"
        if room < len(short):
            lines.append([])
            room = _LINE
        room -= len(short) + 3
        lines[-1].append(f'<span style="color:{color}">\u25a0 {_escaped(short)}</span>')
    drawn.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        align="left",
        text="<br>".join("   ".join(line) for line in lines),
        showarrow=False,
        font={"size": 12},
    )
    drawn.update_layout(margin={"t": 12 + 17 * len(lines)}, height=HEIGHT + 17 * len(lines))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
