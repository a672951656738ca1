"""Retention: cohorts by period, the users behind a cell, and the means. Never computes a metric."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, notebook, retention_controls, sections
from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen, href, switch
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.periods import last_day
from pages.ui.retention_asked import Asked, asked
from pages.ui.triangle import Triangle, table
from pages.views import lifecycle, retention_means, retention_users
from warehouse.metrics import overview, retention
from warehouse.metrics.calendar_periods import start_after

if TYPE_CHECKING:
    import polars as pl

SHOWN = {"share": "Shares", "count": "Counts"}
# More are no table that somebody reads: the files have them all.
MOST_COLUMNS, MOST_ROWS = 31, 60
SAYS = (
    "Users by the {period} of their entry, and how many of them were back. {number} Cohorts are of "
    "the days of the period above, later {period}s count up to now: the filters' other conditions "
    "hold for the sessions of entry and return. Hatched cells are not complete: their {period} is "
    "still running for somebody of the cohort. The weighted mean is of the complete cells, each "
    "weighing as much as its cohort has users, with an interval of 95 % (Wilson)."
)
NUMBERS = {
    "calendar": "0 is the {period} of the entry itself, by the calendar.",
    "24h": "0 is the first {hours} hours from the user's first moment on, to the microsecond.",
}


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    choices = asked()
    return (
        question(overview.totals, page.filters),
        question(retention.matrix, page.filters, **choices.matrix),
        question(retention.curve, page.filters, **choices.matrix),
        *retention_users.asks(page, choices),
        *retention_means.asks(page, choices),
        *lifecycle.asks(page, choices),
    )


def show(page: Page) -> None:
    """All sections of the page; when no session matches, why."""
    totals = ask(overview.totals, page.filters).row(0, named=True)
    if totals["session_count"] == 0:
        explain_empty(page)
    choices = asked()
    retention_controls.draw(page, choices)
    _cohorts(page, choices)
    retention_users.show(page, choices)
    retention_means.show(page, choices)
    lifecycle.show(page, choices)


def _cohorts(page: Page, choices: Asked) -> None:
    frame = ask(retention.matrix, page.filters, **choices.matrix)
    curve = ask(retention.curve, page.filters, **choices.matrix)
    sections.head(
        f"Who comes back, by {choices.noun} of entry",
        key="cohorts",
        page=page,
        query="retention.matrix",
        filters=page.filters,
        says=says(choices),
        code=notebook.lines(retention.matrix, page.filters, **choices.matrix),
        parts=choices.sql_parts(),
        frame=lambda: frame,
        file=sections.file_name(page, "retention"),
        extra=lambda: switch("Shares or counts", "cells", SHOWN, "share"),
    )
    if frame.is_empty():
        st.info(nobody(page, choices))
        return
    st.markdown(found(page, choices, frame, curve))
    shown = _triangle(page, choices, frame, curve)
    with st.container(key="table_cohorts"):
        st.html(table(shown, f"Users who came back, by {choices.noun} of their entry"))
    st.caption(_notes(page, choices, frame, shown))


def says(choices: Asked) -> str:
    """How the cells are counted under these choices."""
    number = NUMBERS[choices.clock].format(
        period=choices.noun, hours={"day": 24, "week": 168, "month": 720}[choices.period]
    )
    return SAYS.format(period=choices.noun, number=number)


def nobody(page: Page, choices: Asked) -> str:
    """Why there are no cohorts, although there are sessions."""
    if choices.start:
        return (
            f"Nobody entered with {format.plain(choices.start)} on these days. Choose another "
            "event to start with, or a longer period."
        )
    if choices.entry == "recurring":
        return "Nobody was there on a day of the period that has begun."
    return (
        "None of these users came first on these days: all of them were there before, or their "
        "first session is left out by the filters. Choose a longer period, or let users enter "
        f"in each {choices.noun} they come in."
    )


def found(page: Page, choices: Asked, frame: pl.DataFrame, curve: pl.DataFrame) -> str:
    """What the cells come down to, in a sentence or two."""
    sizes = frame.unique("cohort_start", keep="first")["cohort_size"]
    who = {
        "first": "users who came first",
        "segment": "users who came first to these sessions",
        "recurring": "users, counted in each period they came in,",
    }[choices.entry]
    if choices.start:
        who = f"users who entered with {format.plain(choices.start)}"
    when = ""
    if page.filters.start and page.filters.end:
        when = f" from {format.days(page.filters.start, min(page.filters.end, page.last_day))}"
    # The first that does not hold the entry itself.
    lows = [low for low, _ in choices.brackets or ()]
    number = next((at for at, low in enumerate(lows) if low), 0) if lows else 1
    means = {row["period_number"]: row for row in curve.iter_rows(named=True)}
    if number not in means:
        return (
            f"{format.count(int(sizes.sum()))} {who}{when} make up "
            f"{format.plural(sizes.len(), 'cohort')}. None is old enough yet to tell who is back "
            f"in {choices.named(number)}."
        )
    mean = means[number]
    old = frame.filter(frame["is_complete"] & (frame["period_number"] == number))
    some = ""
    if old.height < sizes.len():
        some = f", in the {old.height} of {sizes.len()} cohorts that are old enough,"
    return (
        f"Of {format.count(int(old['cohort_size'].sum()))} {who}{when}{some} "
        f"**{format.share(mean['retention_rate'])}** were back in {choices.named(number)} "
        f"(95 %: {format.between(mean['low'], mean['high'])})."
    )


def _triangle(page: Page, choices: Asked, frame: pl.DataFrame, curve: pl.DataFrame) -> Triangle:
    rows: dict[date, dict[int, Any]] = {}
    for cell in frame.iter_rows(named=True):
        rows.setdefault(cell["cohort_start"], {})[cell["period_number"]] = cell
    newest = sorted(rows)[-MOST_ROWS:]
    numbers = sorted({number for cohort in newest for number in rows[cohort]})[:MOST_COLUMNS]
    return Triangle(
        rows={cohort: rows[cohort] for cohort in newest},
        mean={row["period_number"]: row for row in curve.iter_rows(named=True)},
        numbers=numbers,
        named=lambda cohort: cohort_name(cohort, choices),
        headed=choices.headed,
        told=lambda cell: told(cell, choices),
        link=lambda cell: href(
            entered=cell["cohort_start"].isoformat(), nth=str(cell["period_number"]), page=None
        ),
        heading={"day": "Day", "week": "Week from", "month": "Month"}[choices.period],
        counts=chosen("cells", SHOWN, "share") == "count",
        chosen=retention_users.cell_of(choices),
    )


def cohort_name(cohort: date, choices: Asked) -> str:
    """What a cohort is called: its first day, or its month."""
    return f"{cohort:%b %Y}" if choices.period == "month" else format.day(cohort)


def told(cell: Mapping[str, Any], choices: Asked) -> str:
    """A cell in words: what of whom, in which days, and whether more can come."""
    who = f"{format.count(cell['user_count'])} of {format.plural(cell['cohort_size'], 'user')}"
    text = (
        f"{who} ({format.share(cell['retention_rate'])}) in {choices.named(cell['period_number'])}"
    )
    if choices.clock == "calendar" and choices.kind == "exact":
        first = start_after(cell["cohort_start"], choices.period, cell["period_number"])
        text += f", {format.days(first, last_day(first, choices.period))}"
    return text if cell["is_complete"] else f"{text}; so far, not complete"


def _notes(page: Page, choices: Asked, frame: pl.DataFrame, shown: Triangle) -> str:
    parts = ["A cell opens its users."]
    first, start = frame["cohort_start"].min(), page.filters.start
    if start and first in shown.rows and first < start:  # type: ignore[operator]
        parts.append(
            f"Of the first {choices.noun} only who entered from {format.day(start)} on is in it."
        )
    if not frame["is_complete"].all():
        parts.append("Hatched: not complete yet.")
    cohorts, periods = frame["cohort_start"].n_unique(), frame["period_number"].n_unique()
    if cohorts > len(shown.rows) or periods > len(shown.numbers):
        parts.append(
            f"Shown are {len(shown.numbers)} of {format.plural(periods, 'period')} and the newest "
            f"{len(shown.rows)} of {format.plural(cohorts, 'cohort')}; the files have all."
        )
    return " ".join(parts)
