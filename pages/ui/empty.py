"""Pages with nothing to show: the cause, and the way out. Never a bare empty chart."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import streamlit as st

from pages.ui import filter_row as row
from pages.ui import format
from pages.ui.address import Choice, named
from pages.ui.frame import Page
from pages.ui.periods import DEFAULT_PERIOD
from warehouse.conditions import NO_CONDITIONS


def explain_empty(page: Page) -> NoReturn:
    """Ends a page that has no session to show, with the cause and the way out."""
    tell_empty(page)
    st.stop()


def tell_empty(page: Page) -> None:
    """The same on a page that has something else to show."""
    start, end = page.filters.start, page.filters.end
    when = "on any day"
    if start and end:
        when = f"on {format.day(start)}" if start == end else f"from {format.days(start, end)}"
    if start and end and (start > page.last_day or end < page.first_day):
        st.info(
            f"No sessions {when}: the data reaches from "
            f"{format.days(page.first_day, page.last_day)}."
        )
        row.button(
            "Show the last 30 days of data",
            page.choice,
            replace(page.choice, period=DEFAULT_PERIOD, start=None, end=None, bots=False),
            key="show_last",
        )
    elif page.choice.is_narrowed:
        chosen = [f"segment {name}" for name in page.choice.segments]
        chosen += [
            f"{dimension.label.lower()} {format.plain(format.listed(values, most=8))}"
            for dimension in page.choice.dimensions
            if (values := named(page.choice, dimension))
        ]
        st.info(f"No sessions match {' and '.join(chosen)} {when}.")
        if "bot" in page.filters.devices and not page.choice.bots:
            st.caption("Sessions of bots are left out: the chip above counts them.")
        clear_filters(page.choice)
    else:
        st.info(f"No sessions {when}, although there is data before and after.")
        row.button(
            "Show the last 30 days of data",
            page.choice,
            Choice(view=page.choice.view),
            key="show_last",
        )


def clear_filters(choice: Choice) -> None:
    """Button that takes every filter back but the period."""
    kept = replace(choice, where=NO_CONDITIONS, segments=(), bots=False)
    row.button("Clear the filters", choice, kept, key="clear_filters")
