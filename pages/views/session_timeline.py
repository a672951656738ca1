"""What happened in a session, on a true time axis, and its replay. Never computes a metric."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import format, replay, sections
from pages.ui.ask import ask, current_warehouse
from pages.ui.frame import Page
from pages.views import session_turns
from pages.views.session_event_list import SIZE
from warehouse.metrics import sessions

SAYS = (
    "Made from the events alone: nothing of a screen is recorded, and no pointer. Each mark is an "
    "event at its time: actions in colour, errors red and tall, the rest grey and short; where "
    "many share a place, the height tells how many. A page lasts until the next one is seen. Where "
    "nothing came for longer than the idle timeout, the time beyond it is shaded, after an event "
    "that says idle all of it, and the replay passes it over. Scroll depth is the last one told on "
    "the page. Behind a chat turn a dot says that its answer was copied, selected from or had a "
    "citation opened, an arrow that it got feedback. A click on a mark opens the event; dragging "
    "moves what is zoomed in."
)


def show(page: Page, session: dict[str, Any], asked: str | None) -> bool:
    """The lanes with the replay below; False where the session's events are not there any more."""
    frame = ask(sessions.replay, session["session_id"])
    if frame.is_empty():
        return False
    turns = session_turns.of(session["session_id"])
    runs = ask(sessions.runs, session["session_id"])
    setting = current_warehouse().setting
    sections.head(
        "Timeline and replay", key="timeline", page=page, query="sessions.replay", says=SAYS
    )
    st.html(
        replay.html(
            session,
            frame,
            turns,
            runs,
            zone=page.zone,
            idle_seconds=setting("idle_timeout").total_seconds(),
            idle_types=setting("idle_events"),
            alt=(
                f"{format.plural(session['event_count'], 'event')} in "
                f"{format.duration(session['duration_seconds'])}; the list below has each"
            ),
            size=SIZE,
            asked=asked,
        )
    )
    return True
