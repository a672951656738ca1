"""The controls of the page Compare. Never computes a metric."""

from __future__ import annotations

import streamlit as st

from pages.ui import comparison_choices as words
from pages.ui.comparison_asked import Asked
from pages.ui.controls import pick, several, switch

OTHERS = ""


def draw(asked: Asked) -> None:
    """What is compared with what in a row, the metrics below it."""
    with st.container(horizontal=True, vertical_alignment="center", key="comparison_controls"):
        pick("Compare by", "by", words.offered_ways(), asked.by)
        if asked.by == words.SEGMENTS:
            _segments()
        elif asked.by != words.PERIOD and len(asked.named) > 1 and asked.baseline:
            _baseline(asked)
        switch("Count by", "unit", words.UNITS, "user")
        with st.popover(_summary(asked), icon=":material/tune:", key="comparison_more"):
            _intervals()
    with st.container(key="comparison_metrics"):
        several(
            "Metrics",
            "metrics",
            words.offered_metrics(asked.kinds),
            words.usual_metrics(asked.kinds),
        )


def _segments() -> None:
    known = words.segments_of()
    if not known:
        return
    first = pick("Segment", "a", known, next(iter(known)))
    st.caption("against", width="content")
    rest = {name: label for name, label in known.items() if name != first}
    pick("Against", "b", {OTHERS: words.REST.capitalize(), **rest}, OTHERS)


def _baseline(asked: Asked) -> None:
    st.caption("against", width="content")
    labels = {name: name for name in asked.named}
    pick("Baseline", "baseline", labels, words.usual_baseline(asked.named))


def _intervals() -> None:
    switch("Intervals", "intervals", words.INTERVALS, "once")
    st.caption(
        "Looked at once: intervals and p of a comparison that is read at one moment, chosen "
        "beforehand. Always valid (asymptotic confidence sequence): wider, and right however often "
        "one looks, and whenever one stops."
    )


def _summary(asked: Asked) -> str:
    return "Always valid intervals" if asked.always_valid else "Intervals"
