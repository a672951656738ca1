"""Lifecycle and stickiness, as sections of Retention. Never computes a metric."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, marks, notebook, retention_charts
from pages.ui.ask import Question, ask, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, switch
from pages.ui.frame import Page
from pages.ui.percentile_chart import are_whole
from pages.ui.retention_asked import Asked
from pages.ui.tables import COUNT, Column
from pages.views.engagement import last_whole_day
from warehouse.metrics import lifecycle, stickiness

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

LENGTHS = {"week": "7 days", "month": "28 days"}
PARTS = (
    "Of the users of a {noun}: new came for the first time ever; returning were there in the "
    "{noun} before too; resurrected were there before, but not in the {noun} before. Dormant, "
    "below the axis, were there in the {noun} before and are missing. Before is all history; the "
    "first {noun}, if it is cut short, is of its days in the period."
)
RATIOS = (
    "Of the users of the last 28 days (MAU), the share that comes on a day (DAU); and of those of "
    "the last 7 days (WAU). Both reach back before the period, and a line begins with the day from "
    "which on the data has all of them. A product used every day comes near 100 %."
)
DAYS = (
    "Users who were there in the last {days} days of the period, by how many of these days they "
    "were there on."
)


def asks(page: Page, choices: Asked) -> tuple[Question, ...]:
    """What the sections ask for, in their order."""
    return (
        question(lifecycle.counts, page.filters, period=choices.period),
        question(stickiness.ratios, page.filters),
        question(stickiness.days_active, page.filters, period=_length()),
    )


def show(page: Page, choices: Asked) -> None:
    """All three sections."""
    _parts(page, choices)
    _ratios(page)
    _days(page)


def _parts(page: Page, choices: Asked) -> None:
    noun = choices.noun
    frame = ask(lifecycle.counts, page.filters, period=choices.period)
    starts = frame["period_start"].to_list()
    whole = are_whole(starts, noun, page.filters.start, last_whole_day(page))
    marked = marks.marks_of(page, starts, choices.period)
    draw(
        page,
        f"Users per {noun}: new, returning, resurrected, dormant",
        frame,
        lambda: marks.draw(
            retention_charts.lifecycle(frame, noun, whole), marked, starts, choices.period
        ),
        {
            "period_start": Column("From", write=format.day, width=110),
            "new_count": Column("New", **COUNT, width=100),
            "returning_count": Column("Returning", **COUNT, width=100),
            "resurrected_count": Column("Resurrected", **COUNT, width=100),
            "dormant_count": Column("Dormant", **COUNT, width=100),
        },
        key="lifecycle",
        query="lifecycle.counts",
        says=PARTS.format(noun=noun),
        code=notebook.lines(lifecycle.counts, page.filters, period=choices.period),
        alt=f"Users of each {noun} as bars: new, returning and resurrected up, dormant down",
        note=marks.noted(_last_note(frame, whole, noun), marked),
        empty="No day of the period has begun.",
    )
    if not frame.is_empty():
        st.html(retention_charts.legend())


def _last_note(frame: pl.DataFrame, whole: list[bool], noun: str) -> str:
    """What the last whole period was, and that others are not."""
    done = [row for row, is_done in zip(frame.iter_rows(named=True), whole, strict=True) if is_done]
    cut = "" if all(whole) else f" A hatched {noun} is cut short, by the period or by now."
    if not done:
        return f"No {noun} is whole yet.{cut}"
    last: dict[str, Any] = done[-1]
    users = last["new_count"] + last["returning_count"] + last["resurrected_count"]
    return (
        f"Of {format.plural(users, 'user')} in the {noun} from {format.day(last['period_start'])}, "
        f"{format.count(last['new_count'])} were new and "
        f"{format.count(last['resurrected_count'])} resurrected; "
        f"{format.count(last['dormant_count'])} of the {noun} before did not come.{cut}"
    )


def _ratios(page: Page) -> None:
    frame = ask(stickiness.ratios, page.filters)
    days = frame["date"].to_list()
    marked = marks.marks_of(page, days)
    draw(
        page,
        "Share of a month's and a week's users that a day has",
        frame,
        lambda: marks.draw(
            retention_charts.lines(_by_ratio(frame, page.first_day), dates="day"),
            marked,
            days,
            "day",
        ),
        {
            "date": Column("Day", write=format.day, width=110),
            "dau": Column("DAU", **COUNT, width=80),
            "wau": Column("WAU", **COUNT, width=80),
            "mau": Column("MAU", **COUNT, width=80),
            "dau_mau": Column("DAU of MAU", write=format.share, width=110),
            "dau_wau": Column("DAU of WAU", write=format.share, width=110),
        },
        key="ratios",
        query="stickiness.ratios",
        says=RATIOS,
        code=notebook.lines(stickiness.ratios, page.filters),
        alt="Share of the users of 28 and of 7 days that each day has, as two lines",
        note=marks.note(marked),
        small="mau",
        empty="No day of the period has begun.",
    )


def _by_ratio(
    frame: pl.DataFrame, first_day: date
) -> dict[str, tuple[list[Any], list[float | None], list[str]]]:
    """A line of each ratio, from the first day on whose week or month the data has all days of."""
    series = {}
    for name, column, of, days in (
        ("DAU / WAU", "dau_wau", "wau", stickiness.DAYS["week"]),
        ("DAU / MAU", "dau_mau", "mau", stickiness.DAYS["month"]),
    ):
        known_from = first_day + timedelta(days=days - 1)
        rows = [row for row in frame.iter_rows(named=True) if row["date"] >= known_from]
        series[name] = (
            [row["date"] for row in rows],
            [row[column] for row in rows],
            [
                f"{name} <b>{format.share(row[column])}</b> "
                f"({format.count(row['dau'])} of {format.count(row[of])})"
                for row in rows
            ],
        )
    return series


def _length() -> str:
    return chosen("of", LENGTHS, "week")


def _days(page: Page) -> None:
    length = _length()
    days = stickiness.DAYS[length]
    frame = ask(stickiness.days_active, page.filters, period=length)
    draw(
        page,
        f"Users by days active, L{days}",
        frame,
        lambda: retention_charts.days_active(frame, days),
        {
            "days": Column("Days", **COUNT, width=90),
            "user_count": Column("Users", **COUNT, width=90),
        },
        key="days_active",
        query="stickiness.days_active",
        says=DAYS.format(days=days),
        code=notebook.lines(stickiness.days_active, page.filters, period=length),
        alt=f"Users by how many of the last {days} days they were there on, as bars",
        control=lambda: switch("Last days", "of", LENGTHS, "week"),
        empty=f"Nobody was there in the last {days} days of the period.",
    )
