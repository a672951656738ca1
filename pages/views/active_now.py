"""The parts of Active now. Never computes a metric; ages are of the clock on the wall."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import activity_chart, cards, charts, drill, format, sections
from pages.ui.ask import newest_build
from pages.ui.cards import Card
from pages.ui.controls import pages_of
from pages.ui.empty import clear_filters
from pages.ui.frame import Page
from pages.ui.header import utc_now
from pages.ui.ordering import Order, order_of
from pages.ui.tables import COUNT, SPAN, Column, show
from pages.ui.visitor import may_see_people
from pages.views import active_now_live
from warehouse.metrics import active

if TYPE_CHECKING:
    import polars as pl

    from warehouse.live.live import Seen

# The live tier's own reach: beyond it, nobody in the data can be called active now.
CURRENT = timedelta(minutes=5)
REFRESH_SECONDS, LIVE_SECONDS = 10, 1
# Of the visit: whether a collector writes into the home.
_IS_LIVE = "is_live"
ORANGE = ":orange[\u25cf]"
METRICS = ("live_user_count", "open_user_count")
PAGE_SIZE = 100
ORDERS = (
    *("user_id", "tier", "idle_seconds", "start_time", "duration_seconds", "exit_page"),
    *("action_count", "error_count", "device_type", "model_group", "session_number"),
)
SESSION_METRICS = ("live_session_count", "open_session_count")


def is_current(page: Page) -> bool:
    """Whether the data is young enough to speak of now."""
    return utc_now() - page.as_of <= CURRENT


def look(page: Page) -> tuple[Page, Seen | None]:
    """The page as of now, and what the collector took since its build, if there is one."""
    seen = active_now_live.look(page)
    st.session_state[_IS_LIVE] = seen is not None
    return active_now_live.seen_at(page, seen), seen


def state(page: Page, every: int | None, seen: Seen | None = None) -> None:
    """How old the data is and where it comes from, in words, beside the pause toggle."""
    age = format.age(page.as_of, utc_now())
    at = page.clock(page.as_of)
    source = active_now_live.source(page, seen)
    with st.container(
        key="state",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        if is_current(page):
            st.markdown(
                f"{source} Data as of **{at}** ({page.zone}), {age} old.".lstrip(), width="content"
            )
        else:
            st.markdown(
                f"{source or ORANGE} **Data is {age} old**: this is who was active at "
                f"{at} ({page.zone}).",
                width="content",
            )
        pause_toggle(every)


def tiers(page: Page, seen: Seen | None = None) -> None:
    """Users and sessions of the live tier and of the open tier."""
    totals = active_now_live.answer(page, seen, active.totals).row(0, named=True)
    cards.draw(
        [
            Card(label, format.count(totals[name]), help=sections.definition(name))
            for name, label in (
                ("live_user_count", "Live users"),
                ("live_session_count", "Live sessions"),
                ("open_user_count", "Open users"),
                ("open_session_count", "Open sessions"),
            )
        ]
    )
    with st.container(key="head_tiers", horizontal=True, horizontal_alignment="right"):
        sections.how((*METRICS, *SESSION_METRICS), "active.totals", page.filters, key="tiers")


def last_hours(page: Page, seen: Seen | None = None) -> None:
    """Users per five minutes of the last two hours of data."""
    buckets = active_now_live.answer(page, seen, active.activity)
    sections.head(
        "Users in the last 2 hours, per 5 minutes"
        if is_current(page)
        else "Users in the 2 hours before, per 5 minutes",
        key="activity",
        page=page,
        frame=lambda: buckets,
        file=f"dwell_activity_{page.as_of:%Y-%m-%d_%H%M}",
    )
    st.plotly_chart(
        activity_chart.activity(buckets, page.zone),
        key="activity",
        theme=None,
        config=charts.CONFIG,
        alt="Users per five minutes over two hours, up to the newest event",
    )


def open_sessions(page: Page, seen: Seen | None = None) -> None:
    """Open sessions, last activity first unless ordered otherwise; each opens its user."""
    frame = active_now_live.answer(page, seen, active.sessions)
    sections.head(
        "Open sessions",
        key="open",
        page=page,
        metrics=METRICS,
        query="active.sessions",
        filters=page.filters,
        frame=lambda: frame,
        file=f"dwell_open_sessions_{page.as_of:%Y-%m-%d_%H%M}",
    )
    import polars as pl

    if frame.is_empty():
        st.info(
            f"Nobody was in a session at {page.clock(page.as_of)}"
            f"{' with these filters' if page.choice.is_narrowed else ''}."
        )
        if page.choice.is_narrowed:
            clear_filters(page.choice)
        return
    order = order_of(ORDERS, "idle_seconds", usual="up")
    place = st.container()
    at = pages_of(frame.height, PAGE_SIZE)
    told = frame.with_columns(
        tier=pl.when(pl.col("is_live")).then(pl.lit("live")).otherwise(pl.lit("open"))
    )
    with place:
        _open_table(page, order.applied(told).slice(at * PAGE_SIZE, PAGE_SIZE), order)


def _open_table(page: Page, frame: pl.DataFrame, order: Order) -> None:
    show(
        frame,
        {
            "user_id": Column("User"),
            "tier": Column("Tier"),
            "idle_seconds": Column(
                "Silent for",
                **SPAN,
                help="From the last activity to the newest event of the data",
            ),
            "start_time": Column(
                "Started", write=lambda at: f"{format.local(at, page.zone):%H:%M:%S}"
            ),
            "duration_seconds": Column("Duration", **SPAN),
            "exit_page": Column("Page", wide=True),
            "action_count": Column("Actions", **COUNT, wide=True),
            "error_count": Column("Errors", **COUNT, wide=True),
            "device_type": Column("Device", wide=True),
            "model_group": Column("Model", wide=True),
            "session_number": Column("Session", **COUNT, wide=True, help="1 is the user's first"),
        },
        key="table_open",
        alt="Open sessions",
        link=lambda row: drill.session_address(page.choice, row),
        order=order,
    )
    if may_see_people():
        st.caption(
            "A row opens its session, a column's name orders the whole list. What was collected "
            "since the build opens with the next one."
        )
    else:
        st.caption("A column's name orders the whole list. Who it is, is for analysts.")


def refresh_every() -> int | None:
    """Seconds between two looks at the data; None while paused."""
    if st.session_state.get("pause"):
        return None
    return LIVE_SECONDS if st.session_state.get(_IS_LIVE) else REFRESH_SECONDS


def pause_toggle(every: int | None) -> None:
    """Toggle that stops the page from looking again by itself."""
    seconds = LIVE_SECONDS if st.session_state.get(_IS_LIVE) else REFRESH_SECONDS
    st.toggle("Pause", key="pause", help=f"Looks again every {seconds} s")
    # The clock of a fragment is set when the whole page runs.
    if refresh_every() != every:
        st.rerun()


def rerun_on_new_build(page: Page) -> None:
    """Draws the whole page again when a newer build was published, and the address names none."""
    if page.choice.view.build is None and newest_build() != page.build:
        st.rerun()
