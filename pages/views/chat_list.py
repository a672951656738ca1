"""The chats of the period, newest or longest first; each opens as a conversation.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import chat_asked, format, notebook, sections
from pages.ui.ask import Question, ask, ask_once, question
from pages.ui.controls import chosen, href, pages_of, switch
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from pages.ui.tables import show as show_table
from pages.ui.visitor import may_see_people
from warehouse.metrics import chat

if TYPE_CHECKING:
    import polars as pl

ORDERS = {"newest": "Newest", "longest": "Longest"}
SIZE = 25
SAYS = (
    "Chats that began in sessions of the filters, with all their visits. A session that names no "
    "chat is one. Turns are prompts; the time is from the first to the last prompt or answer."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the list asks for, when it opens."""
    return (question(chat.chats, page.filters, limit=SIZE, **_ordered()),)


def _ordered() -> dict[str, bool]:
    return {"longest_first": True} if chosen("order", ORDERS, "newest") == "longest" else {}


def show(page: Page) -> None:
    """The list, a page at a time."""
    # The length of chats says how many there are.
    name = chat_asked.ends_by() or "model"
    total = int(ask(chat.lengths, page.filters, by=name)["chat_count"].sum())
    sections.head(
        format.plural(total, "chat"),
        key="chats",
        page=page,
        query="chat.chats",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(chat.chats, page.filters, **_ordered()),
        parts=chat_asked.chat_parts(page.filters),
        frame=lambda: ask_once(chat.chats, page.filters, **_ordered()),
        file=sections.file_name(page, "chats"),
        files=chat_asked.FILES,
        extra=lambda: switch("Order", "order", ORDERS, "newest"),
    )
    if not total:
        st.caption("No chat began in these sessions: what is told above is of earlier ones.")
        return
    place = st.container()
    at = pages_of(total, SIZE)
    offset = {"offset": at * SIZE} if at else {}
    frame = ask(chat.chats, page.filters, limit=SIZE, **offset, **_ordered())
    with place:
        show_table(
            written(frame, page),
            COLUMNS,
            key="table_chats",
            alt="Chats of the period",
            link=address,
            height=640,
        )
    opens = "A row opens its conversation. " if may_see_people() else ""
    st.caption(f"{opens}Times are in {page.zone}.")


COLUMNS = {
    "began": Column("Began", help="Of the first prompt or answer"),
    "user_id": Column("User"),
    "group": Column("Model", wide=True),
    "turns": Column("Turns", **COUNT, help="Prompts"),
    "response_count": Column("Answers", **COUNT, wide=True),
    "duration_seconds": Column("Time", **SPAN),
    "visit_count": Column("Visits", **COUNT, wide=True),
    "error_count": Column("Errors", **COUNT, wide=True),
    "state": Column("", help="Open: may still go on", wide=True),
}


def written(frame: pl.DataFrame, page: Page) -> pl.DataFrame:
    """The chats as they are read."""
    import polars as pl

    return frame.with_columns(
        began=pl.Series([page.clock(start) for start in frame["start_time"]], dtype=pl.String),
        group=pl.coalesce("model", "model_group"),
        state=pl.when("is_open").then(pl.lit("open")).otherwise(pl.lit("")),
    )


def address(row: dict[str, Any]) -> str:
    """Address of a conversation: a chat of a user, or of the session that names none."""
    if row["chat_id"] is None:
        return href(session=row["session_id"], chat=None, user=None, page=None)
    return href(chat=row["chat_id"], user=row["user_id"], session=None, page=None)
