"""Tables in place of a tracker: how well they find tracked sessions, and what they stand for.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, marks, notebook, proxy_chart, sections
from pages.ui.ask import Question, ask, question
from pages.ui.chart_section import draw
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.filters import Filters
from warehouse.metrics import proxy
from warehouse.metrics.proxy_ratio import LEAST_DAYS
from warehouse.query import Grain

if TYPE_CHECKING:
    import polars as pl

GRAIN: Grain = "week"
FOUND_SAYS = (
    "Closed sessions as their tracked events alone make them, of users whom the application's "
    "tables know, from the first row of the tables to the last. One is found when a session of "
    "rows lies no further from it than the timeout, and split when two or more do. The time "
    "covered is from the first to the last row of a session, as far as it was tracked: a lone row "
    "covers none."
)
PERIODS_SAYS = (
    "Sessions of rows that began in a week, times how many sessions were tracked for each of "
    "these, where both are known. The band holds, in 19 weeks of 20, what a tracker would have "
    "counted: it is as wide as the weeks, or of few weeks the days, of which both are known lie "
    "off. It takes people to use the application as they did when they were tracked."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for, in the order in which it is drawn."""
    return (
        question(proxy.calibration, _filters()),
        question(proxy.periods, _filters(), grain=GRAIN),
    )


def show(page: Page) -> None:
    """Both parts; nothing where no table of an application is loaded, and the first alone where
    too little was tracked beside them.
    """
    found = ask(proxy.calibration, _filters())
    if found.is_empty():
        return
    _found(page, found)
    _periods(page)


def _filters() -> Filters:
    """All days: a page of the data as it is has no filters."""
    return Filters()


def _found(page: Page, found: pl.DataFrame) -> None:
    every = found.row(0, named=True)
    sections.head(
        "Do the application's tables find the sessions?",
        key="proxy",
        page=page,
        query="proxy.calibration",
        filters=_filters(),
        says=FOUND_SAYS,
        code=notebook.lines(proxy.calibration, _filters()),
        frame=lambda: found,
        file=sections.file_name(page, "proxy"),
    )
    if not every["tracked_count"]:
        st.caption(
            "Nothing was tracked of the users whom the tables know, while there were rows: there "
            "is nothing to hold them against."
        )
        return
    missed = every["missed_seconds_share"]
    covered = "none" if missed is None else format.share(1 - missed)
    found_share = format.share(every["found_count"] / every["tracked_count"])
    st.markdown(
        f"Of {format.plural(every['tracked_count'], 'tracked session')} of users whom the tables "
        f"know, their rows find **{found_share}**, and "
        f"cover {covered} of the time."
    )
    rows = found.with_columns(
        found_share=found["found_count"] / found["tracked_count"],
        covered_share=1 - found["missed_seconds_share"],
    )
    show_table(
        rows,
        {
            "activity": Column("Rows of", write=_named),
            "found_share": Column("Sessions found", bar=True, write=format.share),
            "found_count": Column("Found", **COUNT),
            "split_count": Column("Split", **COUNT, help="Found as two or more"),
            "covered_share": Column("Time covered", write=format.share, wide=True),
        },
        key="table_proxy",
        alt="Tracked sessions that rows of the application's tables find, by kind of row",
    )


def _periods(page: Page) -> None:
    frame = ask(proxy.periods, _filters(), grain=GRAIN)
    if frame["session_count"].null_count() == frame.height:
        st.caption(
            f"Both are known on fewer than {LEAST_DAYS} days: too few to say what rows stand for."
        )
        return
    alone = frame.filter("is_proxy_only").height
    starts = frame["period_start"].to_list()
    marked = marks.marks_of(page, starts, GRAIN)
    note = "Line: tracked. Dashed, in its band of 95 %: what the tables stand for."
    if alone:
        note += f" Of {format.plural(alone, 'week')} there are tables alone."
    draw(
        page,
        "What they say would have been tracked",
        frame,
        lambda: marks.draw(proxy_chart.periods(frame, GRAIN), marked, starts, GRAIN),
        {
            "period_start": Column("Week from", write=format.day),
            "tracked_session_count": Column("Tracked", **COUNT),
            "proxy_session_count": Column("Sessions of rows", **COUNT, wide=True),
            "session_count": Column("Told by tables", write=_round),
            "low": Column("From", write=_round),
            "high": Column("To", write=_round),
        },
        key="proxy_periods",
        query="proxy.days",
        filters=_filters(),
        says=PERIODS_SAYS,
        code=notebook.lines(proxy.periods, _filters(), grain=GRAIN),
        alt="Sessions a week: tracked, and as the application's tables tell them, with a band",
        note=marks.noted(note, marked),
        empty="No row of a table before the newest day.",
    )


def _named(activity: str) -> str:
    return "all tables" if activity == proxy.ALL else activity


def _round(value: float) -> str:
    return format.count(round(value))
