"""The events of one session page by page, and one of them with all it holds.

Typed texts are hidden until they are switched on. Never computes a metric.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, sections
from pages.ui.ask import ask, ask_once
from pages.ui.controls import go, href, pages_of, parameter
from pages.ui.frame import Page
from pages.ui.tables import show as show_table
from pages.ui.tabs import tabs
from pages.ui.theme import palette
from pages.views import session_events
from warehouse.metrics import sessions

if TYPE_CHECKING:
    import polars as pl

SIZE = 200
HEIGHT = 560
# So many characters of the properties fit a row twice over; the event itself has all.
MOST_TEXT = 300
# Columns that may hold what was searched for behind a question mark.
ADDRESSES = ("page", "raw_page", "referrer")
# What of an event is told first.
FIRST = ("event_number", "event_type", "event_time", "page", "properties")
# No event type is called so.
EVERY = ""


def show(page: Page, session: dict[str, Any], *, with_texts: bool) -> None:
    """The list, and beside it the event that the address names."""
    session_id = session["session_id"]
    counts = dict(ask(sessions.event_types, session_id).iter_rows())
    only = parameter("only")
    only = only if only in counts else None
    total = counts[only] if only else sum(counts.values())
    start = format.local(session["start_time"], page.zone)
    sections.head(
        format.plural(total, f"{format.named(only)} event" if only else "event"),
        key="events",
        page=page,
        frame=lambda: _file(session_id, only, with_texts=with_texts),
        file=f"dwell_events_{start:%Y-%m-%d_%H%M}",
    )
    if len(counts) > 1:
        st.html(_types(counts, only))
    number = _asked_event(session["event_count"])
    if number is None:
        _list(page, session, total, only, None, with_texts=with_texts)
        return
    left, right = st.columns((3, 2), gap="medium")
    with left:
        _list(page, session, total, only, number, with_texts=with_texts)
    with right:
        _raw(page, session, number, with_texts=with_texts)


def _types(counts: dict[str, int], only: str | None) -> str:
    """Links to the events of each type, most first, and to all."""
    labels = {EVERY: f"All {format.count(sum(counts.values()))}"}
    labels |= {name: f"{format.named(name)} {format.count(n)}" for name, n in counts.items()}
    return tabs("only", labels, only or EVERY, own=("event", "part"))


def _file(session_id: str, only: str | None, *, with_texts: bool) -> pl.DataFrame:
    frame = ask_once(sessions.events, session_id, event_type=only)
    return frame if with_texts else session_events.without_typed(frame)


def _asked_event(most: int) -> int | None:
    text = parameter("event") or ""
    number = int(text[:9]) if text.isdecimal() else 0
    return number if 1 <= number <= most else None


def _list(
    page: Page,
    session: dict[str, Any],
    total: int,
    only: str | None,
    chosen: int | None,
    *,
    with_texts: bool,
) -> None:
    place = st.container()
    at = pages_of(total, SIZE, "part")
    frame = ask(
        sessions.events, session["session_id"], event_type=only, limit=SIZE, offset=at * SIZE
    )
    with place:
        show_table(
            session_events.readable(frame, with_texts=with_texts, most=MOST_TEXT),
            session_events.columns(page, session, frame),
            key="table_events",
            alt="Events of the session in order",
            mark=lambda row: (
                palette().series[0] if row["event_number"] == chosen else session_events.color(row)
            ),
            link=lambda row: href(event=str(row["event_number"])),
            height=HEIGHT,
        )
    st.caption(session_events.legend(page, frame.item(0, "idle_limit_seconds")))


def _raw(page: Page, session: dict[str, Any], number: int, *, with_texts: bool) -> None:
    found = ask(sessions.event, session["session_id"], number)
    if found.is_empty():
        return
    row = found.row(0, named=True)
    with st.container(key="raw_event", border=True):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(
                f"**Event {format.count(number)}: {format.plain(row['event_type'])}**",
                width="content",
            )
            st.button(
                "Close",
                type="tertiary",
                icon=":material/close:",
                on_click=go,
                kwargs={"event": None},
                key="close_event",
            )
        st.code(raw(row, with_texts=with_texts), language="json", height=470)


def raw(row: dict[str, Any], *, with_texts: bool) -> str:
    """All of an event as JSON: what happened with its properties, then all else that is known."""
    properties = session_events.parsed(row["properties"], with_texts=with_texts)
    known = {name: value for name, value in row.items() if value is not None}
    known["properties"] = properties
    if not with_texts:
        known |= {
            name: session_events.without_query(known[name]) for name in ADDRESSES if name in known
        }
    first = {name: known[name] for name in FIRST if name in known}
    return json.dumps(first | known, indent=2, ensure_ascii=False, default=str)


def href_of(number: int) -> str:
    """This page with that event open, on the page of the list that has it."""
    part = (number - 1) // SIZE + 1
    return href(event=str(number), part=str(part) if part > 1 else None, only=None)
