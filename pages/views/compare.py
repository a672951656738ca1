"""Compare: groups, segments or periods side by side, the verdict first. Computes no metric."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import comparison_table, sections
from pages.ui.ask import Question, answer, ask, question
from pages.ui.comparison_asked import Asked, asked, code
from pages.ui.comparison_choices import measure
from pages.ui.comparison_table import Part
from pages.ui.controls import href
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.views import compare_checks, compare_controls, compare_sections
from warehouse.metrics import overview

if TYPE_CHECKING:
    import polars as pl

STYLE = Path(__file__).parents[1] / "ui" / "comparison.css"
SAYS = (
    "Each metric of each group, with an interval of 95 %, and its difference from the baseline. By "
    "users, rates and means are ratios of what users add up to, with the spread between users "
    "(delta method); medians have Woodruff's interval; differences are Welch's. By sessions, "
    "shares are Wilson's and Newcombe's, medians order statistics. n are the users and sessions "
    "that the metric is of. p is Holm's over all rows of the table; raw, that of the row alone. "
    "A verdict takes p below 0.05, 100 users in both groups, and users split as intended. The "
    "smallest difference that would have been seen is one that such a test finds four times in "
    "five."
)
ALWAYS = (
    " Always valid: an asymptotic confidence sequence (Waudby-Smith and others 2024), whose "
    "intervals and p hold however often one looks."
)


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    return (question(overview.totals, page.filters), *asked(page).all())


def show(page: Page) -> None:
    """The verdict, what it rests on, and all sections; where there is nothing to compare, why."""
    st.html(STYLE)
    totals = ask(overview.totals, page.filters).row(0, named=True)
    if totals["session_count"] == 0:
        explain_empty(page)
    choices = asked(page)
    compare_controls.draw(choices)
    if choices.groups is None or len(choices.named) < 2:
        compare_checks.explain(page, choices)
    frame = answer(choices.table())
    compare_checks.verdict(choices, frame)
    compare_checks.draw(choices, frame)
    _table(page, choices, frame)
    compare_sections.show(page, choices)


def _table(page: Page, choices: Asked, frame: pl.DataFrame) -> None:
    sections.head(
        "Metric by metric",
        key="comparison",
        page=page,
        metrics=choices.metrics,
        query="compare.sums",
        filters=choices.filters,
        dimension=choices.dimension,
        says=says(choices),
        code=code(choices.table()),
        parts=choices.sql_parts(choices.metrics),
        frame=lambda: frame,
        file=sections.file_name(page, "comparison"),
        files=tuple(sections.FILES),
    )
    parts = rows_of(choices, frame)
    with st.container(key="table_comparison"):
        st.html(
            comparison_table.table(
                parts, "Metric", choices.labels, "Each metric of each group, and how it differs"
            )
        )
    st.caption(
        f"{comparison_table.scale_note(parts)} Small figures: intervals of 95 %, and what the "
        "metric is of. A metric opens its sections below."
    )


def says(choices: Asked) -> str:
    """How the rows are counted under these choices."""
    return SAYS + (ALWAYS if choices.always_valid else "")


def rows_of(choices: Asked, frame: pl.DataFrame) -> list[Part]:
    """The rows of the frame, metric by metric."""
    by_metric: dict[str, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        by_metric.setdefault(row["metric"], []).append(row)
    return [
        Part(
            name=measure(name).label,
            metric=measure(name),
            baseline=next(row for row in rows if row["group"] == choices.baseline),
            others=[row for row in rows if row["group"] in list(choices.labels)[1:]],
            hint=sections.definition(name) or "",
            link=href(metric=name),
            is_open=name == choices.metric,
        )
        for name, rows in by_metric.items()
    ]
