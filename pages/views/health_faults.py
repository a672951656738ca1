"""Faults: days on which the data looks wrong, why, and what they do to the headline numbers.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import fault_words, format, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.frame import Page
from pages.ui.tables import Column
from pages.ui.tables import show as show_table
from warehouse.metrics import health

if TYPE_CHECKING:
    import polars as pl

# The newest of them; the files have all.
MOST = 30
SAYS = (
    "A day is held against its weekday in the eight weeks before and after it: an *outage* has "
    "surely under a quarter of the sessions; *missing ends*, *missing heartbeats* and *doubled "
    "events* are told by under half of the usual share of sessions that end by an event, have a "
    "heartbeat, or have each event once, or by rows that a file brought again and that were "
    "dropped; *robots* by over four times the visits of bots and of "
    "new users under 5 s, or the events of one session; a *wrong clock* by hours that fit when "
    "moved by 2 or more. *Future dates* are those of files whose events were ahead of their "
    "load. A quiet day of all users looks like an outage, too. The numbers are those of all "
    "sources, bots left out, in the days of the fault and the four weeks before: with these "
    "days → without them. Charts show these days as a grey band."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for; the effect is asked for once there is a fault."""
    return (question(health.faults),)


def show(page: Page) -> None:
    """The faults, the newest first, or that there are none."""
    # Without a fault there is nothing to ask what it does to.
    metric = health.effect if ask(health.faults).height else health.faults
    frame = ask(metric)
    sections.head(
        "Faults",
        key="faults",
        page=page,
        query=f"health.{metric.__name__}",
        says=SAYS,
        code=notebook.lines(metric),
        frame=lambda: frame,
        file="dwell_faults",
        files=tuple(sections.FILES),
    )
    if frame.is_empty():
        st.caption("No day looks like a fault of the data.")
        return
    _table(frame)
    if frame.height > MOST:
        st.caption(f"The newest {MOST} of {format.count(frame.height)}; the files above have all.")


def _table(frame: pl.DataFrame) -> None:
    import polars as pl

    shown = frame.reverse().head(MOST)
    rows = shown.to_dicts()
    texts = {
        "sessions": [_both(_per_day(row, ""), _per_day(row, "_without")) for row in rows],
        **{
            name: [_both(write(row[of]), write(row[f"{of}_without"])) for row in rows]
            for name, of, write in (
                ("users", "user_count", format.count),
                ("median", "median_duration_seconds", format.duration),
                ("bounce", "bounce_rate", format.share),
            )
        },
    }
    show_table(
        shown.with_columns(pl.Series(name, told) for name, told in texts.items()),
        {
            "kind": Column("Fault", write=fault_words.named, under=_where),
            "evidence": Column("What was found", wraps=True),
            "sessions": Column("Sessions a day", help="With these days → without", wide=True),
            "users": Column("Users", help="With these days → without", wide=True),
            "median": Column("Median", help="Median duration, with → without", wide=True),
            "bounce": Column("Bounce rate", help="With these days → without", wide=True),
        },
        key="table_faults",
        alt="Faults of the data with their days, what was found, and the numbers without them",
        as_html=True,
        height=700,
    )


def _where(row: dict[str, Any]) -> str:
    return f"{row['source']}, {format.days(row['first_date'], row['last_date'])}"


def _per_day(row: dict[str, Any], suffix: str) -> str:
    days = row[f"day_count{suffix}"]
    return format.count(round(row[f"session_count{suffix}"] / days)) if days else "–"


def _both(with_days: str, without: str) -> str:
    """Both numbers, or one where the days make no difference that is seen."""
    return with_days if with_days == without else f"{with_days} → {without}"
