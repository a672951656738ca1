"""Figures: polars frame in, plotly figure out. Never asks the warehouse anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.theme import Palette, palette
from warehouse.metrics.registry import Metric

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
FONT = "Inter, sans-serif"
DAY_IN_MS = 86_400_000
# How a point of time is written in the hover, by the grain.
# On an axis of weeks: a phone has room for no more.
_WEEK_TICKS = 5
HOVER_FORMATS = {"day": "%a %-d %b %Y", "week": "week from %-d %b %Y", "month": "%B %Y"}


def title(metric: Metric, grain: str = "day") -> str:
    """What the trend of a metric shows."""
    return f"{metric.label} per {grain}"


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


def trend(
    frame: pl.DataFrame,
    metric: Metric,
    grain: str = "day",
    before: str = "previous",
    days_before: Sequence[date | None] = (),
) -> go.Figure:
    """One metric over time in colour, what is compared with it in grey, what is normal as a band.

    Rows are those of overview.series, with session_count, low and high. What is not complete is
    dotted. `before` names the grey line, `days_before` tells its days in the hover; without a
    name there is none.
    """
    look = palette()
    drawn = figure(300, look)
    starts = frame["period_start"].to_list()
    values = frame["value"].to_list()
    earlier = frame["previous_value"].to_list() if before else []
    complete = frame["is_complete"].to_list()
    color = look.series[0]
    high = frame["high"].to_list()
    band(drawn, starts, frame["low"].to_list(), high, look)
    if before:
        drawn.add_scatter(
            x=starts,
            y=earlier,
            mode="lines" if len(starts) > 1 else "markers",
            name=before,
            line={"color": look.quiet, "width": 1.5},
            marker={"color": look.quiet},
            opacity=0.75,
            customdata=_told_before(metric, earlier, before, days_before),
            hovertemplate="%{customdata}<extra></extra>",
        )
    texts = [
        _hover(metric, value, count) + ("" if done else _cut(at, starts))
        for at, (value, count, done) in enumerate(
            zip(values, frame["session_count"].to_list(), complete, strict=True)
        )
    ]
    whole = [value if done else None for value, done in zip(values, complete, strict=True)]
    drawn.add_scatter(
        x=starts,
        y=whole,
        mode="lines" if sum(value is not None for value in whole) > 1 else "lines+markers",
        name=metric.label,
        line={"color": color, "width": 2.5},
        customdata=texts,
        hovertemplate="<b>%{customdata}</b><extra></extra>",
    )
    if not all(complete):
        drawn.add_scatter(
            x=starts,
            y=[value if _is_dotted(at, complete) else None for at, value in enumerate(values)],
            mode="lines+markers" if len(starts) == 1 else "lines",
            name="not complete",
            line={"color": color, "width": 2.5, "dash": "dot"},
            customdata=texts,
            hovertemplate=[
                "<extra></extra>" if done else "<b>%{customdata}</b><extra></extra>"
                for done in complete
            ],
        )
    top = max((v for v in (*values, *earlier, *high) if v is not None), default=0)
    scale(drawn, metric.unit, top)
    _label_ends(drawn, starts, values, earlier, top, look, metric.heading.lower(), before)
    drawn.update_xaxes(
        **date_axis(grain, starts), range=[starts[0], starts[-1]] if len(starts) > 1 else None
    )
    return drawn


def date_axis(grain: str, starts: Sequence[date]) -> dict[str, Any]:
    """What an axis is told that has the beginnings of days, weeks or months."""
    # The year stands below, where it begins; two years may hold one date twice.
    is_long = len(starts) > 1 and (starts[-1] - starts[0]).days >= 366
    ticks = starts if len(starts) <= 4 else None
    if grain == "week" and not is_long:
        # Left alone, an axis names Sundays.
        ticks = starts[:: -(-len(starts) // _WEEK_TICKS)]
    return {
        "type": "date",
        "tickvals": ticks,
        "tickformat": "%b\n%Y" if grain == "month" or is_long else "%-d %b",
        "tickangle": 0,
        "hoverformat": HOVER_FORMATS[grain],
    }


def _is_dotted(at: int, complete: list[bool]) -> bool:
    """Whether a point, or one beside it, is not complete."""
    return not all(complete[max(at - 1, 0) : at + 2])


def _cut(at: int, starts: list[date]) -> str:
    return " so far" if at == len(starts) - 1 else ", part of it"


def _told_before(
    metric: Metric, values: list[Any], before: str, days: Sequence[date | None]
) -> list[str]:
    """What hovering tells of the compared line, without the year: its box cuts longer lines."""
    whens = [f"on {day.day} {day:%b}" if day else before for day in days] or [before] * len(values)
    return [f"{_written(metric, value)} {when}" for value, when in zip(values, whens, strict=True)]


def band(
    drawn: go.Figure,
    starts: list[date],
    low: list[float | None],
    high: list[float | None],
    look: Palette,
) -> None:
    """The band of what is normal, or may be, where it is known."""
    known = [at for at, value in enumerate(high) if value is not None]
    if not known:
        return
    way = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "name": "normal"}
    drawn.add_scatter(x=[starts[at] for at in known], y=[low[at] for at in known], **way)
    drawn.add_scatter(
        x=[starts[at] for at in known],
        y=[high[at] for at in known],
        fill="tonexty",
        fillcolor=look.grid,
        **way,
    )


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
    # Steps of 2.5 % are none of 2 or 3.
    return f"{round(value * 100, 2):g} %"


def _round_step(top: float, unit: str) -> float:
    if unit == "seconds":
        steps = [5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200]
        return next((step for step in steps if step * 4 >= top), 14400 * math.ceil(top / 57600))
    if not top:
        return 0.25 if unit == "rate" else 1
    power: float = 10 ** math.floor(math.log10(top / 4))
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
    before_name: str,
) -> None:
    """Names both lines at their right ends, apart from each other."""
    ends = []
    for series, text, color in (
        (values, name, look.series[0]),
        (before, before_name, look.quiet),
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


def highlight() -> str:
    """The colour of the subject, for the open row of a table."""
    return palette().series[0]
