"""Alerts: what is on, and what was noted of those before. Never judges anything itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import alert_strip, format, sections
from pages.ui.ask import Question, answer, current_warehouse
from pages.ui.frame import Page
from pages.ui.tables import Column
from pages.ui.tables import show as show_table
from warehouse import DwellError, alerts
from warehouse.alerts import words

if TYPE_CHECKING:
    import polars as pl

# The newest of them; the files have all.
MOST = 30
SAYS = (
    "Complete days are judged, each by what was known at its end. *Faults of the data* come first: "
    "what behaves oddly on a day on which its sources had one is *held back*, and told nowhere. "
    "Without a word in dwell.toml, days without sessions, an abandonment over 30 % (an alarm over "
    "40 %) and fewer than 2 queries a session are told here and by `dwell status`. "
    "`[alerts.NAME]` adds others, says to whom they go, and switches any off; `dwell alert "
    "--dry-run` says how often one would have fired. What is on is judged now; what is over was "
    "noted by `dwell alert`, or after a load."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for."""
    return (alert_strip.asked(),)


def show(page: Page) -> None:
    """What is on, and the history."""
    frame = _all()
    sections.head(
        "Alerts",
        key="alerts",
        page=page,
        says=SAYS,
        frame=lambda: frame,
        file="dwell_alerts",
        files=tuple(sections.FILES),
    )
    if frame.is_empty():
        st.caption("Nothing fires, and nothing was noted.")
        return
    show_table(
        frame.head(MOST),
        {
            "state": Column("State", tone=_tone, under=days),
            "label": Column("Alert", under=_of),
            "found": Column("What was found", wraps=True),
        },
        key="table_alerts",
        alt="Alerts with their state, days, and what was found",
        as_html=True,
        height=600,
    )
    if frame.height > MOST:
        st.caption(f"The newest {MOST} of {format.count(frame.height)}; the files above have all.")


def _all() -> pl.DataFrame:
    """What is on or held back, then what was noted and is over: severity, label, source, date,
    until (the last day; null while it is on), found, held_back_by, state.
    """
    import polars as pl

    wanted = (
        *("severity", "label", "source", "date", "until"),
        *("found", "held_back_by", "began_before"),
    )
    # Why nothing can be judged is a line alone.
    found = pl.coalesce("sentence", "line").alias("found")
    still = pl.lit(None, pl.Date).alias("until")
    now = answer(alert_strip.asked()).with_columns(found, still).select(wanted)
    try:
        noted = alerts.history(current_warehouse().home)
    except DwellError as error:
        st.warning(format.plain(str(error)))
        noted = alerts.nothing()
    over = noted.filter(pl.col("ended_at").is_not_null())
    over = over.rename({"sentence": "found"}).select(wanted)
    state = pl.when(pl.col("held_back_by").is_not_null()).then(pl.lit("Held back"))
    on = state.otherwise(pl.col("severity").str.to_titlecase())
    return pl.concat(
        [now.with_columns(state=on), over.with_columns(state=state.otherwise(pl.lit("Over")))]
    )


def _tone(state: str) -> str:
    return {"Alarm": "bad", "Warning": "warn"}.get(state, "")


def _of(row: dict[str, Any]) -> str:
    return str(row["source"] or "")


def days(row: dict[str, Any]) -> str:
    """When a row of the table was on, as far as that was looked at; empty where it is no alert."""
    if row["date"] is None:
        return ""
    if row["until"] is None:
        before = " or before" if row["began_before"] else ""
        return f"since {words.short_day(row['date'])}{before}"
    one = "on " if row["date"] == row["until"] else ""
    return one + words.span(row["date"], row["until"])
