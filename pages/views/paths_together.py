"""Used together: pages or event types that the same sessions or users have. Never computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, notebook, sections, tables
from pages.ui.ask import Question, answer, current_warehouse, question
from pages.ui.controls import chosen, href, pick, switch
from pages.ui.frame import Page
from pages.ui.ordering import order_of
from pages.ui.tables import COUNT, Column
from warehouse.metrics import path_shape, paths

if TYPE_CHECKING:
    import polars as pl

FEATURES = {"event_type": "Event types", "page": "Pages"}
UNITS = {"session": "By session", "user": "By user"}
TOPS = {str(number): f"Of the {number} most used" for number in (10, 20, 40, 60)}
LEAST = {str(number): f"n at least {number}" for number in (1, 5, 10, 30, 100)}
SAYS = (
    "Pairs of {features} that the same {units} have, of the {top} that most sessions have. "
    "Expected is how many would have both if neither knew of the other: the product of their "
    "shares. Lift is together ÷ expected: 1 is chance, 2 twice as often. Support is the share of "
    "all {units} with {features} that have both. Pairs of fewer than {least} {units} are left out: "
    "their lift is mostly noise. None of this says that one leads to the other."
)
COLUMNS = ("feature", "lift", "together_count", "expected_count", "support")


def _asked(page: Page) -> Question:
    return question(
        paths.together,
        page.filters,
        chosen("of", FEATURES, "event_type"),
        chosen("by", UNITS, "session"),
        int(chosen("top", TOPS, "20")),
        int(chosen("least", LEAST, "10")),
    )


def asks(page: Page) -> tuple[Question, ...]:
    """What the tab shows."""
    return (_asked(page),)


def show(page: Page) -> None:
    """The pairs, those that are together most beyond chance first."""
    with st.container(horizontal=True, vertical_alignment="center", key="together_controls"):
        of = switch("Features are", "of", FEATURES, "event_type")
        by = switch("Together in", "by", UNITS, "session")
        top = int(pick("Looked at", "top", TOPS, "20"))
        least = int(pick("Smallest pair", "least", LEAST, "10"))
    asked = _asked(page)
    frame = answer(asked)
    order = order_of(COLUMNS, "lift", "together")
    features = "pages" if of == "page" else "types of events"
    units = f"{by}s"
    sections.head(
        f"{features.capitalize()} that the same {units} have",
        key="together",
        page=page,
        query="paths.together",
        filters=page.filters,
        says=SAYS.format(features=features, units=units, top=top, least=least),
        code=notebook.lines(paths.together, *asked.args),
        parts=path_shape.sql_parts(current_warehouse(), of=of),
        frame=lambda: order.applied(frame),
        file=sections.file_name(page, "together"),
    )
    if frame.is_empty():
        st.info(f"No two {features} are together in {least} {units} or more.")
        return
    st.markdown(found(frame, units))
    tables.show(
        order.applied(frame),
        {
            "feature": Column("One"),
            "other_feature": Column("Other"),
            "lift": Column("Lift", write=_times, help="Together \u00f7 expected"),
            "together_count": Column("Together", **COUNT, help=f"{units.capitalize()} with both"),
            "expected_count": Column(
                "Expected", write=format.number, help="By chance alone", wide=True
            ),
            "support": Column(
                "Support", write=format.share, help=f"Of all {units} that have any", wide=True
            ),
            "feature_count": Column("With one", **COUNT, wide=True),
            "other_count": Column("With other", **COUNT, wide=True),
        },
        key="table_together",
        alt=f"Pairs of {features}: how often together, and expected",
        small="together_count",
        order=order,
        link=lambda row: _paths_from(row["feature"], of),
        height=600,
    )
    st.caption("A row opens the paths from its first one.")


def _paths_from(feature: str, of: str) -> str:
    return href(view=None, of=None, by=None, top=None, least=None, start=feature, steps=of)


def _times(lift: float) -> str:
    return f"{lift:,.2f}"


def found(frame: pl.DataFrame, units: str) -> str:
    """The pair that is together most beyond chance, and the one that is least."""
    rows = frame.to_dicts()
    best = max(rows, key=lambda row: row["lift"])
    sentence = (
        f"{format.plain(best['feature'])} and {format.plain(best['other_feature'])} are together "
        f"in {format.count(best['together_count'])} {units}, {_times(best['lift'])} times "
        "as often as by chance."
    )
    worst = min(rows, key=lambda row: row["lift"])
    if worst["lift"] < 1:
        sentence += (
            f" {format.plain(worst['feature'])} and {format.plain(worst['other_feature'])} keep "
            f"apart: {format.count(worst['together_count'])} where "
            f"{format.number(worst['expected_count'])} were expected."
        )
    return sentence
