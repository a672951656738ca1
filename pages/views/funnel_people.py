"""Who is behind a step of a funnel: those who reached it, or dropped there, and what they did next.

Never computes a metric.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import drill, format, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen, go, pages_of, parameter, switch
from pages.ui.frame import Page
from pages.ui.funnel_asked import FunnelAsked
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.metrics import funnels

OUTCOMES = {"converted": "Reached it", "dropped": "Dropped there"}
PAGE_SIZE = 50
SAYS = (
    "By the session that their first event of the steps is in. Who dropped at a step reached the "
    "one before, and not this one."
)
NEXT = (
    "The first act after the event that reached the step, in the same session; of those who "
    "dropped, after the last step that they reached. What a tracker notes by itself, such as a "
    "heartbeat or a scroll, is no act."
)


def step_of(asked: FunnelAsked) -> int | None:
    """The step in the address; None where it is none of these."""
    text = parameter("at") or ""
    number = int(text) if text.isdecimal() and len(text) < 3 else 0
    first = 2 if _outcome() == "dropped" else 1
    return number if first <= number <= len(asked.steps) else None


def _outcome() -> str:
    return chosen("outcome", OUTCOMES, "converted")


def asks(page: Page, asked: FunnelAsked) -> tuple[Question, ...]:
    """What the section asks for; nothing while no step is chosen."""
    step = step_of(asked)
    if step is None:
        return ()
    args = {**asked.args, "step": step, "outcome": _outcome()}
    return (
        question(funnels.people, page.filters, **args),
        question(funnels.next_events, page.filters, **args),
    )


def show(page: Page, asked: FunnelAsked) -> None:
    """The people of the chosen step; nothing while none is chosen."""
    step = step_of(asked)
    if step is None:
        return
    outcome = _outcome()
    args = {**asked.args, "step": step, "outcome": outcome}
    frame = ask(funnels.people, page.filters, **args)
    name = format.plain(asked.steps[step - 1])
    did = "reached" if outcome == "converted" else "dropped at"
    sections.head(
        f"{asked.nouns.capitalize()} {asked.that} {did} step {step}, {name}",
        key="people",
        page=page,
        query="funnels.steps",
        filters=page.filters,
        parts=asked.funnel.sql_parts,
        says=SAYS,
        code=notebook.lines(funnels.people, page.filters, **args),
        frame=lambda: frame,
        file=sections.file_name(page, "funnel_people"),
        extra=lambda: _outcome_and_close(step),
    )
    if frame.is_empty():
        st.caption(f"No {asked.noun} did.")
        return
    if asked.noun == "person":
        st.caption("Each id of a person has a row.")
    with st.container(key="table_place"):
        place = st.container()
        at = pages_of(frame.height, PAGE_SIZE)
    with place:
        show_table(
            frame.slice(at * PAGE_SIZE, PAGE_SIZE),
            {
                "user_id": Column("User"),
                "entry_time": Column("Began", write=page.clock),
                "session_id": Column("Session", wide=True),
            },
            key="table_people",
            alt=f"{asked.nouns.capitalize()} {asked.that} {did} step {step}",
            link=lambda row: drill.session_address(page.choice, row),
            height=420,
        )
    _next(page, args, outcome)


def _next(page: Page, args: dict[str, Any], outcome: str) -> None:
    frame = ask(funnels.next_events, page.filters, **args)
    title = "What they did instead" if outcome == "dropped" else "What they did next"
    sections.head(
        title,
        key="next",
        page=page,
        query="funnels.next_events",
        filters=page.filters,
        says=NEXT,
        code=notebook.lines(funnels.next_events, page.filters, **args),
        frame=lambda: frame,
        file=sections.file_name(page, "funnel_next_events"),
    )
    import polars as pl

    show_table(
        frame.with_columns(event_type=pl.col("event_type").fill_null("(the session ended)")),
        {
            "event_type": Column("Event"),
            "page": Column("Page"),
            "count": Column("Count", **COUNT),
            "share": Column("Share", write=format.share),
        },
        key="table_next",
        alt=title,
    )


def _outcome_and_close(step: int) -> None:
    if step > 1:
        switch("Reached or dropped", "outcome", OUTCOMES, "converted")
    st.button(
        "Close",
        type="tertiary",
        key="close_people",
        on_click=go,
        kwargs={"at": None, "outcome": None, "page": None},
    )
