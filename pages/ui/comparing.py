"""What a period is compared with: the control, and the words for it. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from pages.ui.address import Choice
from pages.ui.periods import CUSTOM
from pages.ui.view_address import COMPARISONS
from warehouse.filters import FIRST_DAY, LAST_DAY, Filters
from warehouse.metrics import compared
from warehouse.metrics.compared import Compare

# What each choice means, below its name; then how the compared line is named in a chart.
EXPLAINED = {
    "none": "",
    "previous": "As many days right before",
    "weekday": "Whole weeks before, so that a Monday meets a Monday",
    "year": "The same dates a year before",
    CUSTOM: "From any other day on",
}
LINES = {
    "none": "",
    "previous": "previous",
    "weekday": "previous",
    "year": "year before",
    CUSTOM: "other days",
}


def asked(choice: Choice, filters: Filters) -> Compare | Filters:
    """What the metrics are asked to compare with."""
    if choice.view.against:
        start, end = choice.view.against
        return replace(filters, start=start, end=end)
    words: dict[str, Compare] = {"none": "none", "previous": "previous", "year": "year"}
    return words.get(choice.view.compare, "weekday")


def days_beside(choice: Choice, filters: Filters, days: Sequence[date]) -> list[date | None]:
    """The day that stands beside each of the days; None beside none."""
    if choice.view.against and days:
        shift: timedelta | None = days[0] - choice.view.against[0]
    elif choice.view.compare == "none":
        shift = None
    else:
        shift = timedelta(days=filters.shift(choice.view.compare) or 0) or None
    return [day - shift if shift else None for day in days]


def draw(choice: Choice, filters: Filters, write: Callable[[Choice], None]) -> None:
    """A button that names what is compared with, and opens the others."""
    st.session_state["compare"] = choice.view.compare
    word = choice.view.compare
    label = "Not compared" if word == "none" else f"vs {COMPARISONS[word]}"
    with st.popover(label, key="compare_open"):
        st.radio(
            "Compare the period with",
            tuple(COMPARISONS),
            format_func=lambda word: COMPARISONS[word].capitalize(),
            captions=tuple(EXPLAINED.values()),
            key="compare",
            on_change=_on_compare,
            args=(choice, filters, write),
        )
        if word != CUSTOM:
            return
        # A range with one end only is still being picked: setting it back would undo the pick.
        if len(st.session_state.get("against", ())) != 1:
            st.session_state["against"] = choice.view.against
        st.date_input(
            "Days to compare with",
            key="against",
            on_change=_on_against,
            args=(choice, write),
            format="YYYY-MM-DD",
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
        )


def _on_compare(choice: Choice, filters: Filters, write: Callable[[Choice], None]) -> None:
    word = st.session_state["compare"]
    against = None
    if word == CUSTOM:
        # Other days begin as those of the comparison so far.
        before = compared.moved(filters, filters, asked(choice, filters))
        before = before or filters.previous() or filters
        against = (before.start, before.end)
    write(choice.looked_at(compare=word, against=against))


def _on_against(choice: Choice, write: Callable[[Choice], None]) -> None:
    picked = st.session_state["against"]
    if len(picked) == 2:
        write(choice.looked_at(compare=CUSTOM, against=tuple(picked)))
