"""What cut a session: what it would be at other timeouts. Never computes a metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, sections
from pages.ui.ask import ask, current_warehouse
from pages.ui.frame import Page
from pages.ui.theme import css_colors
from warehouse.metrics import sessions

if TYPE_CHECKING:
    import polars as pl

SAYS = (
    "A shorter timeout can cut the session's own events into several, a longer one join it with "
    "sessions of the user before and after it. What ends a session, such as a logout, still does."
)


def show(page: Page, session: dict[str, Any]) -> None:
    """A cell for each timeout; a sentence where no timeout decides."""
    sections.head("What cut it", key="cuts", page=page, query="sessions.cuts", says=SAYS)
    if session["given_session_id"] is not None:
        st.markdown(
            f"The tracker's own session id, {format.plain(session['given_session_id'])}. No "
            "timeout changes it: one decides only when it counts as over."
        )
        return
    own = format.span(current_warehouse().setting("timeout").total_seconds())
    story = ask(sessions.story, session["session_id"])
    st.html(strip(story, own))
    st.caption(
        f"What this session would be if the timeout were another one. This build cuts at {own}."
    )


def strip(story: pl.DataFrame, own: str) -> str:
    """The timeouts that the story tells of in a row, the build's own marked."""
    cells = []
    for kind, timeout, words in story.iter_rows():
        if kind != "cut":
            continue
        kinds = ["dwell-own"] if timeout == own else []
        kinds += ["dwell-same"] if words == "same" else []
        cells.append(f'<div class="{" ".join(kinds)}"><b>{timeout}</b>{escape(words)}</div>')
    return f'<div class="dwell-cuts" style="{css_colors()}">{"".join(cells)}</div>'
