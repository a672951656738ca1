"""Sessions that went the way of one session, and how many users met the same. Computes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import Any

import streamlit as st

from pages.ui import format, sections
from pages.ui.ask import ask, ask_once
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.theme import css_colors
from pages.views.session_facts import OF_SESSION
from warehouse.metrics import sessions

# What is shorter is like too many.
LEAST = 4
# What a way is shown of: longer ones are told by their number.
STEPS_SHOWN = 16
SAYS = (
    "Alike is what two sessions share of their sets of three event types in a row, repeats in a "
    "row taken once. Looked at are the newest sessions of the last 30 days of data; bots only "
    "beside a bot."
)


def show(page: Page, session: dict[str, Any]) -> None:
    """The sessions most like this one, with the steps in common marked in each."""
    session_id = session["session_id"]
    path = session["event_path"] or []
    sections.head(
        "Sessions that went the same way",
        key="similar",
        page=page,
        query="sessions.similar",
        says=SAYS,
        frame=lambda: ask_once(sessions.similar, session_id, limit=1000),
        file="dwell_similar_sessions",
    )
    if len(path) < LEAST:
        st.markdown("Too few events of different types to tell this way from others.")
        return
    with st.spinner("Looking for similar sessions"):
        found = ask(sessions.similar, session_id)
        count = ask(sessions.alike, session_id).row(0, named=True)
    st.markdown(_met(page, count, has_some=bool(found.height)))
    if found.height:
        rows = ask(sessions.named, tuple(found["session_id"]))
        own = f'<div role="listitem"><b>This session</b><p>{way(path, ())}</p></div>'
        st.html(_list(page, found.rows(named=True), rows.rows(named=True), own))


def _met(page: Page, count: dict[str, Any], *, has_some: bool) -> str:
    if not count["looked_at_count"]:
        return "No other session began in the last 30 days of data."
    since = format.clock(count["looked_at_from"], page.zone)
    many = count["looked_at_count"]
    among = f"the {'newest ' if many > 1 else ''}{format.plural(many, 'session')} since {since}"
    if not has_some:
        return f"No other session has three events in a row as this one has, among {among}."
    if not count["session_count"]:
        return f"No other session went half of this way, among {among}. These come nearest:"
    of = format.plural(count["session_count"], "session")
    if not count["user_count"]:
        return (
            f"Nobody else met the same: {of} at least half alike, all of this user, among {among}."
        )
    return (
        f"**{format.plural(count['user_count'], 'other user')}** met much the same: {of} at least "
        f"half alike, among {among}. The most alike:"
    )


def _list(
    page: Page, found: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], own: str
) -> str:
    items = own + "".join(_item(page, like, row) for like, row in zip(found, rows, strict=True))
    return f'<div class="dwell-alike" role="list" style="{css_colors()}">{items}</div>'


def _item(page: Page, like: dict[str, Any], row: dict[str, Any]) -> str:
    address = escape(href(session=row["session_id"], **OF_SESSION))
    share, start = format.share(like["similarity"]), escape(page.clock(row["start_time"]))
    who = f"{escape(row['user_id'])} \u00b7 {format.duration(row['duration_seconds'])}"
    return (
        f'<div role="listitem"><a class="dwell-link" href="{address}"><b>{share}</b> {start}</a> '
        f"<span>{who}</span><p>{way(row['event_path'], {*like['shared_steps']})}</p></div>"
    )


def way(path: Sequence[str], shared_steps: Collection[str]) -> str:
    """The event types of a session in HTML, those that lie in a shared three marked."""
    marked: set[int] = set()
    for at in range(min(max(len(path) - 2, 1), STEPS_SHOWN)):
        if " > ".join(path[at : at + 3]) in shared_steps:
            marked.update(range(at, at + 3))
    texts = [
        f"<mark>{escape(kind)}</mark>" if at in marked else escape(kind)
        for at, kind in enumerate(path[:STEPS_SHOWN])
    ]
    more = len(path) - STEPS_SHOWN
    return " \u203a ".join(texts) + (f" \u2026 and {more} more" if more > 0 else "")
