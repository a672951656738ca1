"""The lab on two other settings: when a visit bounces, and when it idles. Computes no metric."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, lab_asked, lab_charts, notebook
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from warehouse.metrics import lab, lab_conditions

BOUNCES_SAYS = (
    "The share of closed sessions that are shorter than so many seconds and have at most as many "
    "actions as a bounce may have. The sessions are those of the build."
)
IDLE_SAYS = (
    "Mean engaged time of the build's sessions, if a pause counted for so long at most. A pause "
    "after an explicit idle counts nothing; suspect sessions are left out."
)


def _bounces() -> tuple[float, ...]:
    own = lab_asked.own_seconds("bounce_duration")
    return lab_asked.options(lab.BOUNCE_SECONDS, own, "lab_bounce")


def _idles() -> tuple[float, ...]:
    return lab_asked.options(lab.IDLE_SECONDS, lab_asked.own_seconds("idle_timeout"), "lab_idle")


def _is_timed(page: Page) -> bool:
    return "engaged_seconds" not in lab_conditions.names_in(current_warehouse(), page.filters)


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    bounces = question(lab.bounces, page.filters, seconds=_bounces())
    idle = question(lab.idle, page.filters, seconds=_idles())
    return (bounces, idle) if _is_timed(page) else (bounces,)


def show(page: Page) -> None:
    """Bounces by their length, engaged time by the idle timeout."""
    _draw_bounces(page)
    if _is_timed(page):
        _draw_idle(page)
    else:
        st.caption(
            "Engaged time changes with the idle timeout, so several cannot be compared on sessions "
            "that a condition on it has chosen."
        )


def _draw_bounces(page: Page) -> None:
    seconds = _bounces()
    frame = ask(lab.bounces, page.filters, seconds=seconds)
    own = lab_asked.own_seconds("bounce_duration")
    draw(
        page,
        "Bounce rate by the length of a bounce",
        frame,
        lambda: lab_charts.choices(frame, "bounce_seconds", "bounce_rate", own, "rate", 1),
        {
            "bounce_seconds": Column("Shorter than", write=format.span, width=110),
            "bounce_rate": Column("Bounce", write=format.share, width=90),
            "session_count": Column("Closed sessions", **COUNT, width=130),
        },
        key="lab_bounces",
        query="lab.bounces",
        says=BOUNCES_SAYS,
        code=notebook.lines(lab.bounces, page.filters, seconds=seconds),
        metrics=("bounce_rate",),
        alt="Bounce rate by how short a bounce is, on a logarithmic axis; the build's stands out",
        small="session_count",
    )
    lab_asked.adopt("bounce_duration", "Bounce in seconds", "lab_bounce", lab.BOUNCE_SECONDS, 1)


def _draw_idle(page: Page) -> None:
    seconds = _idles()
    frame = ask(lab.idle, page.filters, seconds=seconds)
    own = lab_asked.own_seconds("idle_timeout")
    draw(
        page,
        "Engaged time by idle timeout",
        frame,
        lambda: lab_charts.choices(frame, "idle_seconds", "avg_engaged_seconds", own, "seconds", 1),
        {
            "idle_seconds": Column("Idle after", write=format.span, width=110),
            "avg_engaged_seconds": Column("Engaged time", **SPAN, width=120),
            "session_count": Column("Sessions", **COUNT, width=90),
        },
        key="lab_idle",
        query="lab.idle",
        says=IDLE_SAYS,
        code=notebook.lines(lab.idle, page.filters, seconds=seconds),
        metrics=("avg_engaged_seconds",),
        alt="Engaged time by idle timeout, on a logarithmic axis; the build's stands out",
        small="session_count",
    )
    lab_asked.adopt("idle_timeout", "Idle timeout in seconds", "lab_idle", lab.IDLE_SECONDS, 1)
