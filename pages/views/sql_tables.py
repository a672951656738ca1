"""Beside the editor, what can be asked: tables and their columns. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, html_table
from pages.ui.ask import ask
from pages.ui.controls import pick
from pages.ui.frame import Page
from pages.ui.tables import Column
from warehouse.metrics import data
from warehouse.own_sql import RELATIONS, relation_columns

if TYPE_CHECKING:
    import polars as pl

COLUMNS = {
    "column_name": Column(
        "Column", width=150, under=lambda row: str(row["data_type"]).lower(), hint=lambda row: ""
    ),
    "comment": Column("What it is", wraps=True),
}
FIRST = "user_sessions"


def show(page: Page) -> None:
    """One table or relation with its columns, to be chosen."""
    frame = ask(data.tables)
    tables = frame["table_name"].unique(maintain_order=True).to_list()
    labels = {name: name for name in (*RELATIONS, *tables)}
    default = FIRST if FIRST in labels else next(iter(labels))
    name = pick("Table", "sql_table", labels, default)
    if name in RELATIONS:
        about, rows = RELATIONS[name].about, ask(relation_columns, page.filters, name)
    else:
        rows = frame.filter(frame["table_name"] == name)
        about = rows["table_comment"][0] or ""
    st.caption(format.plain(about))
    _draw(rows, f"Columns of {name}")


def _draw(rows: pl.DataFrame, alt: str) -> None:
    with st.container(height=330, border=False, key="sql_columns"):
        st.html(f'<div class="dwell-terms">{html_table.table(rows, COLUMNS, alt=alt)}</div>')
