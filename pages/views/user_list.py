"""The list of users. Never computes a metric."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, notebook, sections
from pages.ui.ask import ask, ask_once
from pages.ui.controls import go, href, pages_of, search
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.ordering import Order, order_of
from pages.ui.tables import COUNT, Column, metric_column, show
from pages.views.session_columns import short_clock
from pages.views.user_profile import reasons
from warehouse.metrics import users

if TYPE_CHECKING:
    import polars as pl

PAGE_SIZE = 100
TABLE_HEIGHT = 640
METRICS = ("user_count", "session_count", "avg_duration_seconds", "median_duration_seconds")
# What a list of users is narrowed by.
AT_HAND = {
    "user_pattern": "Pattern",
    "user_session_count": "Sessions",
    "is_new_user": "First session",
    "cohort_month": "First seen",
}


def listing(page: Page) -> None:
    """Users with a session in the period: searched, ordered and paged by the warehouse."""
    with st.container(horizontal=True, vertical_alignment="center", key="list_controls"):
        text = search("Search user ids", "q")
    total = ask(users.count, page.filters, text or None)["user_count"][0]
    if not total and not text:
        explain_empty(page)
    order = order_of(users.ORDERS, "last_event_time")
    query: dict[str, object] = {"order": order.column, "descending": order.descending}
    sections.head(
        format.plural(total, "user"),
        key="users",
        page=page,
        metrics=METRICS,
        query="users.listing",
        filters=page.filters,
        code=notebook.lines(users.listing, page.filters, text or None, **query),
        frame=lambda: ask_once(users.listing, page.filters, text or None, limit=None, **query),
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
        _table(page, text, order, at)


def _table(page: Page, text: str, order: Order, at: int) -> None:
    frame = ask(
        users.listing,
        page.filters,
        text or None,
        limit=PAGE_SIZE,
        offset=at * PAGE_SIZE,
        order=order.column,
        descending=order.descending,
    )
    show(
        frame.with_columns(_model_groups()),
        {
            "user_id": Column("User"),
            "pattern": Column("Pattern", write=format.named, wide=True, hint=reasons),
            "session_count": metric_column("session_count"),
            "active_day_count": Column(
                "Days", **COUNT, wide=True, help="Days with at least one event"
            ),
            "median_duration_seconds": metric_column("median_duration_seconds"),
            "avg_duration_seconds": metric_column("avg_duration_seconds", wide=True),
            "action_count": Column("Actions", **COUNT, wide=True),
            "error_count": Column("Errors", **COUNT, wide=True),
            "device_type": Column("Device", wide=True),
            "model_groups": Column(
                "Model", wide=True, help="Group of the first session that tells one, and the last"
            ),
            "last_event_time": Column("Last seen", write=partial(short_clock, page)),
            "first_event_time": Column("First seen", write=partial(short_clock, page), wide=True),
        },
        key="table_users",
        alt="Users with a session in the period",
        link=lambda row: href(user=row["user_id"], session=None, day=None),
        order=order,
        height=TABLE_HEIGHT,
    )
    st.caption(
        "A row opens its user, a column's name orders the whole list; point at a pattern to see "
        "what it was told by. Counts and durations are of the period; models, first and "
        f"last seen are of all time, in {page.zone}."
    )


def _model_groups() -> pl.Expr:
    """The first and the last model group of a user, as one text where they are one."""
    import polars as pl

    first, last = pl.col("first_model_group"), pl.col("last_model_group")
    both = pl.concat_str([first, last], separator=" \u2192 ")
    return pl.when(first == last).then(last).otherwise(both).alias("model_groups")
