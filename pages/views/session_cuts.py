"""What cut a session: what it would be at other timeouts. Never computes a metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, sections
from pages.ui.ask import ask
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
            "timeout changes it."
        )
        return
    frame = ask(sessions.cuts, session["session_id"])
    st.html(strip(frame))
    own = frame.row(by_predicate=_is_own(), named=True)
    st.caption(
        "What this session would be if the timeout were another one. This build cuts at "
        f"{format.span(own['timeout_minutes'] * 60)}."
    )


def _is_own() -> pl.Expr:
    import polars as pl

    return pl.col("is_own")


def strip(frame: pl.DataFrame) -> str:
    """The timeouts in a row, the build's own marked."""
    cells = []
    for row in frame.iter_rows(named=True):
        words = words_of(row)
        kinds = ["dwell-own"] if row["is_own"] else []
        kinds += ["dwell-same"] if words == "same" else []
        timeout = format.span(row["timeout_minutes"] * 60)
        cells.append(f'<div class="{" ".join(kinds)}"><b>{timeout}</b>{escape(words)}</div>')
    return f'<div class="dwell-cuts" style="{css_colors()}">{"".join(cells)}</div>'


def words_of(row: dict[str, Any]) -> str:
    """What a timeout would make of the session: same, 3 sessions, joined with 2 before."""
    if (row["piece_count"] or 1) > 1:
        return format.plural(row["piece_count"], "session")
    sides = (("before", row["joined_before_count"]), ("after", row["joined_after_count"]))
    parts = [f"{format.count(count)} {side}" for side, count in sides if count]
    return f"joined with {', '.join(parts)}" if parts else "same"
