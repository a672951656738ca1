"""The list of users. Never computes a metric."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, sections
from pages.ui.ask import ask
from pages.ui.controls import go, pages_of, pick, search
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column, metric_column, show
from warehouse.metrics import users

PAGE_SIZE = 100
ORDERS = {
    "last_event_time": "Last seen",
    "first_event_time": "First seen",
    "session_count": "Sessions",
    "active_day_count": "Active days",
    "median_duration_seconds": "Median duration",
    "avg_duration_seconds": "Average duration",
    "action_count": "Actions",
    "error_count": "Errors",
    "user_id": "User id",
}
DIRECTIONS = {"down": "descending", "up": "ascending"}
METRICS = ("user_count", "session_count", "avg_duration_seconds", "median_duration_seconds")


def listing(page: Page) -> None:
    """Users with a session in the period: searched, ordered and paged by the warehouse."""
    with st.container(horizontal=True, vertical_alignment="center", key="list_controls"):
        text = search("Search user ids", "q")
        order = pick("Order by", "sort", ORDERS, "last_event_time")
        direction = pick("Direction", "order", DIRECTIONS, "down")
    total = ask(users.count, page.filters, text or None)["user_count"][0]
    if not total and not text:
        explain_empty(page)
    query = {"order": order, "descending": direction == "down"}
    sections.head(
        format.plural(total, "user"),
        key="users",
        metrics=METRICS,
        query="users.listing",
        frame=lambda: ask(users.listing, page.filters, text or None, limit=total, **query),
        file=sections.file_name(page, "users"),
    )
    if not total:
        st.info(
            f"No user id contains '{format.plain(text)}' in this period and with these filters."
        )
        st.button("Clear the search", on_click=go, kwargs={"q": None})
        return
    with st.container(key="table_place"):
        place = st.container()
        at = pages_of(total, PAGE_SIZE)
    with place:
        _table(page, text, query, at)


def _table(page: Page, text: str, query: dict[str, object], at: int) -> None:
    frame = ask(
        users.listing,
        page.filters,
        text or None,
        limit=PAGE_SIZE,
        offset=at * PAGE_SIZE,
        **query,
    )
    show(
        frame,
        {
            "user_id": Column("User", width=150),
            "pattern": Column("Pattern", write=format.named, width=104),
            "session_count": metric_column("session_count", width=70),
            "active_day_count": Column(
                "Days", **COUNT, width=50, help="Days with at least one event"
            ),
            "median_duration_seconds": metric_column("median_duration_seconds", width=74),
            "avg_duration_seconds": metric_column("avg_duration_seconds", width=76),
            "action_count": Column("Actions", **COUNT, width=64),
            "error_count": Column("Errors", **COUNT, width=54),
            "device_type": Column("Device", width=72),
            "last_event_time": Column("Last seen", write=page.clock, width=139),
            "first_event_time": Column("First seen", write=page.clock, width=139),
        },
        key="table_users",
        alt="Users with a session in the period",
        on_pick=lambda at: go(user=frame["user_id"][at]),
    )
    st.caption(
        "Select a row to open the user. Counts and durations are of the period; first and "
        f"last seen are of all time, in {page.zone}."
    )
