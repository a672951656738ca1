"""Data health: can a number be trusted? The most important first, then where it comes from.

Never computes a metric.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.ask import Question
from pages.ui.frame import Page
from pages.ui.theme import palette
from pages.views import (
    health_alerts,
    health_builds,
    health_coverage,
    health_faults,
    health_loads,
    health_proxy,
    health_rejected,
    health_sessions,
    health_state,
)

STYLE = Path(__file__).parents[1] / "ui" / "health.css"
# Not of the palette: the second series is too pale to read on white.
WARN = {"light": "#9A5300", "dark": "#F0A95A"}


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    parts = (
        health_state,
        health_alerts,
        health_coverage,
        health_faults,
        health_rejected,
        health_loads,
        health_sessions,
        health_proxy,
    )
    return tuple(question for part in parts for question in part.asks(page))


def show(page: Page) -> None:
    """All sections of the page."""
    warn = WARN["light" if palette().background == "#FFFFFF" else "dark"]
    st.html(STYLE)
    st.html(f"<style>:root {{ --dwell-warn: {warn}; }}</style>")
    health_state.show(page)
    health_alerts.show(page)
    health_coverage.show(page)
    health_faults.show(page)
    health_rejected.show(page)
    health_loads.show(page)
    health_sessions.show(page)
    health_proxy.show(page)
    health_builds.show(page)
