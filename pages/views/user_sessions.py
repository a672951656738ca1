"""The list of one user's sessions, ordered and paged by the warehouse. Never computes a metric."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import charts, drill, format, sections
from pages.ui.ask import ask, ask_once
from pages.ui.controls import pages_of
from pages.ui.frame import Page
from pages.ui.ordering import order_of
from pages.ui.tables import COUNT, SPAN, Column, show
from warehouse.metrics import users

PAGE_SIZE = 50


def listing(page: Page, user_id: str, event: str | None, chosen: str | None) -> None:
    """All sessions of the user, or those with an event of the type, a page of them at a time."""
    import polars as pl

    total = int(ask(users.days, user_id, event=event)["session_count"].sum())
    order = order_of(users.SESSION_ORDERS, "start_time", "session", paged_by="part")
    query: dict[str, Any] = {
        "event": event,
        "order": order.column,
        "descending": order.descending,
    }
    sections.head(
        format.plural(total, "session") + (f" with {format.plain(event)}" if event else ""),
        key="sessions",
        page=page,
        metrics=("session_count", "median_duration_seconds", "bounce_rate"),
        query="users.sessions",
        frame=lambda: ask_once(users.sessions, user_id, **query),
        file="dwell_sessions_of_user",
    )
    if not total:
        return
    place = st.container()
    at = pages_of(total, PAGE_SIZE, "part")
    frame = ask(users.sessions, user_id, limit=PAGE_SIZE, offset=at * PAGE_SIZE, **query)
    with place:
        show(
            frame.with_columns(pl.col("exit_reason").fill_null("still open")),
            {
                "start_time": Column("Start", write=page.clock),
                "duration_seconds": Column("Duration", **SPAN),
                "action_count": Column("Actions", **COUNT),
                "error_count": Column("Errors", **COUNT),
                "session_type": Column("Type", write=format.named),
                "exit_reason": Column("Ended by", wide=True),
            },
            key="table_sessions",
            alt="Sessions of this user",
            mark=lambda row: charts.highlight() if row["session_id"] == chosen else None,
            link=lambda row: drill.to(drill.SESSIONS, page.choice, session=row["session_id"]),
            order=order,
            height=560,
        )
    st.caption("A row opens its session.")
