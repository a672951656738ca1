"""Engagement: bounces as others count them, when and how often users come, and time away.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import (
    drill,
    drill_metrics,
    drill_parts,
    engagement_charts,
    format,
    notebook,
    sections,
)
from pages.ui.ask import ask
from pages.ui.chart_section import draw
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.metrics import engagement, overview

if TYPE_CHECKING:
    import polars as pl

# Name and what a bounce is, in the words of docs/definitions.md; Dwell's own goes by the settings
# of the build.
PRESETS = {
    "dwell": ("Dwell", ""),
    "ga4": ("Google Analytics 4", "10 s at most, and no second page view"),
    "plausible": ("Plausible", "one action at most, however long"),
    "matomo": ("Matomo", "one page view, and no other action"),
    "posthog": (
        "PostHog",
        "one page view, no other action, shorter than 10 s; of sessions that have a page view",
    ),
}
BOUNCES = (
    "The same finished sessions, by the definitions of others. Google Analytics calls the rest "
    "engaged; key events, which it counts too, are not known here."
)
WEEK = (
    "Sessions that began in this hour of the local day, for each such weekday of the period: a "
    "period of nine days has one weekday or two of each. Hours without sessions count 0."
)
USERS = (
    "Users by how many sessions they began in the period. A user whom the period cuts in two has "
    "fewer here than ever."
)
AWAY = (
    "Both means are of the same sessions. What is not engaged time is time away: the part of each "
    "pause that counts no more. Sessions of one event count as 0 s in both."
)


def bounces(page: Page) -> None:
    """The bounce rate by five definitions, side by side."""
    frame = ask(engagement.bounce_presets, page.filters)
    sections.head(
        "Bounces as others count them",
        key="bounces",
        page=page,
        metrics=("bounce_rate",),
        query="engagement.bounce_presets",
        code=notebook.lines(engagement.bounce_presets, page.filters),
        filters=page.filters,
        says=BOUNCES,
        frame=lambda: frame,
        file=sections.file_name(page, "bounces"),
    )
    show_table(
        worded(frame, sections.definition("bounce_rate") or ""),
        {
            "name": Column("As counted by"),
            "bounce_rate": Column("Bounce rate", write=format.share),
            "session_count": Column(
                "Sessions", **COUNT, wide=True, help="Finished sessions that the rate is of"
            ),
            "meaning": Column("A bounce is", wraps=True),
        },
        key="table_bounces",
        alt="Bounce rate by the definitions of Dwell, GA4, Plausible, Matomo and PostHog",
        small="session_count",
        link=lambda row: drill.to(
            drill.SESSIONS, drill_metrics.bounces(page.choice, row["preset"])
        ),
    )


def worded(frame: pl.DataFrame, own: str) -> pl.DataFrame:
    """The presets with their names, and what each takes for a bounce; `own` defines Dwell's."""
    import polars as pl

    first = own.partition(". ")[0].removeprefix("Share of finished sessions ")
    meanings = {word: meaning or first for word, (_, meaning) in PRESETS.items()}
    names = {word: name for word, (name, _) in PRESETS.items()}
    return frame.with_columns(
        name=pl.col("preset").replace_strict(names),
        meaning=pl.col("preset").replace_strict(meanings),
    )


def week(page: Page) -> None:
    """When sessions begin, by local hour and weekday."""
    frame = ask(engagement.hour_by_weekday, page.filters)
    draw(
        page,
        f"Sessions by hour and weekday, in {page.zone}",
        frame,
        lambda: engagement_charts.week(frame),
        {
            "weekday": Column(
                "Weekday", write=lambda number: engagement_charts.WEEKDAYS[number - 1], width=110
            ),
            "hour": Column("Hour", write=lambda hour: f"{hour:02}:00", width=80),
            "session_count": Column("Sessions", **COUNT, width=90),
            "weekday_count": Column("Days", **COUNT, width=80, help="Such weekdays in the period"),
            "sessions_per_weekday": Column(
                "Per day", write=format.number, width=90, help="Sessions for each such weekday"
            ),
        },
        key="week",
        query="engagement.hour_by_weekday",
        code=notebook.lines(engagement.hour_by_weekday, page.filters),
        says=WEEK,
        alt=f"Sessions per weekday by hour of the start in {page.zone}: stronger is more",
        note=week_note(frame),
        parts=drill_parts.hours(page, frame),
    )


def week_note(frame: pl.DataFrame) -> str:
    """What the strongest cell stands for."""
    rows = [row for row in frame.iter_rows(named=True) if row["weekday_count"]]
    if not rows:
        return ""
    # The first of several: rows come by weekday and hour.
    busiest: dict[str, Any] = max(rows, key=lambda row: row["sessions_per_weekday"])
    day = engagement_charts.WEEKDAYS[busiest["weekday"] - 1]
    return (
        f"Most sessions begin on {engagement_charts.hour_of_week(busiest)}: "
        f"{format.number(busiest['sessions_per_weekday'])} a {day}, the strongest cell."
    )


def users(page: Page) -> None:
    """How many users had how many sessions."""
    frame = ask(engagement.sessions_per_user, page.filters)
    draw(
        page,
        "Users by their number of sessions",
        frame,
        lambda: engagement_charts.users(frame),
        {
            "session_count": Column("Sessions", **COUNT, width=90),
            "user_count": Column("Users", **COUNT, width=90),
        },
        key="sessions_per_user",
        query="engagement.sessions_per_user",
        code=notebook.lines(engagement.sessions_per_user, page.filters),
        says=USERS,
        alt="Users by how many sessions they had in the period, from 1 to 10 or more",
    )


def active_or_away(page: Page) -> None:
    """Engaged and idle time of a session, as one sentence."""
    frame = ask(overview.totals, page.filters)
    sections.head(
        "Active or away",
        key="active_or_away",
        page=page,
        metrics=("avg_engaged_seconds", "avg_duration_seconds"),
        query="overview.totals",
        code=notebook.lines(overview.totals, page.filters),
        filters=page.filters,
        says=AWAY,
        frame=lambda: frame,
        file=sections.file_name(page, "totals"),
    )
    st.markdown(away_note(frame.row(0, named=True)))


def away_note(totals: dict[str, Any]) -> str:
    """The mean session in words, and how much of it was no engaged time."""
    whole, engaged = totals["avg_duration_seconds"], totals["avg_engaged_seconds"]
    if whole is None or engaged is None:
        return "No session here has a length: all of them are suspect."
    return (
        f"A session lasts **{format.duration(whole)}** on average: the user is active for "
        f"**{format.duration(engaged)}** of it and away for "
        f"**{format.duration(max(whole - engaged, 0.0))}**."
    )
