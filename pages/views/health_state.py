"""What is wrong, in sentences, or that nothing is; one line a source. Never computes a metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import alert_strip, format, health_states, notebook, sections
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.header import utc_now
from pages.ui.health_states import State
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from pages.ui.theme import css_colors
from warehouse.kept import kept_by
from warehouse.metrics import health

if TYPE_CHECKING:
    import polars as pl

# A list that is longer is no summary.
MOST_PROBLEMS = 12
SAYS = (
    "Every row of a file is loaded, a duplicate (it was there before) or rejected; the three add "
    "up. *Late* are events of files that came when later ones of the source were there already. "
    "*Lag* is from a file's last event to its load, in the median of its files. A source is *late* "
    "when its newest event is over a day old (over a year: it is history), its *clock is ahead* "
    "when a file's last event is over 5 minutes after its load, and rejected rows count from 5 % "
    "on. A file is *failing* while its last load failed or it holds no event: that is as of now, "
    "all else as of this build."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for."""
    return (
        question(health.sources),
        question(health.faults),
        question(health.checks),
        alert_strip.asked(),
    )


def show(page: Page) -> None:
    """The verdict, and the table of sources."""
    rows = ask(health.sources)
    # Of now: a file that fails makes no build.
    failing = health.failing(current_warehouse()).to_dicts()
    states = states_of(rows, failing)
    _verdict(page, rows, states, failing)
    _sources(page, rows, states)


def states_of(rows: pl.DataFrame, failing: list[dict[str, Any]]) -> list[State]:
    """The state of each source, in the order of the rows."""
    faults = ask(health.faults).to_dicts()
    return [
        health_states.state_of(
            row,
            [each for each in failing if each["source"] == row["source"]],
            [each for each in faults if each["source"] == row["source"]],
            utc_now(),
            current_warehouse().as_of_date,
        )
        for row in rows.to_dicts()
    ]


def _verdict(
    page: Page, rows: pl.DataFrame, states: list[State], failing: list[dict[str, Any]]
) -> None:
    checks = ask(health.checks)
    wh = current_warehouse()
    refused = health.refused(wh).to_dicts()
    bad = sum(1 for row in checks.to_dicts() if row["bad_row_count"])
    known = set(rows["source"].to_list())
    problems = list(health_states.verdict(states, refused, bad))
    fired = [row for row in alert_strip.shown(page) if not row["held_back_by"]]
    if fired:
        problems.insert(0, health_states.firing(fired))
    problems += [
        text
        for row in failing
        if row["source"] not in known
        for text in health_states.failures([row])
    ]
    told = [format.plural(rows.height, "source"), f"newest event {page.clock(page.as_of)}"]
    if checks.height:
        told.append(f"all {checks.height} checks of build {page.build} passed" if not bad else "")
    facts = ", ".join(filter(None, told))
    if not problems:
        body, tone = "<b>Nothing is wrong.</b>", health_states.GOOD
    else:
        are = "thing needs" if len(problems) == 1 else "things need"
        lines = "".join(f"<li>{escape(each)}</li>" for each in problems[:MOST_PROBLEMS])
        more = len(problems) - MOST_PROBLEMS
        lines += f"<li>and {more} more, in the table below</li>" if more > 0 else ""
        body = f"<b>{format.count(len(problems))} {are} a look.</b><ul>{lines}</ul>"
        is_bad = bad or refused or any(state.tone == health_states.BAD for state in states)
        is_bad = is_bad or any(row["severity"] == "alarm" for row in fired)
        tone = health_states.BAD if is_bad else health_states.WARN
    st.html(
        f'<div class="dwell-verdict dwell-{tone}" style="{css_colors()}" role="status">{body}'
        f"<p>{escape(facts)}.</p></div>"
    )


def _sources(page: Page, rows: pl.DataFrame, states: list[State]) -> None:
    import polars as pl

    sections.head(
        "Sources",
        key="health_sources",
        page=page,
        query="health.sources",
        says=SAYS,
        code=notebook.lines(health.sources),
        frame=lambda: rows,
        file="dwell_sources",
        files=tuple(sections.FILES),
    )
    now = utc_now()
    frame = rows.with_columns(
        state=pl.Series([f"\u25cf {state.words}" for state in states], dtype=pl.String)
    )
    tones = {f"\u25cf {state.words}": state.tone for state in states}
    show_table(
        frame,
        _columns(page, tones, now),
        key="table_health_sources",
        alt="Sources with their state, freshness and what became of their rows",
        link=lambda row: (
            href(health_source=row["source"], health_rejected=row["source"])
            if row["source"]
            else None
        ),
    )
    st.caption("A row shows the calendar and the rejected rows of its source below.")
    _kept()


def _kept() -> None:
    """How long what is kept, where it is not all of it for ever."""
    kept = kept_by(current_warehouse().home)
    lines = [f"{escape(health_states.named(each.source))}: {each.sentence}." for each in kept]
    if lines:
        st.html(f"<p class='dwell-note'>Kept are, of {'<br>'.join(lines)}</p>")


def _columns(page: Page, tones: dict[str, str], now: Any) -> dict[str, Column]:
    def late(row: dict[str, Any]) -> str:
        return f"median {format.duration(row['median_lag_seconds'])}"

    return {
        "source": Column(
            "Source", write=health_states.named, hint=lambda row: ", ".join(row["formats"] or [])
        ),
        "state": Column("State", tone=lambda words: tones.get(words, "")),
        "last_event_time": Column(
            "Newest event",
            write=lambda at: f"{format.age(at, now)} ago",
            hint=lambda row: page.clock(row["last_event_time"]),
        ),
        "last_lag_seconds": Column(
            "Lag of last file",
            write=lambda value: format.duration(max(value, 0)),
            help="From its last event to its load",
            hint=late,
            wide=True,
        ),
        "last_loaded_at": Column(
            "Last load", write=lambda at: f"{format.age(at, now)} ago", wide=True
        ),
        "read_count": Column("Rows read", **COUNT, wide=True),
        "loaded_count": Column("Loaded", **COUNT, wide=True),
        "duplicate_count": Column("Duplicate", **COUNT, wide=True),
        "rejected_count": Column("Rejected", **COUNT),
        "late_count": Column(
            "Late", **COUNT, wide=True, help="Events of files that came after later ones"
        ),
        "first_event_time": Column(
            "First event",
            write=lambda at: format.day(format.local(at, page.zone).date()),
            wide=True,
        ),
    }
