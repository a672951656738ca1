"""Rejected rows: why, in which file and line, and as they were received. Computes no metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, health_states, notebook, sections
from pages.ui.ask import Question, ask, ask_once, question
from pages.ui.controls import chosen, href, pages_of, pick
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.metrics import health

if TYPE_CHECKING:
    import polars as pl

SIZE = 25
# What a row of a table shows of a line; the whole of it is in the hint and in the files.
MOST_SHOWN = 240
ALL = "all"
SAYS = (
    "Rows that could not be events. Nothing is dropped: each is kept as it was received, with its "
    "file and line, and can be downloaded here. A row is rejected when it cannot be parsed, has no "
    "user, no readable time, a time before 1970 or more than 24 hours ahead, or when its user is "
    "in `exclude_users`. Of rows before a prune the text is not kept."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for first."""
    return (question(health.rejected),)


def show(page: Page) -> None:
    """Reasons with their counts, and the rows of those that are chosen."""
    summary = ask(health.rejected)
    sources = _options(summary, "source", "All sources")
    source = chosen("health_rejected", sources, ALL)
    reasons = _options(_of(summary, source=source), "reason", "All reasons")
    reason = chosen("health_reason", reasons, ALL)
    asked = {
        name: None if value == ALL else value
        for name, value in (("source", source), ("reason", reason))
    }
    total = int(_of(summary, source=source, reason=reason)["row_count"].sum())

    def controls() -> None:
        if len(sources) > 2:
            pick("Source", "health_rejected", sources, ALL)
        if len(reasons) > 2:
            pick("Reason", "health_reason", reasons, ALL)

    sections.head(
        "Rejected rows",
        key="rejected",
        page=page,
        query="health.rejected",
        says=SAYS,
        code=notebook.lines(health.rejected_rows, **asked, limit=None) if total else "",
        frame=(lambda: ask_once(health.rejected_rows, **asked, limit=None)) if total else None,
        file="dwell_rejected_rows",
        files=tuple(sections.FILES),
        extra=controls,
    )
    if summary.is_empty():
        st.caption("No row was rejected: all that was read is loaded, or was there before.")
        return
    _reasons(_of(summary, source=source), reason)
    if not total:
        st.caption(f"No row of {format.plain(source)} was rejected.")
        return
    place = st.container()
    at = pages_of(total, SIZE)
    with place:
        _rows(page, ask(health.rejected_rows, **asked, limit=SIZE, offset=at * SIZE))


def _options(frame: pl.DataFrame, name: str, every: str) -> dict[str, str]:
    return {ALL: every} | {value: value for value in frame[name].unique().sort().to_list()}


def _of(frame: pl.DataFrame, **values: str) -> pl.DataFrame:
    for name, value in values.items():
        if value != ALL:
            frame = frame.filter(frame[name] == value)
    return frame


def _reasons(summary: pl.DataFrame, shown: str) -> None:
    import polars as pl

    frame = (
        summary.group_by("reason")
        .agg(
            pl.col("row_count").sum(),
            pl.col("file").n_unique().alias("file_count"),
            pl.col("source").unique().sort().str.join(", ").alias("sources"),
        )
        .sort("row_count", "reason", descending=[True, False])
        .with_columns(share=pl.col("row_count") / pl.col("row_count").sum())
    )
    if frame.is_empty():
        return
    show_table(
        frame,
        {
            "reason": Column("Reason"),
            "row_count": Column("Rows", **COUNT),
            "share": Column("Share", bar=True),
            "file_count": Column("Files", **COUNT),
            "sources": Column("Sources", wide=True),
        },
        key="table_reasons",
        alt="Reasons for which rows were rejected",
        link=lambda row: href(
            health_reason=None if row["reason"] == shown else row["reason"], page=None
        ),
    )


def _rows(page: Page, frame: pl.DataFrame) -> None:
    def raw(value: str) -> str:
        return value if len(value) <= MOST_SHOWN else value[:MOST_SHOWN] + "\u2026"

    def whole(row: dict[str, Any]) -> str:
        return str(row["raw"] or "the text is not kept")

    def brought(row: dict[str, Any]) -> str:
        return f"{row['source']}, {page.clock(row['loaded_at'])}"

    show_table(
        frame.select("line", "raw", "reason", "file", "source", "loaded_at"),
        {
            "line": Column("Line", **COUNT),
            "raw": Column("As received", write=raw, wraps=True, hint=whole),
            "reason": Column("Reason"),
            "file": Column("File", write=health_states.short, under=brought, wide=True),
        },
        key="table_rejected",
        alt="Rejected rows as they were received",
        # Nothing to open: but the table stays HTML, where long lines wrap.
        as_html=True,
        height=900,
    )
