"""One chat, turn by turn across its visits, and what was done with each answer.

Texts are shown where dwell.toml says so, nowhere else. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import chat_asked, chat_bubbles, drill, format, sections
from pages.ui.ask import Question, ask, ask_once, current_warehouse, question
from pages.ui.breakdowns import link
from pages.ui.controls import href, pages_of, parameter
from pages.ui.frame import Page
from pages.ui.theme import css_colors
from pages.views.llm_chat import STYLE, TABLE
from warehouse import typed_texts
from warehouse.metrics import chat
from warehouse.query import has_table

if TYPE_CHECKING:
    import polars as pl

SIZE = 100
TEXTS = ("prompt_text", "response_text")
HIDDEN = (
    "Texts are hidden, drawn as lines by their length. To show them, set `show_texts = true` in "
    "dwell.toml."
)
NOT_SENT = "Lines stand for texts that were not sent, by their length."
SAYS = (
    "The prompts of one chat with each answer to them, across all its visits. What is done "
    "belongs to the answer before it, up to the chat's next prompt. Read: until the next thing "
    "done in the session, or an explicit idle. Rephrased: the next prompt came within 20 s, and "
    "nothing was copied or selected."
)


def asks() -> Sequence[Question]:
    """What the page is sure to ask."""
    return (
        (question(chat.conversation, **_asked()),) if has_table(current_warehouse(), TABLE) else ()
    )


def _asked() -> dict[str, str]:
    names = {"chat": "chat_id", "session": "session_id", "user": "user_id"}
    return {key: value for name, key in names.items() if (value := parameter(name))}


def _asked_for(turns: pl.DataFrame) -> pl.DataFrame:
    """A session is named where its chat has no id: those that have one are other chats."""
    return turns if parameter("chat") else turns.filter(turns["chat_id"].is_null())


def show(page: Page) -> None:
    """The chat that the address names, or that there is none."""
    st.html(STYLE)
    st.html(STYLE.with_name("session.css"))
    back = href(chat=None, session=None, user=None, turns=None)
    words = link("\u2190 All chats", back)
    st.html(f'<div class="dwell-ways" style="{css_colors()}">{words}</div>')
    if not has_table(current_warehouse(), TABLE):
        st.info(f"Build {page.build} was made before Dwell knew of chats. Run 'dwell build'.")
        return
    found = _asked_for(ask(chat.conversation, **_asked()))
    if found.is_empty():
        _unknown(page)
        return
    users = found["user_id"].unique(maintain_order=True).to_list()
    turns = found.filter(found["user_id"] == users[0])
    _head(page, turns)
    if len(users) > 1:
        _others(users[1:])
    _turns(page, turns)


def _head(page: Page, turns: pl.DataFrame) -> None:
    first = turns.row(0, named=True)
    name = first["chat_id"] or "without an id"
    st.subheader(f"Chat {format.plain(name)}", anchor=False)
    times = [row[key] for row in turns.to_dicts() for key in ("prompt_time", "response_time")]
    known = [time for time in times if time is not None]
    models = [model for model in turns["model"].unique(maintain_order=True) if model]
    user = drill.to(drill.USERS, page.choice, user=first["user_id"])
    told = {
        "User": link(first["user_id"], user),
        "Began": escape(page.clock(min(known))),
        "Lasted": format.duration((max(known) - min(known)).total_seconds()),
        "Turns": format.count(int(turns["begins_turn"].sum())),
        "Answers": format.count(int(turns["is_answered"].sum())),
        "Visits": format.count(len(_visits(turns))),
        "Model": escape(format.listed(models, empty=format.NULL)),
    }
    rows = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in told.items())
    st.html(f'<dl class="dwell-facts" style="{css_colors()}">{rows}</dl>')


def _visits(turns: pl.DataFrame) -> dict[str, int]:
    sessions = dict.fromkeys(chat_bubbles.session_of(row) for row in turns.to_dicts())
    return {session: number for number, session in enumerate(sessions, 1)}


def _others(users: Sequence[str]) -> None:
    links = " ".join(link(user, href(user=user, turns=None)) for user in users[:5])
    more = f" and {len(users) - 5} more" if len(users) > 5 else ""
    st.html(f'<p class="dwell-note">Others have a chat of this id too: {links}{escape(more)}</p>')


def _turns(page: Page, turns: pl.DataFrame) -> None:
    with_texts = typed_texts.may_be_shown(current_warehouse().home)
    user = {"user_id": turns["user_id"][0]}

    def frame() -> pl.DataFrame:
        every = _asked_for(ask_once(chat.conversation, show_texts=with_texts, **_asked() | user))
        return every if with_texts else every.drop(TEXTS)

    sections.head(
        format.plural(int(turns["begins_turn"].sum()), "turn"),
        key="conversation",
        page=page,
        query="chat.conversation",
        parts={"words": tuple(typed_texts.TEXT_WORDS.items())},
        says=SAYS,
        frame=frame,
        file="dwell_chat",
        files=chat_asked.FILES,
    )
    place = st.container(key="conversation")
    at = pages_of(turns.height, SIZE, "turns")
    shown = turns
    if with_texts:
        shown = _asked_for(ask(chat.conversation, show_texts=True, **_asked() | user))
    with place:
        st.html(
            chat_bubbles.conversation(
                shown.slice(at * SIZE, SIZE).to_dicts(),
                _visits(turns),
                page.clock,
                lambda session: drill.to(drill.SESSIONS, page.choice, session=session),
                with_texts=with_texts,
            )
        )
    st.caption(f"{NOT_SENT if with_texts else HIDDEN} Times are in {page.zone}.")


def _unknown(page: Page) -> None:
    st.subheader("No such chat", anchor=False)
    asked = parameter("chat") or f"of the session {parameter('session')}"
    st.info(
        f"No chat '{format.plain(asked)}' in build {page.build}. Its events may have been pruned, "
        "or the id may be of another home."
    )
