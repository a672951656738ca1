"""Figures of LLM chat: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import figure, scale
from pages.ui.html_table import SMALL
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

# Turns that fewer chats got to tell nothing by eye.
MOST_TURNS, LEAST_CHATS = 20, 20
_HEIGHT = 300
# More figures than these stand on one another on a phone.
_MOST_TICKS = 10
_PALE = 0.35


def drop_off(groups: Sequence[tuple[str, pl.DataFrame]]) -> go.Figure:
    """The share of chats that end after each turn; below, how many got so far.

    One group has bars, several have dots side by side, named by colour in the legend.
    """
    look = palette()
    drawn = figure(_HEIGHT + 70, look)
    is_one = len(groups) == 1
    top, most = 0.0, 0
    for at, (name, frame) in enumerate(groups):
        rows = told_turns(frame).to_dicts()
        color = look.series[at % len(look.series)]
        inks = [look.quiet if row["chat_count"] < SMALL else color for row in rows]
        shift = 0 if is_one else (at - (len(groups) - 1) / 2) * 0.8 / len(groups)
        x = [row["turn_number"] + shift for row in rows]
        rates = [row["ended_rate"] for row in rows]
        told = [_ended(row, "" if is_one else name) for row in rows]
        # An interval of few says that few are there: it would flatten all others.
        sure = [row["ended_rate_high"] for row in rows if row["chat_count"] >= SMALL]
        top = max(top, *(end for end in (*sure, *rates, 0, 0) if end is not None))
        most = max([most, *(row["chat_count"] for row in rows)])
        way: dict[str, Any] = {
            "x": x,
            "y": rates,
            "customdata": told,
            "hovertemplate": "%{customdata}<extra></extra>",
            "error_y": _whiskers(rows, look.text if is_one else color),
        }
        if is_one:
            opacity = [_PALE if row["chat_count"] < SMALL else 0.85 for row in rows]
            drawn.add_bar(
                **way, marker={"color": inks, "cornerradius": 2, "opacity": opacity}, width=0.6
            )
        else:
            # Hollow are those of few: grey ones would be of no group.
            fills = [look.background if ink == look.quiet else ink for ink in inks]
            line = {"color": color, "width": 1.5}
            drawn.add_scatter(
                **way, mode="markers", marker={"color": fills, "size": 8, "line": line}
            )
        drawn.add_bar(
            x=x,
            y=[row["chat_count"] for row in rows],
            yaxis="y2",
            width=0.6 / len(groups),
            marker={"color": inks, "opacity": 0.35},
            hoverinfo="skip",
        )
    _two_floors(drawn, top, most)
    last = max((told_turns(frame).height for _, frame in groups), default=1)
    step = -(-last // _MOST_TICKS)
    drawn.update_xaxes(tickvals=list(range(1, last + 1, step)), range=[0.4, last + 0.6])
    drawn.update_layout(hovermode="closest", barmode="overlay", bargap=0.3)
    return drawn


def told_turns(frame: pl.DataFrame) -> pl.DataFrame:
    """The turns that the chart tells; the first is one of them, however few there are."""
    few = (frame["chat_count"] < LEAST_CHATS) & (frame["turn_number"] > 1)
    return frame.filter(~few & (frame["turn_number"] <= MOST_TURNS))


def _two_floors(drawn: go.Figure, top: float, most: int) -> None:
    """The rates above, the numbers of chats below, on one axis of turns."""
    look = palette()
    scale(drawn, "rate", min(top, 1))
    drawn.update_yaxes(domain=[0.3, 1])
    drawn.update_layout(
        yaxis2={
            "domain": [0, 0.2],
            "range": [0, most * 1.1 or 1],
            "tickvals": [0, most],
            "ticktext": ["0  ", f"{format.count(most)}  "],
            "tickfont": {"size": 12, "color": look.quiet},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
        xaxis={"anchor": "y2"},
    )
    for y, text in ((1.0, "Share that ends after the turn"), (0.2, "Chats that got so far")):
        drawn.add_annotation(
            xref="paper",
            yref="paper",
            x=1,
            y=y,
            text=text,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": 11.5, "color": look.quiet},
        )
    drawn.update_layout(margin={"t": 22})


def _whiskers(rows: Sequence[Mapping[str, Any]], color: str) -> dict[str, Any]:
    pairs = [
        (row["ended_rate"], row["ended_rate_low"], row["ended_rate_high"])
        if row["chat_count"] >= SMALL and row["ended_rate"] is not None
        else (0, 0, 0)
        for row in rows
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - rate for rate, _, high in pairs],
        "arrayminus": [rate - low for rate, low, _ in pairs],
        "color": color,
        "thickness": 1.2,
        "width": 3,
    }


def _ended(row: Mapping[str, Any], name: str) -> str:
    lead = f"<b>{escape(name)}</b>, turn" if name else "Turn"
    few = "" if row["chat_count"] >= SMALL else f" (n below {SMALL})"
    going = f", {format.count(row['open_count'])} still open" if row["open_count"] else ""
    return (
        f"{lead} {row['turn_number']}: <b>{format.share(row['ended_rate'])}</b> end here<br>"
        f"95 %: {format.between(row['ended_rate_low'], row['ended_rate_high'])}<br>"
        f"{format.count(row['ended_count'])} of {format.plural(row['chat_count'], 'chat')}"
        f"{going}{few}"
    )


def group_legend(names: Sequence[str]) -> str:
    """What the colours of the groups are, in HTML; nothing of one."""
    look = palette()
    parts = "".join(
        f'<span><i style="background:{color}"></i>{escape(name)}</span>'
        for name, color in zip(names, look.series, strict=False)
    )
    return f'<div class="dwell-legend">{parts}</div>' if len(names) > 1 else ""


def length_label(row: Mapping[str, Any]) -> str:
    """A bracket of lengths in words: under 125, 250 to 500."""
    if not row["low_length"]:
        return f"under {format.count(row['high_length'])}"
    return f"{format.count(row['low_length'])} to {format.count(row['high_length'])}"


def reading(frame: pl.DataFrame) -> go.Figure:
    """Half of the read times by the length of the answer, with their median."""
    look = palette()
    drawn = figure(_HEIGHT, look)
    rows = [row for row in frame.to_dicts() if row["read_count"]]
    # A phone has no room for both ends of a bracket.
    labels = [
        f"{format.count(row['low_length'])}+<br>{format.count(row['read_count'])}" for row in rows
    ]
    few = [row["read_count"] < SMALL for row in rows]
    inks = [look.quiet if is_few else look.series[0] for is_few in few]
    told = [
        f"{length_label(row)} characters<br><b>{format.duration(row['median_read_seconds'])}</b> "
        f"median<br>half of them {format.duration(row['p25_read_seconds'])} to "
        f"{format.duration(row['p75_read_seconds'])}<br>"
        f"n = {format.count(row['read_count'])} of {format.count(row['response_count'])}"
        for row in rows
    ]
    drawn.add_bar(
        x=labels,
        y=[row["p75_read_seconds"] - row["p25_read_seconds"] for row in rows],
        base=[row["p25_read_seconds"] for row in rows],
        marker={"color": inks, "opacity": 0.3, "cornerradius": 3},
        customdata=told,
        hovertemplate="%{customdata}<extra></extra>",
    )
    drawn.add_scatter(
        x=labels,
        y=[row["median_read_seconds"] for row in rows],
        mode="lines+markers+text",
        line={"color": look.series[0], "width": 2},
        marker={"color": inks, "size": 9, "line": {"width": 2, "color": look.background}},
        text=[_short(row["median_read_seconds"]) for row in rows],
        textposition="top center",
        textfont={"size": 12, "color": look.text},
        hoverinfo="skip",
    )
    scale(drawn, "seconds", max((row["p75_read_seconds"] for row in rows), default=1))
    drawn.update_xaxes(type="category", tickangle=0)
    drawn.update_layout(hovermode="closest", bargap=0.45)
    return drawn


def _short(seconds: float) -> str:
    """Some seconds in few letters, for a name within a chart: 42 s, 125 s, 12 m."""
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} m"
