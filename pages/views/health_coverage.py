"""Coverage: events of each source by day, with gaps and faults. Never computes a metric."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import charts, fault_words, format, health_charts, health_strips, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen, href, pick
from pages.ui.frame import Page
from pages.ui.health_strips import Strip
from warehouse.metrics import health

if TYPE_CHECKING:
    import polars as pl

# So many years of a calendar fit a screen.
YEARS_SHOWN = 3
MOST_NAMED = 8
SAYS = (
    "Events of each source by local day, bots too, from its first to its last. A *gap* is a day "
    "without one event in between. A *fault* is a day that looks wrong beside its weekday in the "
    "weeks around it: the list below says how. The shades are on a scale of tenfolds, of each "
    "source by itself: the darkest is its busiest time."
)
_DAY = timedelta(days=1)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for."""
    return (question(health.coverage), question(health.faults))


def show(page: Page) -> None:
    """A strip for each source, and the calendar of one."""
    frame = ask(health.coverage)
    sections.head(
        "Coverage",
        key="coverage",
        page=page,
        query="health.coverage",
        says=SAYS,
        code=notebook.lines(health.coverage),
        frame=lambda: frame,
        file="dwell_coverage",
        files=tuple(sections.FILES),
    )
    if frame.is_empty():
        st.caption("No day of any source has an event.")
        return
    faults = fault_words.of_days(ask(health.faults).iter_rows(named=True))
    names = frame["source"].unique().sort().to_list()
    shown = chosen("health_source", names, _usual(frame, names))
    rows = [_strip(frame, name, faults, shown) for name in names]
    st.html(health_strips.strips(rows))
    marks = {
        "gaps": any(row.gaps and not row.is_sparse for row in rows),
        "faults": any(row.faults for row in rows),
    }
    st.html(health_strips.legend(marks))
    _calendar(next(row for row in rows if row.source == shown), {name: name for name in names})


def _usual(frame: pl.DataFrame, names: list[str]) -> str:
    """The source with the most gaps, else the largest: where to look first."""
    import polars as pl

    rows = frame.group_by("source").agg(
        # Where most days are empty, one more is nothing to look at.
        gaps=pl.when(pl.col("is_gap").mean() <= 0.5).then(pl.col("is_gap").sum()).otherwise(0),
        events=pl.col("event_count").sum(),
    )
    first = rows.sort("gaps", "events", "source", descending=[True, True, False])
    return str(first["source"][0])


def _strip(frame: pl.DataFrame, name: str, faults: dict[str, dict[date, str]], shown: str) -> Strip:
    own = frame.filter(frame["source"] == name)
    return Strip(
        source=name,
        first=own["date"][0],
        counts=own["event_count"].to_list(),
        faults=faults.get(name, {}),
        link=href(health_source=name, health_years=None),
        is_open=name == shown,
    )


def _calendar(row: Strip, names: dict[str, str]) -> None:
    days = health_charts.days_between(row.first, len(row.counts))
    years = sorted({day.year for day in days}, reverse=True)
    blocks = [years[at : at + YEARS_SHOWN] for at in range(0, len(years), YEARS_SHOWN)]
    options = {str(block[0]): f"{block[-1]} to {block[0]}" for block in blocks}
    with st.container(
        key="calendar_tools", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.markdown(f"**{format.plain(row.source)}, day by day**", width="content")
        if len(names) > 1:
            pick("Source", "health_source", names, row.source)
        until = (
            pick("Years", "health_years", options, str(years[0]))
            if len(blocks) > 1
            else str(years[0])
        )
    block = next(block for block in blocks if str(block[0]) == until)
    cells = [(day, n) for day, n in zip(days, row.counts, strict=True) if day.year in block]
    st.plotly_chart(
        health_charts.calendar(
            [day for day, _ in cells],
            [count for _, count in cells],
            row.faults,
            marks_gaps=not row.is_sparse,
        ),
        key="chart_calendar",
        theme=None,
        config=charts.CONFIG,
        alt=f"Events of {row.source} on every day from {format.days(cells[0][0], cells[-1][0])}",
    )
    if row.is_sparse:
        there = format.count(len(days) - row.gaps)
        st.caption(f"{there} of {format.plural(len(days), 'day')} have events.")
    elif row.gaps:
        gaps = [day for day, count in zip(days, row.counts, strict=True) if not count]
        st.caption(f"Without one event: {_named(runs(gaps))}.")


def runs(days: list[date]) -> list[tuple[date, date]]:
    """Days in a row as one span each, the newest first."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == _DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found[::-1]


def _named(spans: list[tuple[date, date]]) -> str:
    texts = [
        format.day(start) if start == end else format.days(start, end)
        for start, end in spans[:MOST_NAMED]
    ]
    more = len(spans) - MOST_NAMED
    return "; ".join(texts) + (f"; and {more} times before" if more > 0 else "")
