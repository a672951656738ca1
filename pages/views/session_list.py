"""The list of sessions. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, notebook, sections
from pages.ui.ask import ask
from pages.ui.controls import go, pages_of, search
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.ordering import Order, order_of
from pages.ui.tables import Column, show
from pages.views import session_columns
from warehouse.metrics import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

PAGE_SIZE = 100
TABLE_HEIGHT = 640
SAYS = (
    "Sessions that began on a day of the period and that the filters take, as the other pages "
    "count them. The search looks into the ids of session and user, and the first and last page."
)


def listing(page: Page) -> None:
    """Sessions of the period: searched, ordered and paged by the warehouse."""
    with st.container(horizontal=True, vertical_alignment="center", key="list_controls"):
        text = search("Search ids, entry and exit pages", "q")
        columns = session_columns.pick(page)
    total = ask(sessions.count, page.filters, text=text or None)["session_count"][0]
    if not total and not text:
        explain_empty(page)
    order = order_of(sessions.ORDERS, "start_time")
    query: dict[str, Any] = {
        "text": text or None,
        "order_by": order.column,
        "descending": order.descending,
    }
    sections.head(
        format.plural(total, "session"),
        key="session_list",
        page=page,
        metrics=("session_count",),
        query="sessions.search",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(sessions.search, page.filters, **query),
        frame=lambda: ask(sessions.search, page.filters, limit=total, **query),
        file=sections.file_name(page, "sessions"),
    )
    if not total:
        st.info(
            f"No session with '{format.plain(text)}' in its ids, entry or exit page in this "
            "period and with these filters."
        )
        st.button("Clear the search", on_click=go, kwargs={"q": None})
        return
    with st.container(key="table_place"):
        place = st.container()
        at = pages_of(total, PAGE_SIZE)
    frame = ask(sessions.search, page.filters, limit=PAGE_SIZE, offset=at * PAGE_SIZE, **query)
    with place:
        _table(page, frame, columns, order)


def _table(page: Page, frame: pl.DataFrame, columns: Mapping[str, Column], order: Order) -> None:
    show(
        session_columns.written(frame),
        columns,
        key="table_session_list",
        alt="Sessions of the period",
        link=lambda row: drill.session_address(page.choice, row),
        order=order,
        height=TABLE_HEIGHT,
    )
    hidden = [each.label for each in session_columns.own_dimensions() if each.name not in columns]
    more = f"Behind Columns: {format.plain(format.listed(hidden, most=3))}. " if hidden else ""
    st.caption(
        "A row opens its session among those of its user, a column's name orders the whole list. "
        f"{more}Times are in {page.zone}; the file has all columns, with times in UTC."
    )
