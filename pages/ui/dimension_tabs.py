"""A card of the overview: sessions by one of several dimensions, the open one in the address.

Only the dimension of the open tab is asked for. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import breakdowns, drill, format, notebook, sections
from pages.ui.ask import ahead, ask, question
from pages.ui.controls import chosen
from pages.ui.filter_row import href_of
from pages.ui.frame import Page
from pages.ui.ordering import order_of
from pages.ui.tables import Column, metric_column, show
from pages.ui.tabs import tabs as links_of
from warehouse.dimensions import GROUPS, Dimension
from warehouse.metrics import breakdowns as metric
from warehouse.metrics.registry import BY_NAME, COLUMNS


def cards(page: Page) -> None:
    """A card for each group of dimensions of which something is known, and a line on the others."""
    rows = ask(metric.known, page.filters).iter_rows(named=True)
    counts = {row["dimension"]: row["session_count"] for row in rows}
    every = breakdowns.dimensions()
    groups = [
        (group, tabs)
        for group in GROUPS
        if (tabs := [each for each in every if each.group == group and counts.get(each.name)])
    ]
    shown = [_open(*each).name for each in groups]
    ahead(*(question(metric.by, page.filters, name, COLUMNS) for name in shown))
    ahead(*(question(metric.value_count, page.filters, name) for name in shown))
    for at in range(0, len(groups), 2):
        for column, (group, tabs) in zip(
            st.columns(2, gap="medium"), groups[at : at + 2], strict=False
        ):
            with column:
                _card(page, group, tabs)
    unknown = [each.label.lower() for each in every if not counts.get(each.name)]
    if unknown:
        st.caption(f"Not in these sessions: {', '.join(unknown)}.")


def _card(page: Page, group: str, tabs: Sequence[Dimension]) -> None:
    """One group: its tabs, and ten values of the open one with Other."""
    key = _key(group)
    dimension = _open(group, tabs)
    order = order_of(("value", *COLUMNS), "session_count", dimension.name)
    asked = (page.filters, dimension.name, COLUMNS)
    frame = ask(metric.by, *asked)
    sections.head(
        group,
        key=key,
        page=page,
        metrics=COLUMNS,
        query="breakdowns.by",
        filters=page.filters,
        dimension=dimension.name,
        says=breakdowns.OVERLAP if dimension.is_list else "",
        code=notebook.lines(metric.by, *asked),
        frame=lambda: breakdowns.ordered(ask(metric.by, *asked, limit=metric.ALL), order),
        file=sections.file_name(page, dimension.name),
    )
    labels = {each.name: each.label for each in tabs}
    st.html(links_of(f"tab_{key}", labels, dimension.name))
    show(
        breakdowns.named(breakdowns.ordered(frame.filter(~frame["is_total"]), order)),
        {
            "value": Column(dimension.label),
            "session_count": metric_column("session_count"),
            "share": Column("Share", bar=True, help="Share of all sessions"),
            **{name: metric_column(name) for name in COLUMNS if name != "session_count"},
        },
        key=f"table_{dimension.name}",
        alt=f"Sessions by {dimension.label.lower()}: share, "
        + ", ".join(BY_NAME[name].label.lower() for name in COLUMNS),
        small="session_count",
        rest="is_rest",
        order=order,
        link=lambda row: breakdowns.only(page, dimension, row),
        more=lambda row: drill.ways(page.choice, dimension, row, href_of),
    )
    st.html(_more(page, dimension))


def _key(group: str) -> str:
    return group.lower().replace(" ", "_")


def _open(group: str, tabs: Sequence[Dimension]) -> Dimension:
    """The dimension of the tab that the address names, else the first."""
    names = {each.name: each for each in tabs}
    return names[chosen(f"tab_{_key(group)}", names, tabs[0].name)]


def _more(page: Page, dimension: Dimension) -> str:
    count = breakdowns.value_count(page, dimension)
    address = breakdowns.all_values(page, dimension)
    overlap = " · values overlap" if dimension.is_list else ""
    link = breakdowns.link(f"View all ({format.count(count)})", address)
    return f'<p class="dwell-note">{link}{overlap}</p>'
