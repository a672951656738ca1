"""The answer to a query as a figure: what can stand on its axes, and how. Never asks anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pages.ui import charts
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

# More bars than these are a grey wall.
MOST_BARS = 50


class Axes(NamedTuple):
    """The columns that can stand across, and those of numbers that can stand upwards."""

    across: list[str]
    upwards: list[str]


def axes(frame: pl.DataFrame) -> Axes | None:
    """What can be drawn of a frame; the best first. None where that is nothing."""
    import polars.selectors as cs

    numbers = list(cs.expand_selector(frame, cs.numeric()))
    times = list(cs.expand_selector(frame, cs.temporal()))
    others = [name for name in frame.columns if name not in (*numbers, *times)]
    across = [*times, *others, *numbers]
    # A column is not drawn over itself.
    upwards = [name for name in numbers if name != across[0]]
    return Axes(across, upwards) if frame.height and upwards else None


def is_over_time(frame: pl.DataFrame, across: str) -> bool:
    """Whether a column is of days or times."""
    return frame[across].dtype.is_temporal()


def figure(frame: pl.DataFrame, across: str, upwards: str) -> go.Figure:
    """A line over days, times and numbers; bars of the first rows over all else."""
    look = palette()
    color = look.series[0]
    if is_over_time(frame, across) or frame[across].dtype.is_numeric():
        drawn = charts.figure(340, look)
        rows = frame.drop_nulls(across).sort(across, maintain_order=True)
        drawn.add_scatter(
            x=rows[across].to_list(),
            y=rows[upwards].to_list(),
            mode="lines" if rows.height > 1 else "markers",
            name=upwards,
            line={"color": color, "width": 2.5},
            hovertemplate="<b>%{y:,}</b><extra></extra>",
        )
        drawn.update_yaxes(nticks=5)
        return drawn
    rows = frame.head(MOST_BARS)
    drawn = charts.figure(60 + 26 * rows.height, look)
    # By their places, so that two rows of one name are two bars; names lie beside them.
    places = list(range(rows.height))
    drawn.add_bar(
        x=rows[upwards].to_list(),
        y=places,
        orientation="h",
        name=upwards,
        marker={"color": color},
        hovertemplate="<b>%{x:,}</b><extra></extra>",
    )
    names = [_short(value) for value in rows[across].to_list()]
    drawn.update_layout(hovermode="closest")
    drawn.update_xaxes(showgrid=True, rangemode="tozero", nticks=5)
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=places,
        ticktext=names,
        ticklabelstandoff=6,
    )
    return drawn


def _short(value: object) -> str:
    text = "(not known)" if value is None else str(value)
    # The figure reads some of HTML.
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return text if len(text) <= 24 else f"{text[:23]}…"
