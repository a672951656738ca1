"""Paths: its tabs. Only what the open one shows is asked. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.tabs import tabs
from pages.views import paths_moves, paths_steps, paths_together, patterns
from warehouse.metrics import sessions


class Tab(NamedTuple):
    """What a tab is called, what it asks, and what it shows."""

    label: str
    asks: Callable[[Page], tuple[Question, ...]]
    show: Callable[[Page], None]


TABS: Mapping[str, Tab] = {
    "steps": Tab("Step by step", paths_steps.asks, paths_steps.show),
    "moves": Tab("From page to page", paths_moves.asks, paths_moves.show),
    "together": Tab("Used together", paths_together.asks, paths_together.show),
    "patterns": Tab("Patterns", patterns.asks, patterns.show),
}
PARAMETER = "view"
# What one tab alone asks for.
_OWN = ("of", "by", "top", "least", "part", "step", "node", "next")


def asks(page: Page) -> tuple[Question, ...]:
    """What the open tab asks for, whatever is chosen there."""
    return question(sessions.count, page.filters), *_open().asks(page)


def show(page: Page) -> None:
    """The tabs and the open one; when no session matches, why."""
    if not ask(sessions.count, page.filters)["session_count"][0]:
        explain_empty(page)
    labels = {key: tab.label for key, tab in TABS.items()}
    st.html(tabs(PARAMETER, labels, chosen(PARAMETER, labels, "steps"), _OWN))
    _open().show(page)


def _open() -> Tab:
    return TABS[chosen(PARAMETER, TABS, "steps")]
