"""What every number means, in the words of the build. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import tables
from pages.ui.ask import Question, ask, question
from pages.ui.controls import search
from pages.ui.frame import Page
from pages.ui.tables import Column
from pages.views import lab
from warehouse.metrics import data

if TYPE_CHECKING:
    import polars as pl


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    return (*lab.asks(page), question(data.definitions))


def show(page: Page) -> None:
    """The lab, and the glossary of metrics with a search, whose text is the link to one."""
    lab.show(page)
    st.subheader("Metrics", anchor=False)
    text = search("Search names and sentences", "q")
    found = matching(ask(data.definitions), text)
    if found.is_empty():
        st.caption("No metric has that text in its name or sentence. Take another word.")
        return
    tables.show(
        found,
        {
            "label": Column("Metric", width=170),
            "definition": Column("What it counts", wraps=True),
            "unit": Column("Unit", width=90, wide=True),
            "name": Column("Name", width=170, wide=True),
        },
        key="table_glossary",
        alt="Metrics and what they count",
        link=lambda row: f"?q={row['name']}",
        height=900,
    )


def matching(definitions: pl.DataFrame, text: str) -> pl.DataFrame:
    """The metrics that have a text in name, label or sentence, whatever its case."""
    import polars as pl

    words = pl.concat_str("name", "label", "definition", separator=" ").str.to_lowercase()
    return definitions.filter(words.str.contains(text.strip().lower(), literal=True))
