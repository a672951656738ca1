"""Signs of frustration, and sessions that show a sign or a pattern. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, notebook, sections, tables
from pages.ui.ask import ask, current_warehouse
from pages.ui.controls import href, parameter
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from pages.views.session_columns import short_clock
from warehouse.metrics import patterns

if TYPE_CHECKING:
    from collections.abc import Callable

SAYS = (
    "Closed sessions that show a sign of frustration, and their users; a session may show several. "
    "The thresholds are settings: `rage_clicks`, `rage_click_time`, `rage_click_distance` and "
    "`repeated_query_time`."
)
SIGNS = {
    "rage_clicks": "Rage clicks",
    "error_then_exit": "Error, then exit",
    "repeated_query": "Repeated query",
    "any": "Any of them",
}
_EXAMPLES = 10


def example(of: str, pattern: str | None) -> str | None:
    """Address of this page with examples of a pattern or sign; nothing of none."""
    return href(part=f"{of}.{pattern}") if pattern else None


def meanings(setting: Callable[[str], Any]) -> dict[str, str]:
    """What each sign is, with the thresholds of the build."""
    seconds = format.span(setting("rage_click_time").total_seconds())
    again = format.span(setting("repeated_query_time").total_seconds())
    return {
        "rage_clicks": (
            f"{setting('rage_clicks')} clicks in a row within {seconds} and "
            f"{setting('rage_click_distance')} px"
        ),
        "error_then_exit": "the last event is an error",
        "repeated_query": f"the same query again within {again}",
        "any": "",
    }


def signs(page: Page) -> None:
    """Closed sessions by the sign that they show."""
    import polars as pl

    frame = ask(patterns.frustration, page.filters)
    sections.head(
        "Signs of frustration",
        key="frustration",
        page=page,
        query="patterns.frustration",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(patterns.frustration, page.filters),
        frame=lambda: frame,
        file=sections.file_name(page, "frustration"),
    )
    any_sign = frame.filter(frame["sign"] == "any").row(0, named=True)
    st.markdown(
        f"{format.share(any_sign['share'])} of closed sessions show one, of "
        f"{format.plural(any_sign['user_count'], 'user')}."
        if any_sign["session_count"]
        else "No closed session shows one."
    )
    told = meanings(current_warehouse().setting)
    tables.show(
        frame.with_columns(
            name=pl.col("sign").replace_strict(SIGNS), meaning=pl.col("sign").replace_strict(told)
        ),
        {
            "name": Column("Sign"),
            "session_count": Column("Sessions", **COUNT),
            "user_count": Column("Users", **COUNT),
            "share": Column("Share", bar=True, help="Of closed sessions"),
            "meaning": Column("What it is", wraps=True),
        },
        key="table_frustration",
        alt="Closed sessions with signs of frustration",
        small="session_count",
        link=lambda row: _sign(row) if row["session_count"] else None,
    )


def _sign(row: dict[str, Any]) -> str | None:
    return example("frustration", row["sign"]) if row["sign"] in patterns.SIGNS else None


def examples(page: Page) -> None:
    """Sessions of the pattern or sign that the address names; nothing when it names none."""
    of, _, pattern = (parameter("part") or "").partition(".")
    known = {
        "session": patterns.OF_SESSIONS,
        "user": patterns.OF_USERS,
        "frustration": tuple(patterns.SIGNS),
    }
    if pattern not in known.get(of, ()):
        return
    frame = ask(patterns.examples, page.filters, pattern, of, _EXAMPLES)
    noun = f"users that are a {format.named(pattern)}" if of == "user" else format.named(pattern)
    first = "those that show it best first" if of == "session" else "newest first"
    sections.head(
        f"Examples: {noun}",
        key="examples",
        page=page,
        query="patterns.examples",
        filters=page.filters,
        says=f"Sessions of the filters, {first}, with all indicators that hold.",
        code=notebook.lines(patterns.examples, page.filters, pattern, of, _EXAMPLES),
        frame=lambda: ask(patterns.examples, page.filters, pattern, of, 1000),
        file=sections.file_name(page, "examples"),
    )
    if frame.is_empty():
        st.info("No session of these filters shows it.")
        return
    tables.show(
        frame.with_columns(frame["indicators"].list.join(", ")),
        {
            "start_time": Column("Start", write=lambda moment: short_clock(page, moment)),
            "user_id": Column("User"),
            "duration_seconds": Column("Duration", **SPAN),
            "action_count": Column("Actions", **COUNT),
            "error_count": Column("Errors", **COUNT),
            "indicators": Column("What speaks for it", wraps=True),
        },
        key="table_examples",
        alt="Sessions that show it",
        link=lambda row: drill.session_address(page.choice, row),
    )
