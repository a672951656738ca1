"""Patterns of sessions or users, what speaks for them, and signs of frustration.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import charts, drill, format, marks, notebook, sections, tables, type_chart
from pages.ui.ask import Question, answer, question
from pages.ui.controls import chosen, switch
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.views import frustration
from pages.views.frustration import example
from warehouse.metrics import patterns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

WHOSE = {"session": "Of sessions", "user": "Of users"}
COUNTS = {"session": ("session_count", "Sessions"), "user": ("user_count", "Users")}
DIMENSIONS = {"session": "pattern", "user": "user_pattern"}
SAYS = {
    "session": (
        "A session shows the pattern that most of its indicators speak for, at least half of them; "
        "with few actions it shows none. What each pattern asks for stands in docs/definitions.md. "
        "Scores are coarse: read them with what speaks for them."
    ),
    "user": (
        "Users with an event in the period, by the pattern of their newest closed sessions as of "
        "now, whatever is filtered. What speaks for it are medians over these users."
    ),
}


def _whose() -> str:
    return chosen("of", WHOSE, "session")


def _counts(page: Page) -> Question:
    metric = patterns.sessions if _whose() == "session" else patterns.users
    return question(metric, page.filters)


def _evidence(page: Page) -> Question:
    metric = patterns.evidence if _whose() == "session" else patterns.user_evidence
    return question(metric, page.filters)


def _trend(page: Page) -> Question:
    return question(patterns.trend, page.filters, of=_whose(), grain=page.grain)


def asks(page: Page) -> tuple[Question, ...]:
    """What the tab shows, but for examples."""
    signs = question(patterns.frustration, page.filters)
    return _counts(page), _evidence(page), _trend(page), signs


def show(page: Page) -> None:
    """Patterns with their trend, signs of frustration, and examples of what is chosen."""
    whose = _whose()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _patterns(page, whose)
    with right:
        _over_time(page, whose)
    frustration.signs(page)
    frustration.examples(page)


def _patterns(page: Page, whose: str) -> None:
    count, label = COUNTS[whose]
    asked = _counts(page)
    frame = answer(asked)
    sections.head(
        f"Patterns {WHOSE[whose].lower()}",
        key="patterns",
        page=page,
        query="breakdowns.by",
        filters=page.filters,
        dimension=DIMENSIONS[whose],
        says=SAYS[whose],
        code=notebook.lines(asked.metric, page.filters),
        frame=lambda: frame,
        file=sections.file_name(page, "patterns"),
        extra=lambda: switch("Whose patterns", "of", WHOSE, "session"),
    )
    st.markdown(found(frame, whose))
    reasons = evidence_of(answer(_evidence(page)), whose)
    tables.show(
        worded(frame, reasons),
        {
            "name": Column("Pattern"),
            count: Column(label, **COUNT),
            "share": Column("Share", bar=True),
            "evidence": Column("What speaks for it", wraps=True),
        },
        key="table_patterns",
        alt=f"{label} by pattern, with what speaks for it",
        small=count,
        rest="is_none",
        link=lambda row: example(whose, row["pattern"]) if row[count] else None,
        more=lambda row: _all_of(page, whose, row["pattern"]) if row[count] else {},
    )
    st.caption("A row opens examples.")


def found(frame: pl.DataFrame, whose: str) -> str:
    """How many show a pattern, and which most do."""
    count, label = COUNTS[whose]
    rows = [row for row in frame.iter_rows(named=True) if row["pattern"] and row[count]]
    if not rows:
        return f"No {label.lower()[:-1]} shows a pattern."
    most = f"{format.named(rows[0]['pattern'])} most ({format.share(rows[0]['share'])})"
    shown = sum(row["share"] for row in rows)
    if whose == "user":
        return f"Of {format.plural(sum(row[count] for row in rows), 'user')}: {most}."
    return f"{format.share(shown)} of sessions show a pattern: {most}."


def _all_of(page: Page, whose: str, pattern: str | None) -> Mapping[tuple[str, str], str]:
    choice = drill.only(page.choice, DIMENSIONS[whose], pattern)
    return {("list", "Show sessions"): drill.to(drill.SESSIONS, choice)}


def worded(frame: pl.DataFrame, reasons: Mapping[str, str]) -> pl.DataFrame:
    """The frame with names and what speaks for each; `is_none` of sessions that show none."""
    import polars as pl

    names = [format.named(name) if name else "none" for name in frame["pattern"].to_list()]
    told = [reasons.get(name or "") for name in frame["pattern"].to_list()]
    return frame.with_columns(
        name=pl.Series(names, dtype=pl.String),
        evidence=pl.Series(told, dtype=pl.String),
        is_none=pl.col("pattern").is_null(),
    )


def evidence_of(frame: pl.DataFrame, whose: str) -> dict[str, str]:
    """What speaks for each pattern, in words."""
    reasons: dict[str, list[str]] = {}
    for row in frame.iter_rows(named=True):
        parts = reasons.setdefault(row["pattern"], [])
        if whose == "session":
            parts.append(f"{row['indicator']} ({row['share'] * 100:.0f} %)")
        elif row["median_duration_seconds"] is not None:
            sessions = format.plural(round(row["median_sessions"]), "session")
            parts.append(
                f"{sessions} looked at, {format.duration(row['median_duration_seconds'])} and "
                f"{format.number(row['median_actions'])} actions on average, "
                f"{format.plural(round(row['median_errors']), 'error')} in the newest"
            )
        else:
            parts.append("no closed session")
    return {name: ", ".join(parts) for name, parts in reasons.items()}


def _over_time(page: Page, whose: str) -> None:
    grain = page.grain
    frame = answer(_trend(page))
    named = parts_of(frame)
    starts = named["period_start"].unique(maintain_order=True).to_list()
    marked = marks.marks_of(page, starts)
    title = f"Sessions by pattern per {grain}"
    if whose == "user":
        title = f"Sessions by pattern of their user per {grain}"
    sections.head(
        title,
        key="pattern_trend",
        page=page,
        query="breakdowns.daily_by",
        filters=page.filters,
        dimension=DIMENSIONS[whose],
        says=f"Sessions by the {grain} of their start; they add up to all of the {grain}.",
        code=notebook.lines(patterns.trend, page.filters, of=whose, grain=grain),
        frame=lambda: frame,
        file=sections.file_name(page, "patterns_over_time"),
    )
    st.plotly_chart(
        marks.draw(type_chart.stacked(named, grain), marked, starts, grain),
        key="chart_patterns",
        theme=None,
        config=charts.CONFIG,
        alt=f"{title}, as stacked bars",
    )
    st.html(type_chart.legend(named))
    if note := marks.note(marked):
        st.caption(note)


def parts_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The trend as the parts of stacked bars."""
    import polars as pl

    known = pl.col("pattern").is_not_null()
    return frame.with_columns(
        value=pl.col("pattern").str.replace_all("_", " ").fill_null("none"),
        kind=pl.when(known).then(pl.lit(type_chart.TYPE)).otherwise(pl.lit(type_chart.NOT_KNOWN)),
    )
