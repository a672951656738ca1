"""Definitions: glossary, lab, crosswalk, tables and settings, as tabs. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from etl.errors import did_you_mean
from pages.ui import format, glossary, header
from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen, href, parameter, search
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.tabs import tabs
from pages.views import crosswalk, definition_tables, lab, lab_bounds
from warehouse.metrics import data, overview

STYLE = Path(__file__).parents[1] / "ui" / "definitions.css"


class Part(NamedTuple):
    """A tab. `is_of_sessions`: the filters of the frame hold for it."""

    label: str
    show: Callable[[Page], None]
    asks: Callable[[Page], tuple[Question, ...]] = lambda page: ()
    is_of_sessions: bool = False


def _show_lab(page: Page) -> None:
    if not ask(overview.totals, page.filters)["session_count"].item():
        explain_empty(page)
    lab.show(page)
    lab_bounds.show(page)


def _lab_asks(page: Page) -> tuple[Question, ...]:
    totals = question(overview.totals, page.filters)
    return (totals, *lab.asks(page), *lab_bounds.asks(page))


def show_metrics(page: Page) -> None:
    """The glossary: all metrics, those that a text is in, or the one of the address."""
    rows = {row["name"]: row for row in ask(data.definitions).iter_rows(named=True)}
    settings = dict(ask(data.settings).select("name", "value").iter_rows())
    name = parameter("metric")
    if name is not None and name not in rows:
        header.tell_ignored([f"Metric: '{name}'. {did_you_mean(name, rows)}"])
    if name in rows:
        shown = [rows[name]]
        st.html(f'<p class="dwell-note"><a class="dwell-link" href="{_all()}">All metrics</a></p>')
    else:
        text = search("Search metrics", "q")
        shown = [row for row in rows.values() if glossary.fits(row, text, settings)]
        if not shown:
            st.caption(f"No metric has '{format.plain(text)}' in its name or definition.")
            return
    address = {each: href(metric=each, q=None) for each in rows}
    st.html(glossary.glossary(shown, settings, address))
    st.caption(
        "Made from the registry, with the settings of this build. The SQL is the line of the "
        "metric over the sessions of the filters; 'How is this counted?' beside each chart has "
        "the whole query."
    )


def _all() -> str:
    return href(metric=None)


PARTS: Mapping[str, Part] = {
    "metrics": Part("Metrics", show_metrics),
    "lab": Part("The lab", _show_lab, _lab_asks, is_of_sessions=True),
    "crosswalk": Part("Crosswalk", crosswalk.show, crosswalk.asks, is_of_sessions=True),
    "tables": Part("Tables", definition_tables.show_tables),
    "settings": Part("Settings", definition_tables.show_settings),
}


def _part() -> Part:
    return PARTS[chosen("view", PARTS, "metrics")]


def is_of_sessions() -> bool:
    """Whether the open tab tells of the sessions of the filters."""
    return _part().is_of_sessions


def asks(page: Page) -> tuple[Question, ...]:
    """What the open tab asks for, in the order in which it is drawn."""
    return _part().asks(page)


def show(page: Page) -> None:
    """The tabs, and the open one."""
    st.html(STYLE)
    labels = {name: part.label for name, part in PARTS.items()}
    shown = chosen("view", PARTS, "metrics")
    own = (
        *("metric", "q", "lab_source", "lab_of", "lab_timeout", "lab_bounce", "lab_idle"),
        *("crosswalk_of", "crosswalk_to"),
    )
    st.html(tabs("view", labels, shown, own))
    view = parameter("view")
    if view is not None and view not in PARTS:
        header.tell_ignored([f"View: '{view}'. {did_you_mean(view, PARTS)}"])
    PARTS[shown].show(page)
