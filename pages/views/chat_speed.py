"""How quick answers are, and how long they are read. Never computes a metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import chat_asked, chat_charts, chat_latency, format, notebook
from pages.ui.ask import Question, ask, question
from pages.ui.chart_section import draw
from pages.ui.controls import pick, switch
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from warehouse.metrics import chat

if TYPE_CHECKING:
    import polars as pl

LATENCY_SAYS = (
    "From the prompt to the whole answer: as told (`latency_ms`), else between the two events. "
    "Time to first token is as told alone. p95: one answer in twenty takes longer. The hour is "
    "the local one of the answer."
)
READING_SAYS = (
    "From an answer to the next thing that was done in its session, or to an explicit idle; where "
    "neither came it is not known. Answers of closed sessions, by their characters; each bracket "
    "goes to twice the length of the one before."
)
OF = {"": "Whole answer", "first_token_": "First token"}


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    return (
        question(chat.latency, page.filters, by=chat_asked.latency_by()),
        question(chat.reading, page.filters),
    )


def show(page: Page, totals: Mapping[str, Any]) -> None:
    """Latency by what is chosen, and read times by length."""
    _latency(page, has_first_token=totals["first_token_p50_ms"] is not None)
    _reading(page)


def _latency(page: Page, *, has_first_token: bool) -> None:
    name = chat_asked.latency_by()
    frame = ask(chat.latency, page.filters, by=name)
    prefix = [""]

    def controls() -> None:
        if has_first_token:
            words = {"whole": OF[""], "first_token": OF["first_token_"]}
            of = switch("Whole answer or first token", "of", words, "whole")
            prefix[0] = "first_token_" if of == "first_token" else ""
        pick("By", "latency_by", chat_asked.LATENCY_BY, "model")

    def chart() -> Any:
        known = frame.filter(frame[f"{prefix[0]}p50_ms"].is_not_null())
        if name == "hour":
            return chat_latency.hours(known.to_dicts(), prefix[0])
        rows = known.head(chat_latency.MOST_ROWS).to_dicts()
        return chat_latency.latency(
            rows, [chat_asked.named(row[name], name) for row in rows], prefix[0]
        )

    label = chat_asked.LATENCY_BY[name].lower()
    draw(
        page,
        f"Latency by {label}",
        frame.filter(frame["p50_ms"].is_not_null()),
        chart,
        columns(frame, name),
        key="latency",
        query="chat.latency",
        says=LATENCY_SAYS,
        code=notebook.lines(chat.latency, page.filters, by=name),
        alt=f"Latency of answers by {label}: median, p90, p95 and p99",
        small="timed_count",
        control=controls,
        saved=frame,
        sql_parts=chat_asked.turn_parts(page.filters, name),
        files=chat_asked.FILES,
        empty="Of no answer here it is known how long it took.",
    )
    if name != "hour":
        st.html(chat_latency.marks())


def columns(frame: pl.DataFrame, name: str) -> dict[str, Column]:
    """The columns of the latency; of first tokens where some are told."""
    told = {"": ""} | ({"first_token_": "first token "} if frame["first_token_count"].sum() else {})
    write = (lambda hour: f"{hour:02}:00") if name == "hour" else None
    return {
        name: Column(chat_asked.LATENCY_BY[name], write=write, width=140),
        "timed_count": Column("n", **COUNT, width=90, help="Answers whose latency is known"),
        **{
            f"{prefix}{each}_ms": Column(
                f"{words}{each}", write=format.latency, width=90 + 8 * len(words)
            )
            for prefix, words in told.items()
            for each in chat_latency.PERCENTILES
        },
    }


def _reading(page: Page) -> None:
    import polars as pl

    frame = ask(chat.reading, page.filters).filter(pl.col("read_count") > 0)
    draw(
        page,
        "Read time by length of the answer",
        frame.with_columns(
            length=pl.Series(
                [chat_charts.length_label(row) for row in frame.to_dicts()], dtype=pl.String
            )
        ),
        lambda: chat_charts.reading(frame),
        {
            "length": Column("Characters", width=130),
            "response_count": Column("Answers", **COUNT, width=90),
            "read_count": Column("n", **COUNT, width=90, help="Answers whose read time is known"),
            "p25_read_seconds": Column("One in four below", **SPAN, width=130),
            "median_read_seconds": Column("Median", **SPAN, width=90),
            "p75_read_seconds": Column("One in four above", **SPAN, width=130),
        },
        key="reading",
        query="chat.reading",
        says=READING_SAYS,
        code=notebook.lines(chat.reading, page.filters),
        sql_parts=chat_asked.turn_parts(page.filters),
        files=chat_asked.FILES,
        alt="Median read time and the half of all around it, by length of the answer",
        small="read_count",
        note=(
            "Below each bar the length from which on it is, and n; half of the answers were read "
            "as long as it reaches, the dot is the median. Grey: n below 100."
        ),
        saved=frame,
        empty="Of no answer here both length and read time are known.",
    )
