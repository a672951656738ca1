"""What the tables of the build and its settings mean, to be searched. Never computes a metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, html_table
from pages.ui.ask import ask
from pages.ui.controls import search
from pages.ui.frame import Page
from pages.ui.tables import Column
from warehouse.metrics import data

if TYPE_CHECKING:
    import polars as pl

COLUMNS = {
    "column_name": Column("Column", width=220),
    "data_type": Column("Type", width=120, wide=True),
    "comment": Column("What it is", wraps=True),
}
SETTINGS = {
    "name": Column("Setting", width=180),
    "value": Column("Value", width=160),
    "default_value": Column("Default", width=160, wide=True),
    "help": Column("What it shapes", wraps=True),
}


def show_tables(page: Page) -> None:
    """Each table that has a column with the text that is looked for."""
    frame = ask(data.tables)
    text = search("Search columns", "q")
    frame = _with_words(frame, text, "table_name", "column_name", "comment")
    if frame.is_empty():
        st.caption(f"No table or column has '{format.plain(text)}' in its name or comment.")
        return
    for (name, comment), rows in frame.group_by("table_name", "table_comment", maintain_order=True):
        with st.expander(f"**{name}** \u00b7 {format.plain(comment or '')}", expanded=bool(text)):
            _draw(rows, COLUMNS, alt=f"Columns of {name}")


def show_settings(page: Page) -> None:
    """The settings of this build; those that differ from their defaults stand out."""
    import polars as pl

    frame = ask(data.settings)
    text = search("Search settings", "q")
    frame = _with_words(frame, text, "name", "value", "help")
    if frame.is_empty():
        st.caption(f"No setting has '{format.plain(text)}' in its name, value or help.")
        return
    _draw(frame, SETTINGS, alt="Settings of this build")
    changed = frame.filter(pl.col("value") != pl.col("default_value"))["name"].to_list()
    told = f"Not at their defaults: {', '.join(changed)}. " if changed else ""
    st.caption(
        f"{told}In `dwell.toml` by name, or in the environment as DWELL_ and the name in capitals. "
        "Other values hold from the next `dwell build` on, which redoes all history."
    )


def _draw(frame: pl.DataFrame, columns: Mapping[str, Column], *, alt: str) -> None:
    """As HTML at any length: sentences need their lines."""
    st.html(f'<div class="dwell-terms">{html_table.table(frame, columns, alt=alt)}</div>')


def _with_words(frame: pl.DataFrame, text: str, *columns: str) -> pl.DataFrame:
    """The rows that have all words of a text in these columns together."""
    import polars as pl

    whole = pl.concat_str(*columns, separator=" ", ignore_nulls=True).str.to_lowercase()
    for word in text.lower().split():
        frame = frame.filter(whole.str.contains(word, literal=True))
    return frame
