"""Breakdowns: any dimension by any headline metrics, searched, ordered and paged as a whole.

Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import (
    breakdown_columns,
    breakdowns,
    drill,
    format,
    measures,
    notebook,
    sections,
    tables,
)
from pages.ui.ask import Question, ahead, ask, question
from pages.ui.controls import chosen, go, href, pages_of, pick, search, several
from pages.ui.empty import explain_empty
from pages.ui.filter_row import href_of
from pages.ui.frame import Page
from pages.ui.ordering import Order, order_of
from pages.views import crosstab
from warehouse.dimensions import Dimension, dimension_named
from warehouse.metrics import breakdowns as metric
from warehouse.metrics import overview
from warehouse.metrics.registry import COLUMNS

if TYPE_CHECKING:
    import polars as pl

FEW, PAGE_SIZE = 10, 50
SAYS = (
    "Values by their sessions; Other is all values that are not in the table, counted as one, and "
    "the total that of the overview. A change is of complete days. "
    "Intervals of 95 %: of rates by Wilson, of means by Student's t. They take sessions "
    "as independent, and say nothing of what is left out."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the page asks for, whatever the dimension is."""
    return (
        question(overview.totals, page.filters),
        question(metric.known, page.filters),
        question(overview.change, page.filters, compare=page.compare),
    )


def show(page: Page) -> None:
    """Both sections of the page; when no session matches, why."""
    totals = ask(overview.totals, page.filters).row(0, named=True)
    if totals["session_count"] == 0:
        explain_empty(page)
    counts = dict(ask(metric.known, page.filters).iter_rows())
    with st.container(horizontal=True, vertical_alignment="center", key="breakdown_controls"):
        dimension = _dimension(counts)
        ahead(crosstab.asked(page, dimension, counts))
        names = several("Metrics", "metrics", measures.headlines(), COLUMNS)
        text = search("Search values", "q")
    _values(page, dimension, names, text, breakdowns.value_count(page, dimension))
    crosstab.show(page, dimension, counts)


def _dimension(counts: Mapping[str, int]) -> Dimension:
    """The dimension in the address; those of which nothing is known stand last, and say so."""
    every = breakdowns.dimensions()
    offered = sorted(every, key=lambda each: not counts.get(each.name))
    labels = {
        each.name: each.label if counts.get(each.name) else f"{each.label} (none in these sessions)"
        for each in offered
    }
    default = "entry_page" if counts.get("entry_page") else offered[0].name
    return dimension_named(pick("Dimension", "by", labels, default), every)


def _values(
    page: Page, dimension: Dimension, names: tuple[str, ...], text: str, count: int
) -> None:
    asked = tuple(dict.fromkeys(("session_count", *names)))
    columns = breakdown_columns.of(dimension, asked, compared=page.before.is_there)
    order = order_of(breakdown_columns.orders(columns), "session_count")
    is_all = chosen("view", ("all",), "") == "all"

    def changed(**options: Any) -> pl.DataFrame:
        args = (page.filters, dimension.name, asked)
        return ask(metric.change, *args, **options, compare=page.compare)

    def every() -> pl.DataFrame:
        return changed(limit=metric.ALL, search=text or None)

    sections.head(
        f"Sessions by {dimension.label.lower()}",
        key="values",
        page=page,
        metrics=asked,
        query="breakdowns.by",
        filters=page.filters,
        dimension=dimension.name,
        says=f"{SAYS} {breakdowns.OVERLAP}" if dimension.is_list else SAYS,
        code=notebook.lines(
            metric.change,
            page.filters,
            dimension.name,
            asked,
            search=text or None,
            compare=page.compare,
        ),
        frame=lambda: breakdowns.ordered(every(), order),
        file=sections.file_name(page, dimension.name),
    )
    is_usual = order.column == order.default and order.descending
    if is_usual and not text and not is_all:
        # The usual sight asks for ten values alone.
        frame = changed(limit=FEW)
    else:
        frame = breakdowns.ordered(every(), order)
    found = frame.filter(~frame["is_other"] & ~frame["is_total"])
    if text:
        count = found.height
        if not count:
            st.info(f"No {dimension.label.lower()} contains '{format.plain(text)}' here.")
            st.button("Clear the search", on_click=go, kwargs={"q": None})
            return
    with st.container(key="table_place"):
        place = st.container()
        size = PAGE_SIZE if is_all else FEW
        at = pages_of(found.height, size) if is_all else 0
    if found.height > size:
        some = tuple(found["value"].slice(at * size, size))
        frame = changed(values=some)
    with place:
        _table(page, dimension, frame, columns, order)
    _notes(page, dimension, count, is_all=is_all)


def _table(
    page: Page,
    dimension: Dimension,
    frame: pl.DataFrame,
    columns: Mapping[str, tables.Column],
    order: Order,
) -> None:
    rows = breakdowns.named(breakdowns.ordered(frame, order))
    tables.show(
        breakdown_columns.with_ends(rows, columns),
        columns,
        key="table_values",
        alt=f"Sessions by {dimension.label.lower()}, with their intervals"
        + (" and changes" if page.before.is_there else ""),
        small="session_count",
        rest="is_rest",
        mark=breakdown_columns.ink_of_total,
        order=order,
        link=lambda row: breakdowns.only(page, dimension, row),
        more=lambda row: drill.ways(page.choice, dimension, row, href_of),
        height=PAGE_SIZE * tables.ROW_HEIGHT,
    )


def _notes(page: Page, dimension: Dimension, count: int, *, is_all: bool) -> None:
    """The way to all values or back to ten, and what a reader has to know of the rows."""
    link = ""
    if count > FEW:
        words = f"Show the first {FEW}" if is_all else f"View all ({format.count(count)})"
        link = breakdowns.link(words, href(view=None if is_all else "all", page=None))
    parts = [link, breakdowns.OVERLAP if dimension.is_list else "", escape(page.before.sentence)]
    st.html(f'<p class="dwell-note">{" · ".join(part for part in parts if part)}</p>')
