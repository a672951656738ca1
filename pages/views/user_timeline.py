"""A user's sessions on a true time axis. Never asks the warehouse anything."""

from __future__ import annotations

import html
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from pages.ui import format
from pages.ui.charts import figure
from pages.ui.theme import Palette, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

LANES = 14
LEGEND = 7
LANE_HEIGHT = 24
MIDNIGHT = time()


def colors(sessions: pl.DataFrame, column: str) -> dict[str | None, str]:
    """One colour per value of a column, the most frequent first; grey for no value.

    Values beyond the palette share the last colour.
    """
    look = palette()
    counts = sessions[column].drop_nulls().value_counts(sort=True)
    names = sorted(
        counts[column].to_list(),
        key=lambda name: (-counts.filter(counts[column] == name)["count"][0], name),
    )
    series = look.series
    given: dict[str | None, str] = {
        name: series[min(at, len(series) - 1)] for at, name in enumerate(names)
    }
    given[None] = look.quiet
    return given


def calendar(sessions: pl.DataFrame, zone: str, first: date, last: date) -> go.Figure:
    """Sessions per day over the user's whole history; the days of the lanes in colour."""
    look = palette()
    drawn = figure(92, look)
    per_day: dict[date, int] = {}
    for start in sessions["start_time"].to_list():
        day = format.local(start, zone).date()
        per_day[day] = per_day.get(day, 0) + 1
    days = sorted(per_day)
    drawn.add_bar(
        x=days,
        y=[per_day[day] for day in days],
        marker={
            "color": [look.series[0] if first <= day <= last else look.quiet for day in days],
            "line": {
                "width": 1,
                "color": [look.series[0] if first <= day <= last else look.quiet for day in days],
            },
        },
        customdata=[
            f"{format.day(day)}: <b>{format.plural(per_day[day], 'session')}</b>" for day in days
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    reach = timedelta(hours=12)
    ends = (
        datetime.combine(min(days[0], first), MIDNIGHT) - reach,
        datetime.combine(max(days[-1], last), MIDNIGHT) + reach,
    )
    drawn.add_vrect(
        x0=datetime.combine(first, MIDNIGHT) - reach,
        x1=datetime.combine(last, MIDNIGHT) + reach,
        fillcolor=look.series[0],
        opacity=0.10,
        line_width=0,
    )
    drawn.update_xaxes(range=ends, tickformat="%-d %b", nticks=7)
    drawn.update_yaxes(nticks=3, tickformat="d", showgrid=False, dtick=_whole_step(per_day))
    drawn.update_layout(hovermode="closest", bargap=0.1)
    return drawn


def _whole_step(per_day: dict[date, int]) -> int:
    return max(1, -(-max(per_day.values(), default=1) // 2))


def lanes(
    sessions: pl.DataFrame,
    zone: str,
    first: date,
    last: date,
    column: str,
    chosen: str | None = None,
) -> go.Figure:
    """One lane per day, newest on top; each session a bar from its start to its end."""
    look = palette()
    days = [last - timedelta(days=at) for at in range((last - first).days + 1)]
    drawn = figure(len(days) * LANE_HEIGHT + 44, look)
    color_of = colors(sessions, column)
    bars = [
        bar
        for row in sessions.iter_rows(named=True)
        for bar in _bars(row, zone, color_of[row[column]], chosen)
        if first <= bar["day"] <= last
    ]
    if bars:
        drawn.add_bar(
            orientation="h",
            y=[words_of(bar["day"]) for bar in bars],
            base=[bar["from"] for bar in bars],
            x=[bar["hours"] for bar in bars],
            width=0.62,
            # The outline keeps a session of no length visible.
            marker={
                "color": [bar["color"] for bar in bars],
                "line": {"color": [bar["edge"] for bar in bars], "width": 2},
            },
            customdata=[[bar["id"], bar["text"]] for bar in bars],
            hovertemplate="%{customdata[1]}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    for day in days:
        drawn.add_hline(y=words_of(day), line_color=look.grid, line_width=1, layer="below")
    drawn.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=[words_of(day) for day in reversed(days)],
        range=[-0.6, len(days) - 0.4],
        showgrid=False,
        ticksuffix="  ",
        rangemode="normal",
    )
    drawn.update_xaxes(
        range=[0, 24],
        tickvals=[0, 4, 8, 12, 16, 20, 24],
        ticktext=[f"{hour:02}:00" for hour in (0, 4, 8, 12, 16, 20, 24)],
        showgrid=True,
        side="top",
    )
    drawn.update_layout(hovermode="closest", barmode="overlay")
    return drawn


def words_of(day: date) -> str:
    """Name of a lane: Sat 21 Nov."""
    return f"{day:%a} {day.day} {day:%b}"


def _bars(row: dict[str, Any], zone: str, color: str, chosen: str | None) -> list[dict[str, Any]]:
    """The session's piece of each day that it touches."""
    start, end = format.local(row["start_time"], zone), format.local(row["end_time"], zone)
    look: Palette = palette()
    pieces = []
    day = start.date()
    while day <= end.date():
        dawn = datetime.combine(day, MIDNIGHT)
        begin = max((start - dawn).total_seconds(), 0.0)
        finish = min((end - dawn).total_seconds(), 86400.0)
        pieces.append(
            {
                "day": day,
                "from": begin / 3600,
                "hours": (finish - begin) / 3600,
                "color": color,
                "edge": look.text if row["session_id"] == chosen else color,
                "id": row["session_id"],
                "text": session_text(row, zone),
            }
        )
        day += timedelta(days=1)
    return pieces


def session_text(row: dict[str, Any], zone: str) -> str:
    """What hovering over a session tells."""
    start, end = format.local(row["start_time"], zone), format.local(row["end_time"], zone)
    until = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%-d %b %H:%M:%S}"
    length = format.duration(row["duration_seconds"])
    parts = [
        f"<b>{start:%-d %b %Y} {start:%H:%M:%S} to {until}</b>",
        f"{length}{', still open' if row['is_open'] else ''}",
        format.plural(row["event_count"], "event")
        + ", "
        + format.plural(row["action_count"], "action")
        + ", "
        + format.plural(row["error_count"], "error"),
        f"type: {html.escape(format.named(row['session_type']))}",
    ]
    return "<br>".join(parts)


def legend(shown: pl.DataFrame, sessions: pl.DataFrame, column: str) -> str:
    """The colours of the lanes as coloured words, most frequent first, in HTML."""
    color_of = colors(sessions, column)
    present = shown[column].unique().to_list()
    names = [name for name in color_of if name in present]
    spans = "".join(
        f'<span><i style="background:{color_of[name]}"></i>'
        f"{html.escape(format.named(name) if name else 'type not known')}</span>"
        for name in names[:LEGEND]
    )
    more = f"<span>+{len(names) - LEGEND} more</span>" if len(names) > LEGEND else ""
    return f'<div class="dwell-legend">{spans}{more}</div>'


def between(sessions: pl.DataFrame, zone: str, first: date, last: date) -> pl.DataFrame:
    """The sessions that touch a local day of the range."""
    keep = [
        format.local(start, zone).date() <= last and format.local(end, zone).date() >= first
        for start, end in sessions.select("start_time", "end_time").iter_rows()
    ]
    return sessions.filter(keep)
