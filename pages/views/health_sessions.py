"""Sessions and users that are worth a second look. Never computes a metric."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from pages.ui import charts, drill, format, marks, measures, notebook, sections
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, switch
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.filters import Filters
from warehouse.metrics import health, normal

DAYS = 90
MOST_PAIRS = 20
ORDERS = {"event_count": "By events", "session_count": "By sessions"}
NORMAL_SAYS = (
    "Sessions a day, bots left out, in the last 90 days of the data. Normal is the mean of the "
    "eight same weekdays before, two standard deviations less and more. A day below it may be an "
    "outage, one above it a campaign or a bot."
)
UNUSUAL_SAYS = (
    "Of all days of the build. Sessions over 24 h are mostly a page that was left open: they "
    "count, but not in durations. Sessions of 0 s have one moment; many of them hint at events "
    "that were lost. Bots are left out of all other numbers."
)
HEAVY_SAYS = (
    "Users with the most events, or sessions, of all days; bots are among them. One user with a "
    "large share is often a machine, a shared account, or an id such as *null* that many have."
)
UNJOINED_SAYS = (
    "Two ids were seen on the same events, which makes them one person elsewhere. Here both log in "
    "by themselves too, so each stays a person of its own: they may be two people on one device. "
    "Events are those that carry both ids."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    return (
        question(normal.band, _filters(page)),
        question(health.unusual),
        question(health.heaviest, order_by=chosen("health_order", ORDERS, "event_count")),
        question(health.unjoined),
    )


def show(page: Page) -> None:
    """Sessions a day beside what is normal, odd ones, heavy users, and ids that stay apart."""
    _normal(page)
    _unusual(page)
    _heaviest(page)
    _unjoined(page)


def _filters(page: Page) -> Filters:
    """The last days of the data."""
    last = current_warehouse().as_of_date or page.last_day
    return Filters(start=max(last - timedelta(days=DAYS - 1), page.first_day), end=last)


def _normal(page: Page) -> None:
    import polars as pl

    filters = _filters(page)
    frame = ask(normal.band, filters)
    rows = frame.filter(pl.col("session_count").is_not_null()).with_columns(
        value=pl.col("session_count"),
        low=pl.col("session_count_low"),
        high=pl.col("session_count_high"),
        previous_value=pl.lit(None, pl.Float64),
    )
    days = rows["period_start"].to_list()
    marked = marks.marks_of(page, days, "day")
    below = rows.filter(pl.col("is_complete") & (pl.col("value") < pl.col("low"))).height
    above = rows.filter(pl.col("is_complete") & (pl.col("value") > pl.col("high"))).height
    draw(
        page,
        "Sessions a day beside what is normal",
        rows,
        lambda: marks.draw(
            charts.trend(rows, measures.metric("session_count"), before=""), marked, days, "day"
        ),
        {
            "period_start": Column("Day", write=format.day, width=130),
            "value": Column("Sessions", **COUNT, width=100),
            "low": Column("Normal from", **COUNT, width=110),
            "high": Column("to", **COUNT, width=100),
        },
        key="normal",
        query="normal.band",
        says=NORMAL_SAYS,
        code=notebook.lines(normal.band, filters),
        filters=filters,
        saved=frame,
        files=tuple(sections.FILES),
        alt="Sessions on each of the last 90 days, with the band of what is normal",
        note=marks.noted(
            f"{format.plural(below, 'day')} below the band, {above} above it.", marked
        ),
        empty="No session in the last 90 days of the data.",
    )


def _unusual(page: Page) -> None:
    import polars as pl

    row = ask(health.unusual).row(0, named=True)
    sessions = row["session_count"]
    every = sessions + row["bot_session_count"]
    lines = (
        ("Sessions over 24 h", "suspect_count", sessions),
        ("Sessions of 0 s", "zero_second_count", sessions),
        ("Sessions of one event", "one_event_count", sessions),
        ("Sessions of bots, left out", "bot_session_count", every),
        ("Users with one event in all", "one_event_user_count", row["user_count"]),
    )
    frame = pl.DataFrame(
        [
            {
                "what": words,
                "count": row[name],
                "share": _share(row[name], whole),
            }
            for words, name, whole in lines
        ],
        schema={"what": pl.String, "count": pl.Int64, "share": pl.Float64},
    )
    sections.head(
        "Worth a second look",
        key="unusual",
        page=page,
        query="health.unusual",
        says=UNUSUAL_SAYS,
        code=notebook.lines(health.unusual),
        frame=lambda: frame,
        file="dwell_unusual_sessions",
        files=tuple(sections.FILES),
    )
    show_table(
        frame,
        {
            "what": Column("Sessions and users"),
            "count": Column("Number", **COUNT),
            "share": Column("Share", bar=True, help="Of all sessions, or of all users"),
        },
        key="table_unusual",
        alt="Sessions and users that are worth a second look",
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _heaviest(page: Page) -> None:
    order = chosen("health_order", ORDERS, "event_count")
    frame = ask(health.heaviest, order_by=order)
    sections.head(
        "Heaviest users",
        key="heaviest",
        page=page,
        query="health.heaviest",
        says=HEAVY_SAYS,
        code=notebook.lines(health.heaviest, order_by=order),
        frame=lambda: frame,
        file="dwell_heaviest_users",
        files=tuple(sections.FILES),
        extra=lambda: switch("Order", "health_order", ORDERS, "event_count"),
    )
    show_table(
        frame,
        {
            "user_id": Column("User"),
            "is_bot": Column("Bot", write=lambda is_bot: "bot" if is_bot else ""),
            "event_count": Column("Events", **COUNT),
            "event_share": Column("Of all events", write=format.share),
            "session_count": Column("Sessions", **COUNT),
            "session_share": Column("Of all sessions", write=format.share, wide=True),
            "active_day_count": Column("Days active", **COUNT, wide=True),
            "last_event_time": Column("Last seen", write=page.clock, wide=True),
        },
        key="table_heaviest",
        alt="Users with the most events or sessions",
        link=lambda row: _user(page, row["user_id"]),
    )


def _user(page: Page, user_id: Any) -> str:
    return drill.to(drill.USERS, page.choice, user=str(user_id))


def _unjoined(page: Page) -> None:
    frame = ask(health.unjoined)
    sections.head(
        "Ids that were seen as one and stay two",
        key="unjoined",
        page=page,
        query="health.unjoined",
        says=UNJOINED_SAYS,
        code=notebook.lines(health.unjoined),
        frame=(lambda: frame) if frame.height else None,
        file="dwell_unjoined_ids",
        files=tuple(sections.FILES),
    )
    if frame.is_empty():
        st.caption("None: no id that logs in by itself was seen as the anonymous id of another.")
        return
    show_table(
        frame.head(MOST_PAIRS),
        {
            "anonymous_id": Column("Id that stays itself"),
            "user_id": Column("Seen with"),
            "source": Column("Source", wide=True),
            "event_count": Column("Events with both", **COUNT),
            "last_time": Column("Last", write=page.clock, wide=True),
        },
        key="table_unjoined",
        alt="Pairs of ids that were seen as one and stay two persons",
        link=lambda row: _user(page, row["anonymous_id"]),
    )
    if frame.height > MOST_PAIRS:
        st.caption(f"{MOST_PAIRS} of {format.plural(frame.height, 'pair')}; the files have all.")
