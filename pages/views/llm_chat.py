"""LLM chat: how quick answers are, and whether they are read, used or asked again.

Never computes a metric.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import streamlit as st

from pages.ui import cards, chat_cards, filter_row, format
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.empty import clear_filters, explain_empty
from pages.ui.frame import Page
from pages.views import chat_chain, chat_course, chat_list, chat_speed
from warehouse.filters import Filters
from warehouse.metrics import chat, compared, overview
from warehouse.query import has_table

STYLE = Path(__file__).parents[1] / "ui" / "chat.css"
TABLE = "chat_turns"
EXAMPLE = """\
{"user_id": "ada", "time": "2026-11-20T09:00:00Z", "event": "prompt", "chat_id": "c1", "text": "…"}
{"user_id": "ada", "time": "2026-11-20T09:00:02Z", "event": "model_response", "chat_id": "c1",
 "model": "lumen-2", "latency_ms": 1840, "response_length": 912}
{"user_id": "ada", "time": "2026-11-20T09:00:31Z", "event": "copy", "chat_id": "c1"}"""


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    if not is_told():
        return ()
    return (
        question(chat.totals, page.filters),
        question(overview.change, page.filters, compare=page.compare),
        *(question(chat.totals, days) for days in _compared_days(page) or ()),
        *chat_chain.asks(page),
        *chat_speed.asks(page),
        *chat_course.asks(page),
        *chat_list.asks(page),
    )


def is_told() -> bool:
    """Whether the build of the page knows of chats."""
    return has_table(current_warehouse(), TABLE)


def show(page: Page) -> None:
    """All sections of the page; when there is no turn of a chat, why."""
    st.html(STYLE)
    if not is_told():
        st.info(
            f"Build {page.build} was made before Dwell knew of chats. Run 'dwell build' to make "
            "one that does, then reload this page."
        )
        return
    totals = ask(chat.totals, page.filters).row(0, named=True)
    if not totals["turn_count"]:
        _explain_none(page)
    whole = before = None
    if (days := _compared_days(page)) and page.before.is_there:
        whole, before = (ask(chat.totals, each).row(0, named=True) for each in days)
    cards.draw(chat_cards.cards(totals, whole, before))
    st.caption(
        f"{page.before.sentence}. Rates are of closed sessions, with intervals of 95 % that take "
        "answers to one user as alike.".replace("..", ".")
    )
    chat_chain.show(page)
    chat_speed.show(page, totals)
    chat_course.show(page)
    chat_list.show(page)


def _compared_days(page: Page) -> tuple[Filters, Filters] | None:
    """The complete days of the period, and those that they are compared with."""
    as_of_date = current_warehouse().as_of_date
    return compared.covered_days(page.filters, page.compare, as_of_date, page.first_day)


def _explain_none(page: Page) -> NoReturn:
    """Ends a page without a turn of a chat, with the cause and the way out."""
    newest = ask(chat.responses, Filters(include_bots=True), limit=1)
    if newest.is_empty():
        _explain_how()
        st.stop()
    if not ask(overview.totals, page.filters)["session_count"].item():
        explain_empty(page)
    start, end = page.filters.start, page.filters.end
    when = f" from {format.days(start, end)}" if start and end else ""
    last = format.local(newest["response_time"][0], page.zone).date()
    if page.choice.is_narrowed:
        st.info(
            f"No chat matches the filters{when}. The newest answer of all is of {format.day(last)}."
        )
        clear_filters(page.choice)
    else:
        st.info(f"No prompts or answers{when}: the newest answer is of {format.day(last)}.")
        filter_row.button(
            "Show all days",
            page.choice,
            replace(page.choice, period="all", start=None, end=None),
            key="show_all",
        )
    st.stop()


def _explain_how() -> None:
    """What to send, for a product of which no chat is known."""
    st.subheader("No chat with a language model yet", anchor=False)
    st.markdown(
        "This page follows each answer from the prompt to what was done with it. Send `prompt` "
        "when somebody asks and `model_response` when the answer is there; then what you know of: "
        "`copy`, `select`, `citation_click`, `scroll` with a depth, `feedback` with a rating, "
        "`error`. A `chat_id` tells one chat from the next, also across visits; `model`, "
        "`model_group`, `latency_ms`, `first_token_ms` and tokens are told where they are sent."
    )
    st.code(EXAMPLE, language="json")
    st.caption("Load it with 'dwell load chat.ndjson'. docs/definitions.md has all names.")
