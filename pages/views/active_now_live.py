"""What came since the build, on the one page that is about now. Never computes a metric.

The tail is read out of the home's files: nothing is asked of the collector, nor of the network.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format
from pages.ui.ask import Metric, ask, current_warehouse, first_line
from pages.ui.frame import Page
from warehouse import DwellError
from warehouse.live.tail import has_spool

if TYPE_CHECKING:
    import polars as pl

    from warehouse.live.live import Live, Seen

log = logging.getLogger(__name__)


def look(page: Page) -> Seen | None:
    """The home as it is now; None where no collector writes, or the address names a build."""
    home = current_warehouse().home
    if page.choice.view.build is not None or not has_spool(home):
        return None
    try:
        return _live(str(home)).look()
    except DwellError as error:
        log.warning("%s", error)
        return None


def seen_at(page: Page, seen: Seen | None) -> Page:
    """The page as of the newest event that is shown on it."""
    as_of = seen.live.as_of if seen and seen.live else None
    return replace(page, as_of=as_of) if as_of else page


def answer(page: Page, seen: Seen | None, metric: Metric) -> pl.DataFrame:
    """A metric's frame under the page's filters: of build and tail, else of the build."""
    if seen is None or seen.live is None:
        return ask(metric, page.filters)
    seen.live.longest = current_warehouse().longest
    try:
        return _answer(str(seen.live.home), seen.token, metric.__name__, page.filters, metric, seen)
    except DwellError as error:
        st.error(format.plain(f"{metric.__name__} could not be answered: {first_line(error)}."))
        st.stop()


def source(page: Page, seen: Seen | None) -> str:
    """Where the numbers come from, in words; nothing where no collector writes."""
    if seen is None:
        return ""
    built = f"build {seen.build.number}"
    if seen.problem:
        return f":orange[\u25cf] **Not live**, of {built} alone: {format.plain(seen.problem)}."
    if seen.live is None:
        return f"Of {built}: nothing came since."
    events = format.plural(seen.events, "event")
    return f":green[\u25cf] **Live**: {built} and {events} since."


# A page is looked at by many: they share what was read, and what was answered.
@st.cache_resource(max_entries=2, show_spinner=False)
def _live(home: str) -> Live:
    from warehouse.live.live import Live

    return Live(Path(home))


@st.cache_data(max_entries=50, show_spinner=False)
def _answer(
    home: str, token: str, name: str, filters: object, _metric: Metric, _seen: Seen
) -> pl.DataFrame:
    return _metric(_seen.live, filters)
