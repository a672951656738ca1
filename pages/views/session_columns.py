"""The columns of the list of sessions: the usual ones, and all others to choose, own ones too.

Never computes a metric.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format
from pages.ui.ask import ask, current_warehouse
from pages.ui.controls import chosen_many, pick_many
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from warehouse import Filters
from warehouse.dimensions import Dimension
from warehouse.metrics import sessions

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl


def usual(page: Page) -> dict[str, Column]:
    """Those that fit a usual screen, by the names of the frame; a phone shows fewer of them."""
    return {
        "start_time": Column("Start", write=lambda moment: short_clock(page, moment)),
        "user_id": Column("User"),
        "duration_seconds": Column("Duration", **SPAN),
        "engaged_seconds": Column("Engaged", **SPAN, wide=True),
        "event_count": Column("Events", **COUNT, wide=True),
        "action_count": Column("Actions", **COUNT),
        "error_count": Column("Errors", **COUNT, wide=True),
        "entry_page": Column("Entry page", wide=True),
        "exit_page": Column("Exit page", wide=True),
        "device_type": Column("Device", wide=True),
        "entry_source": Column("Entry source", wide=True, help="Source of entry"),
        "exit_reason": Column("Ended by", wide=True),
    }


def every(page: Page) -> dict[str, Column]:
    """The usual ones, then all else that sessions are filtered by, those of dwell.toml last."""
    columns = usual(page)
    known = ask(sessions.search, Filters(), limit=0).columns
    own = {dimension.name for dimension in own_dimensions()}
    for dimension in current_warehouse().dimensions:
        name = dimension.column or dimension.name
        of_session = dimension.scope != "user is" or dimension.name in own
        if name in known and name not in columns and of_session:
            columns[name] = _column(dimension, is_own=dimension.name in own)
    return columns


def own_dimensions() -> tuple[Dimension, ...]:
    """What the dwell.toml of the build adds to the sessions."""
    return current_warehouse().own_dimensions


def pick(page: Page) -> dict[str, Column]:
    """Those that the reader chose, and a button that opens the choice.

    One that is chosen is shown on a phone as well.
    """
    columns, default = every(page), usual(page)
    names = chosen_many("columns", tuple(columns), tuple(default))
    labels = {name: _label(column) for name, column in columns.items()}
    with st.popover("Columns", type="tertiary", icon=":material/tune:", key="columns_open"):
        plain = {name: format.plain(label) for name, label in labels.items()}
        pick_many("Columns of the list", "columns", plain, names, tuple(default))
    if names == list(default):
        return default
    return {name: replace(columns[name], label=labels[name], wide=False) for name in names}


def written(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with lists and flags as texts, and with a word for the end still to come."""
    import polars as pl

    return frame.with_columns(
        pl.col("exit_reason").fill_null("still open"),
        pl.col(pl.Boolean).cast(pl.String),
        pl.col(pl.List(pl.String)).list.join(", ").replace("", None),
    )


def short_clock(page: Page, moment: datetime) -> str:
    """Local date and time of a naive UTC time, without the year where it is that of the data."""
    at = format.local(moment, page.zone)
    year = "" if at.year == page.last_day.year else f" {at.year}"
    return f"{at.day} {at:%b}{year} {at:%H:%M}"


def _label(column: Column) -> str:
    # Beside others, a short one may mean several of them.
    return column.help or column.label


def _column(dimension: Dimension, *, is_own: bool) -> Column:
    if dimension.kind == "number":
        number: dict[str, Any] = {"write": format.number} if is_own else COUNT
        return Column(dimension.label, **number)
    return Column(dimension.label)
