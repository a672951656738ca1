"""Figures of the crosswalk: polars frame in, plotly figure out. Never asks the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import figure
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

# Of a row, and of what is above and below all of them, in pixels.
ROW, AROUND = 30, 24
# Room for a number beside the longest bar, as a share of it.
BESIDE = 0.22


def bars(frame: pl.DataFrame, of: str, unit: str, own: str, labels: Mapping[str, str]) -> go.Figure:
    """One number of each definition; ours in colour. A definition without one has no bar."""
    look = palette()
    names = frame["definition"].to_list()
    values = frame[of].to_list()
    write = format.WRITERS[unit]
    drawn = figure(ROW * len(names) + AROUND, look)
    drawn.add_bar(
        x=[value or 0 for value in values],
        y=[labels[name] for name in names],
        orientation="h",
        width=0.62,
        marker={"color": [look.series[0] if name == own else look.quiet for name in names]},
        text=[write(value) if value is not None else format.NULL for value in values],
        textposition="outside",
        textfont={"color": look.text},
        cliponaxis=False,
        hoverinfo="skip",
    )
    top = max((value for value in values if value is not None), default=0) or 1
    _lay_out(drawn, 0, top * (1 + BESIDE))
    return drawn


def waterfall(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str], to: str) -> go.Figure:
    """What each step adds or takes away, from where the one before it ended.

    The ends are points and no bars: a bar from zero would leave no room for the differences.
    """
    look = palette()
    counts = [row["session_count"] for row in rows]
    steps = list(zip(rows[1:], counts, counts[1:], strict=False))
    drawn = figure(ROW * (len(rows) + 1) + AROUND, look)
    drawn.add_bar(
        x=[after - before for _, before, after in steps],
        base=[before for _, before, _ in steps],
        y=[labels[row["step"]] for row, _, _ in steps],
        orientation="h",
        width=0.62,
        marker={"color": [look.series[0 if after > before else 1] for _, before, after in steps]},
        hoverinfo="skip",
    )
    low, high = min(counts), max(counts)
    room = (high - low or 1) * BESIDE
    ends = ((labels[rows[0]["step"]], counts[0]), (to, counts[-1]))
    drawn.add_scatter(
        x=[count for _, count in ends],
        y=[name for name, _ in ends],
        mode="markers+text",
        marker={"color": look.text, "size": 9},
        text=[f"  {format.count(count)}" for _, count in ends],
        textposition="middle right",
        textfont={"color": look.text},
        cliponaxis=False,
        hoverinfo="skip",
    )
    for row, before, after in steps:
        drawn.add_annotation(
            x=max(before, after),
            y=labels[row["step"]],
            text=format.amount(after - before, "count"),
            xanchor="left",
            xshift=6,
            showarrow=False,
            font={"color": look.text if after != before else look.quiet, "size": 12},
        )
    _lay_out(drawn, low - room / 3, high + room * 1.6)
    order = [labels[rows[0]["step"]], *(labels[row["step"]] for row, _, _ in steps), to]
    drawn.update_yaxes(categoryorder="array", categoryarray=order)
    return drawn


def _lay_out(drawn: go.Figure, low: float, high: float) -> None:
    """Rows from above, their names at the left, no axis of numbers: each stands at its bar."""
    drawn.update_xaxes(range=[low, high], showticklabels=False, showgrid=False)
    drawn.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=8)
    drawn.update_layout(hovermode=False, bargap=0.3)
