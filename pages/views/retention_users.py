"""The users behind a cell of the cohorts: those who were back, and those who were not.

Never computes a metric.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from pages.ui import drill, format, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen, go, pages_of, parameter, switch
from pages.ui.frame import Page
from pages.ui.retention_asked import Asked
from pages.ui.tables import Column
from pages.ui.tables import show as show_table
from warehouse.filters import parse_day
from warehouse.metrics import retention

OUTCOMES = {"active": "Back", "away": "Not back"}
PAGE_SIZE = 50
SAYS = (
    "Who entered the cohort, with the event that made them enter, and the first event that counts "
    "as a return in the cell's period. Of a person all ids have a row."
)


def cell_of(choices: Asked) -> tuple[date, int] | None:
    """The cell in the address; None where it is none of these choices."""
    number = parameter("nth") or ""
    try:
        cohort = parse_day(parameter("entered") or "")
    except ValueError:
        return None
    if not number.isdecimal() or len(number) > 4:
        return None
    if choices.brackets and int(number) >= len(choices.brackets):
        return None
    return cohort, int(number)


def asks(page: Page, choices: Asked) -> tuple[Question, ...]:
    """What the section asks for; nothing while no cell is chosen."""
    cell = cell_of(choices)
    return (_question(page, choices, cell),) if cell else ()


def _question(page: Page, choices: Asked, cell: tuple[date, int]) -> Question:
    return question(
        retention.users,
        page.filters,
        *cell,
        chosen("outcome", OUTCOMES, "active"),
        **choices.matrix,
    )


def show(page: Page, choices: Asked) -> None:
    """The users of the chosen cell; nothing while none is chosen."""
    cell = cell_of(choices)
    if cell is None:
        return
    outcome = chosen("outcome", OUTCOMES, "active")
    args = (page.filters, *cell, outcome)
    frame = ask(retention.users, *args, **choices.matrix)
    cohort = f"{cell[0]:%b %Y}" if choices.period == "month" else format.day(cell[0])
    name = choices.named(cell[1])
    sections.head(
        f"Cohort of {cohort}, {name}",
        key="cell_users",
        page=page,
        query="retention.users",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(retention.users, *args, **choices.matrix),
        parts=choices.sql_parts(),
        frame=lambda: frame,
        file=sections.file_name(page, "retention_users"),
        extra=lambda: _outcome_and_close(),
    )
    people = frame["person_id"].n_unique()
    noun = "person" if choices.identity == "person" else "user"
    many = "people" if choices.identity == "person" else None
    state = "back" if outcome == "active" else "not back"
    st.caption(
        f"{format.plural(people, noun, many)} of the cohort "
        f"{'was' if people == 1 else 'were'} {state} in {name}."
    )
    if frame.is_empty():
        return
    with st.container(key="table_place"):
        place = st.container()
        at = pages_of(frame.height, PAGE_SIZE)
    with place:
        show_table(
            frame.slice(at * PAGE_SIZE, PAGE_SIZE),
            _columns(page, choices, outcome),
            key="table_cell_users",
            alt=f"Users of the cohort of {cohort} who were {state} in {name}",
            link=lambda row: drill.to(drill.USERS, page.choice, user=row["user_id"]),
        )


def _outcome_and_close() -> None:
    switch("Back or not", "outcome", OUTCOMES, "active")
    st.button(
        "Close",
        type="tertiary",
        key="close_cell",
        on_click=go,
        kwargs={"entered": None, "nth": None, "outcome": None, "page": None},
    )


def _columns(page: Page, choices: Asked, outcome: str) -> dict[str, Column]:
    columns: dict[str, Any] = {"user_id": Column("User")}
    if choices.identity == "person":
        columns["person_id"] = Column("Person", wide=True)
    columns["entry_time"] = Column("Entered", write=page.clock)
    if outcome == "active":
        columns["return_time"] = Column("Back", write=page.clock)
    return columns
