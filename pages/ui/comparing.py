"""What a period is compared with: the control, and the words for it. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from pages.ui.address import Choice
from pages.ui.periods import CUSTOM
from pages.ui.view_address import COMPARISONS
from warehouse.filters import FIRST_DAY, LAST_DAY, Filters
from warehouse.metrics import compared
from warehouse.metrics.compared import Compare


@dataclass(frozen=True)
class Comparison:
    """One choice: what it is called, what it means, and the name of its line in a chart."""

    label: str
    meaning: str = ""
    line: str = ""


_CHOICES = (
    Comparison("nothing"),
    Comparison("previous period", "As many days right before", "previous"),
    Comparison("same weekdays", "Whole weeks before, so that a Monday meets a Monday", "previous"),
    Comparison("a year before", "The same dates a year before", "year before"),
    Comparison("other days", "From any other day on", "other days"),
)
BY_WORD = dict(zip(COMPARISONS, _CHOICES, strict=True))


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
    label = "Not compared" if word == "none" else f"vs {BY_WORD[word].label}"
    with st.popover(label, key="compare_open"):
        st.radio(
            "Compare the period with",
            COMPARISONS,
            format_func=lambda word: BY_WORD[word].label.capitalize(),
            captions=[each.meaning for each in _CHOICES],
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
