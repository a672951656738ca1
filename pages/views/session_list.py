"""The list of sessions, searched by what happens in them. Never computes a metric."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, happened, notebook, sections, ways
from pages.ui.ask import ask, ask_once, current_warehouse
from pages.ui.controls import go, href, pages_of, search, switched
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.ordering import Order, order_of
from pages.ui.tables import Column, show
from pages.views import session_columns
from warehouse import typed_texts
from warehouse.metrics import sessions, users

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

PAGE_SIZE = 100
TABLE_HEIGHT = 640
# What a list of sessions is narrowed by.
AT_HAND = {
    "duration_seconds": "Duration",
    "error_count": "Errors",
    "exit_reason": "Ended by",
}
SAYS = (
    "Sessions that began on a day of the period and that the filters take, as the other pages "
    "count them. The steps are looked for in the order of each session's events. The text is "
    "looked for in the pages and the values of properties of all events, whatever its case; in "
    "what people typed and were answered only if that is switched on."
)
_SESSION_ID = re.compile(r"[0-9a-f]{15}-[0-9a-f]{16}")


def listing(page: Page) -> None:
    """Sessions of the period: searched, ordered and paged by the warehouse."""
    with st.container(horizontal=True, vertical_alignment="center", key="list_controls"):
        text = search("Search pages and properties", "q").strip()
        # Who may not see a text may not find out what is in it either.
        may_be = bool(text) and typed_texts.may_be_shown(current_warehouse().home)
        with_texts = may_be and switched("In typed texts too", "search_texts")
        columns = session_columns.pick(page)
    happened.draw(page)
    asked: dict[str, Any] = {"contains": happened.asked()}
    if text:
        asked |= {"text": text, "show_texts": with_texts}
    every = ask(sessions.count, page.filters)["session_count"][0]
    if not every:
        explain_empty(page)
    is_searched = any(asked.values())
    total = every
    if is_searched:
        with st.spinner("Looking through the events", show_time=True):
            total = ask(sessions.count, page.filters, **asked)["session_count"][0]
    order = order_of(sessions.ORDERS, "start_time")
    query = {**asked, "order_by": order.column, "descending": order.descending}
    sections.head(
        _title(total, every, is_searched=is_searched),
        key="session_list",
        page=page,
        metrics=("session_count",),
        query="sessions.search",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(sessions.search, page.filters, **query),
        frame=lambda: ask_once(sessions.search, page.filters, limit=None, **query),
        file=sections.file_name(page, "sessions"),
        files=("csv", "xlsx", "parquet"),
    )
    _by_id(page, text)
    if not total:
        _none_found(text, asked["contains"])
        return
    with st.container(key="table_place"):
        place = st.container()
        at = pages_of(total, PAGE_SIZE)
    frame = ask(sessions.search, page.filters, limit=PAGE_SIZE, offset=at * PAGE_SIZE, **query)
    with place:
        _table(page, frame, columns, order)


def _title(total: int, every: int, *, is_searched: bool) -> str:
    of = f"{format.count(total)} of " if is_searched else ""
    return of + format.plural(every, "session")


def _by_id(page: Page, text: str) -> None:
    """Where the text may be an id: the session, the user, or the users who have it in theirs."""
    links = {}
    if _SESSION_ID.fullmatch(text):
        links["Open the session of this id"] = drill.to(drill.SESSIONS, page.choice, session=text)
    elif text and ask(users.profile, text).height:
        links[f"All sessions of the user {text}"] = drill.to(drill.USERS, page.choice, user=text)
    elif text:
        count = ask(users.count, page.filters, text)["user_count"][0]
        if count:
            label = f"{format.plural(count, 'user')} with '{text}' in the id"
            links[label] = drill.to(drill.USERS, page.choice, q=text)
    if links:
        st.html(ways.line(links))


def _none_found(text: str, steps: tuple[str, ...]) -> None:
    asked = [happened.in_words(steps)] if steps else []
    asked += [f"has '{text}' in a page or property"] if text else []
    st.info(
        f"No session of this period and these filters {format.plain(' and '.join(asked))}. "
        "A longer period, or fewer steps, may find some."
    )
    cleared = {"q": None, happened.NAME: None}
    st.button("Clear the search", key="clear_search", on_click=go, kwargs=cleared)


def _table(page: Page, frame: pl.DataFrame, columns: Mapping[str, Column], order: Order) -> None:
    show(
        session_columns.written(frame),
        columns,
        key="table_session_list",
        alt="Sessions of the period",
        # With the list's own page and search, which the way back leads to.
        link=lambda row: href(session=row["session_id"]),
        order=order,
        height=TABLE_HEIGHT,
    )
    hidden = [each.label for each in session_columns.own_dimensions() if each.name not in columns]
    more = f"Behind Columns: {format.plain(format.listed(hidden, most=3))}. " if hidden else ""
    st.caption(
        "A row opens its session, a column's name orders the whole list. "
        f"{more}Times are in {page.zone}; the file has all columns, with times in UTC."
    )
