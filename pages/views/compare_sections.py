"""The sections of Compare below its table: by day, by length, by segment. Computes no metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import (
    chart_section,
    comparison_charts,
    comparison_table,
    comparison_words,
    format,
    marks,
    sections,
)
from pages.ui.ask import answer
from pages.ui.comparison_asked import Asked, code
from pages.ui.comparison_choices import LENGTHS, across_of, measure, offered_metrics
from pages.ui.comparison_table import Part
from pages.ui.controls import pick, switch
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column

if TYPE_CHECKING:
    import polars as pl

BY_DAY = (
    "What the table would have said at the end of each day: all sessions from the first day on. "
    "Who is in several groups is left out as of the last day. Intervals of 95 % each: that the "
    "band leaves the line for a day says little, with so many days to look at, unless intervals "
    "are always valid."
)
BINS = (
    "The share of each group's sessions by length, in bins of about three a decade. A bin holds "
    "what is above its low end, up to and with its high one."
)
WITHIN = (
    "The metric within each value, of those with the most sessions; sessions of which it is not "
    "known are in none. p is Holm's over all rows here. Where one value alone differs among many, "
    "it may be chance all the same: a reason to look again, with new data."
)


def show(page: Page, asked: Asked) -> None:
    """All of them."""
    _by_day(page, asked)
    _lengths(page, asked)
    _within(page, asked)


def _metric(asked: Asked) -> None:
    labels = offered_metrics(asked.kinds)
    pick("Metric", "metric", labels, asked.usual_metric)


def _by_day(page: Page, asked: Asked) -> None:
    metric = measure(asked.metric)
    title = f"Difference in {metric.label.lower()} by day, cumulative"
    question = asked.trend()
    if question is None and asked.is_of_periods:
        # They have no day in common.
        return
    if question is None:
        sections.head(title, key="by_day", extra=lambda: _metric(asked))
        st.caption(
            f"{metric.label} does not add up from day to day, as medians do not. Choose a "
            "mean, a rate or a count to see its difference by day."
        )
        return
    frame = answer(question)
    paint = comparison_charts.colors(asked.named, asked.baseline)
    others = frame.filter(frame["group"] != asked.baseline)
    days = sorted(set(others["date"]))
    marked = marks.marks_of(page, days)
    units = "Users" if asked.unit == "user" else "Sessions"
    few = others["group"].n_unique() > comparison_charts.MOST_BANDS
    note = f"Zero is {format.plain(asked.labels[str(asked.baseline)])}. " + (
        "The table has the intervals: so many bands would hide each other."
        if few
        else "The band is the interval of 95 %; of the first days it may go beyond the chart."
    )
    chart_section.draw(
        page,
        title,
        others,
        lambda: marks.draw(
            comparison_charts.trend(others, metric, paint, asked.labels), marked, days
        ),
        {
            "date": Column("Day", write=format.day, width=110),
            "group": Column("Group"),
            "unit_count": Column(units, **COUNT, width=80),
            "value": Column(
                metric.heading, write=lambda value: comparison_words.value(value, metric)
            ),
            **{
                name: Column(label, write=lambda size: comparison_words.difference(size, metric))
                for name, label in (
                    *(("difference", "Difference"), ("difference_low", "From")),
                    ("difference_high", "To"),
                )
            },
        },
        key="by_day",
        query="compare.trend",
        filters=asked.filters,
        dimension=asked.dimension,
        code=code(question),
        says=BY_DAY,
        metrics=(asked.metric,),
        alt=f"{title}: a line for each group, with its interval",
        note=marks.noted(note, marked),
        small="unit_count",
        control=lambda: _metric(asked),
        saved=frame,
        sql_parts=asked.sql_parts((asked.metric,)),
        empty="No user has this metric on any day.",
    )


def _lengths(page: Page, asked: Asked) -> None:
    question = asked.distribution()
    frame = answer(question)
    paint = comparison_charts.colors(asked.named, asked.baseline)
    chart_section.draw(
        page,
        f"Sessions by {LENGTHS[asked.of].lower()}, group by group",
        frame,
        lambda: comparison_charts.lengths(frame, paint, asked.labels),
        {
            "group": Column("Group"),
            "low_seconds": Column("Longer than", **SPAN, width=110),
            "high_seconds": Column(
                "Up to and with", **SPAN, width=110, help="A dash where the bin has no end"
            ),
            "session_count": Column("Sessions", **COUNT, width=90),
            "share": Column("Share", write=format.share, help="Of the sessions of the group"),
        },
        key="lengths",
        query="compare.distribution",
        filters=asked.filters,
        dimension=asked.dimension,
        code=code(question),
        says=BINS,
        alt="The share of each group's sessions by length, as steps over each other",
        control=lambda: switch("Length of a session", "of", LENGTHS, "duration"),
        sql_parts=asked.sql_parts((asked.metric,)),
    )


def _within(page: Page, asked: Asked) -> None:
    metric = measure(asked.metric)
    question = asked.by_segment()
    frame = answer(question)
    labels = across_of(asked.by)
    label = labels[asked.across]
    sections.head(
        f"{metric.label} by {label.lower()}",
        key="within",
        page=page,
        metrics=(asked.metric,),
        query="compare.sums",
        filters=asked.filters,
        dimension=asked.dimension,
        crossed=asked.across,
        says=WITHIN,
        code=code(question),
        parts=asked.sql_parts((asked.metric,), asked.across),
        frame=lambda: frame,
        file=sections.file_name(page, f"comparison_by_{asked.across}"),
        files=tuple(sections.FILES),
        extra=lambda: pick("Within", "across", labels, next(iter(labels))),
    )
    if frame.is_empty():
        st.caption(f"{label} is not known of any of these sessions.")
        return
    parts = rows_of(asked, frame)
    with st.container(key="table_segments"):
        st.html(
            comparison_table.table(
                parts, label, asked.labels, f"{metric.label} of each group by {label.lower()}"
            )
        )
    st.caption(comparison_table.scale_note(parts))


def rows_of(asked: Asked, frame: pl.DataFrame) -> list[Part]:
    """The rows of the frame, segment by segment."""
    by_segment: dict[str, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        by_segment.setdefault(row["segment"], []).append(row)
    return [
        Part(
            name=segment,
            metric=measure(asked.metric),
            baseline=next(row for row in rows if row["group"] == asked.baseline),
            others=[row for row in rows if row["group"] in list(asked.labels)[1:]],
        )
        for segment, rows in by_segment.items()
    ]
