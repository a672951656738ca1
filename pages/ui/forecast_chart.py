"""The days to come on a trend of days: a line, its band, in a colour of their own.

Never asks the warehouse anything.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import date_axis, scale
from pages.ui.retention_charts import faded
from pages.ui.theme import Palette, palette
from warehouse.metrics.registry import Metric

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl


# The lines' names stand above them: at their ends they would take the room of the days to come.
_LINE_HEIGHT = 22


def draw(
    drawn: go.Figure, known: pl.DataFrame, ahead: pl.DataFrame, metric: Metric, before: str = ""
) -> None:
    """Draws the days ahead behind the last complete day of a trend.

    `known` are the rows that the trend was drawn of, `ahead` rows of forecast.daily, which begin
    with the running day, `before` what the trend calls its grey line.
    """
    look = palette()
    days, values, low, high = (ahead[name].to_list() for name in ("date", "value", "low", "high"))
    tops = [value for trace in drawn.data for value in trace.y if value is not None]
    color = look.series[2]
    _band(drawn, days, low, high, color)
    day_before = known.filter(
        known["period_start"] == days[0] - timedelta(days=1), known["is_complete"]
    )
    begun: list[tuple[date, Any]] = day_before.select("period_start", "value").rows()
    line = [*begun, *zip(days, values, strict=True)]
    # The point that it begins at is one of the days that are known.
    texts = [""] * len(begun) + [_hover(*ends) for ends in zip(values, low, high, strict=True)]
    drawn.add_scatter(
        x=[day for day, _ in line],
        y=[value for _, value in line],
        mode="lines",
        name="forecast",
        line={"color": color, "width": 2, "dash": "8px,4px"},
        customdata=texts,
        hovertemplate=[
            "%{customdata}<extra></extra>" if text else "<extra></extra>" for text in texts
        ],
    )
    scale(drawn, metric.unit, max((*tops, *values, *(end for end in high if end is not None))))
    starts = known["period_start"].to_list()
    shown = [*starts, *(day for day in days if day > starts[-1])]
    drawn.update_xaxes(**date_axis("day", shown), range=[shown[0], shown[-1]])
    _name_lines(drawn, metric.heading.lower(), before, look)


def _band(
    drawn: go.Figure,
    days: list[date],
    low: list[float | None],
    high: list[float | None],
    color: str,
) -> None:
    """The band of the days to come, with an edge: what is normal has none."""
    ends = [each for each in zip(days, low, high, strict=True) if None not in each]
    if not ends:
        return
    line = {"color": color, "width": 1, "dash": "1px,2px"}
    way = {"mode": "lines", "line": line, "hoverinfo": "skip", "name": "band of the forecast"}
    x = [day for day, _, _ in ends]
    drawn.add_scatter(x=x, y=[end for _, end, _ in ends], **way)
    drawn.add_scatter(
        x=x, y=[end for _, _, end in ends], fill="tonexty", fillcolor=faded(color), **way
    )


def _name_lines(drawn: go.Figure, name: str, before: str, look: Palette) -> None:
    """The names of the lines above them, in their colours, in place of those at their ends."""
    kept = [each for each in drawn.layout.annotations if each.text not in (name, before)]
    named = ((name, look.series[0]), (before, look.quiet), ("forecast", look.series[2]))
    texts = (f'<span style="color:{color}">{text}</span>' for text, color in named if text)
    # Numbers of marks stand right above the trend.
    top = drawn.layout.margin.t
    words = {
        "text": "&nbsp;&nbsp;&nbsp;".join(texts),
        "showarrow": False,
        "font": {"size": 12},
        **{"x": 1, "xref": "paper", "xanchor": "right"},
        **{"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": top - 8},
    }
    drawn.layout.annotations = [*kept, words]
    drawn.update_layout(margin={"r": 8, "t": top + _LINE_HEIGHT})


def _hover(value: float, low: float | None, high: float | None) -> str:
    told = f"<b>{format.count(round(value))} expected</b>"
    if low is None or high is None:
        return told
    return f"{told} ({format.count(round(low))} to {format.count(round(high))})"
