"""The controls of the page Retention. Never computes a metric."""

from __future__ import annotations

import streamlit as st

from pages.ui import header, step_choices
from pages.ui.controls import parameter, pick, switch, type_or_pick
from pages.ui.frame import Page
from pages.ui.retention_asked import BRACKETS, CLOCKS, ENTRIES, IDENTITIES, KINDS, PERIODS, Asked

ANY = "Any event"


def draw(page: Page, asked: Asked) -> None:
    """Those that most readers move in a row, the others behind one button."""
    with st.container(horizontal=True, vertical_alignment="center", key="retention_controls"):
        switch("Cohorts by", "per", PERIODS, "week")
        switch("Back in a period", "kind", KINDS, "exact")
        if asked.kind == "bracket":
            type_or_pick("Brackets", "brackets", (BRACKETS,), BRACKETS)
        with st.popover(_summary(asked), icon=":material/tune:", key="retention_more"):
            _more(page)
    header.tell_ignored(asked.ignored)


def _more(page: Page) -> None:
    st.caption("Enter with")
    given = [text for name in ("start", "back") if (text := parameter(name))]
    steps = (ANY, *step_choices.offered(page, given))
    pick("Entry", "entry", ENTRIES, "first")
    type_or_pick("Starts with", "start", steps, ANY)
    st.caption("Come back with")
    type_or_pick("Comes back with", "back", steps, ANY)
    st.caption(step_choices.GRAMMAR)
    st.caption("Periods are")
    switch("Clock", "clock", CLOCKS, "calendar")
    st.caption("Users are")
    switch("Users are", "identity", IDENTITIES, "user_id")


def _summary(asked: Asked) -> str:
    """What of the choices behind the button is not as usual."""
    parts = [
        ENTRIES[asked.entry] if asked.entry != "first" else "",
        f"from {asked.start}" if asked.start else "",
        f"back with {asked.back}" if asked.back else "",
        CLOCKS[asked.clock] if asked.clock != "calendar" else "",
        IDENTITIES[asked.identity] if asked.identity != "user_id" else "",
    ]
    told = " \u00b7 ".join(part for part in parts if part)
    return told.replace("[", "\\[").replace("*", "\\*") or "Entry, return, clock"
