"""One session: who, when and why, its events as they happened, and what cut it.

Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.ui import format
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.controls import switched
from pages.ui.frame import Page
from pages.views import (
    session_cuts,
    session_event_list,
    session_facts,
    session_similar,
    session_timeline,
    session_turns,
)
from warehouse import typed_texts
from warehouse.metrics import sessions

STYLE = Path(__file__).parents[1] / "ui" / "session.css"


def asks(session_id: str) -> Sequence[Question]:
    """What the page is sure to ask; most ids are those of their session."""
    metrics = [sessions.one, sessions.story, sessions.replay, sessions.runs]
    metrics += [sessions.turns] if session_turns.are_told() else []
    return [question(metric, session_id) for metric in metrics]


def show(page: Page, asked: str) -> None:
    """The session that the id names, or what became of it."""
    st.html(STYLE)
    found = ask(sessions.one, asked)
    if found.is_empty():
        named = ask(sessions.resolve, asked)
        if named.is_empty():
            _unknown(page, asked)
            return
        found = ask(sessions.one, named.item())
    session = found.row(0, named=True)
    is_moved = session["session_id"] != asked
    session_facts.head(page, session)
    if is_moved:
        st.caption(
            "The link's session begins elsewhere since later events came: this is the session that "
            "holds its first event now."
        )
    session_facts.show(page, session)
    if not session_timeline.show(page, session, asked if is_moved else None):
        st.info(
            "The events of this session were pruned: what it was is known, what happened in it "
            "is not."
        )
        return
    with_texts = _text_switch(page)
    session_turns.show(page, session, with_texts=with_texts)
    session_event_list.show(page, session, with_texts=with_texts)
    session_cuts.show(page, session)
    session_similar.show(page, session)


def _text_switch(page: Page) -> bool:
    """What the keys do, and the switch for all texts below, where dwell.toml lets them be shown."""
    may_be = typed_texts.may_be_shown(current_warehouse().home)
    hidden = "" if may_be else " Typed texts are hidden: `show_texts = true` in dwell.toml."
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="texts_place",
    ):
        st.caption(
            "Space plays and pauses, the arrows go from event to event. A click on a mark opens "
            f"its event. Times in {page.zone}.{hidden}",
            width="content",
        )
        if may_be:
            return switched("Show typed texts", "texts")
    return False


def _unknown(page: Page, asked: str) -> None:
    st.subheader("No such session", anchor=False)
    st.info(
        f"No session '{format.plain(asked)}' in build {page.build}, and none that holds the event "
        "its id was made of. What was collected since then is in the next build, which "
        "`dwell load` or `dwell run` makes. Else the id may be mistyped, from another home, or of "
        "events that were pruned."
    )
    st.html(session_facts.way_back())
