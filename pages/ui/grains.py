"""Of what periods the time charts tell: day, week or month; and whole periods alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import filter_row as row
from pages.ui.address import Choice
from pages.ui.filter_editor import Write
from pages.ui.view_address import GRAINS
from warehouse.filters import Filters
from warehouse.query import Grain

if TYPE_CHECKING:
    import polars as pl

# Longer periods are told by week, and from two years on by month.
MOST_DAYS, MOST_DAYS_OF_WEEKS = 90, 731


def usual(filters: Filters) -> Grain:
    """The grain that a period of that length is told in."""
    days = filters.day_count
    if days is not None and days <= MOST_DAYS:
        return "day"
    return "week" if days is not None and days <= MOST_DAYS_OF_WEEKS else "month"


def of(choice: Choice, filters: Filters) -> Grain:
    """The grain that the reader chose, else that of the period's length."""
    grains: dict[str | None, Grain] = {"day": "day", "week": "week", "month": "month"}
    return grains.get(choice.view.grain, usual(filters))


def draw(choice: Choice, filters: Filters, *, whole: bool = False) -> None:
    """The control of the grain; with the switch for whole periods where a chart can do without."""
    write = row.writer(choice)
    st.session_state["grain"] = of(choice, filters)
    st.segmented_control(
        "By day, week or month",
        tuple(GRAINS),
        format_func=GRAINS.__getitem__,
        required=True,
        key="grain",
        on_change=_on_grain,
        args=(choice, filters, write),
        label_visibility="collapsed",
    )
    if whole:
        st.session_state["complete"] = choice.view.complete
        st.toggle(
            "Complete",
            key="complete",
            on_change=_on_complete,
            args=(choice, write),
            help="Without days, weeks and months that are cut short or still running",
        )


def shown(choice: Choice, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that a chart shows; all of them where not one is complete."""
    whole = frame.filter(frame["is_complete"])
    return whole if choice.view.complete and not whole.is_empty() else frame


def _on_grain(choice: Choice, filters: Filters, write: Write) -> None:
    grain = st.session_state["grain"]
    write(choice.looked_at(grain=None if grain == usual(filters) else grain))


def _on_complete(choice: Choice, write: Write) -> None:
    write(choice.looked_at(complete=st.session_state["complete"]))
