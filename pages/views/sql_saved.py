"""Examples and saved queries: open one, save the present one, delete one. Never asks anything."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import saved_list
from pages.ui.ask import current_warehouse
from pages.ui.controls import parameter
from pages.ui.sql_asked import EDITOR, ask_text, queries
from warehouse.own_sql import examples
from warehouse.saved_queries import SavedQuery, delete_query, save_query


def draw() -> None:
    """The buttons that open both lists."""
    with st.popover("Examples", icon=":material/list:", key="sql_examples"):
        for label, text in examples().items():
            st.button(
                label,
                type="tertiary",
                key=f"example_{label}",
                help=_hint(text),
                on_click=ask_text,
                args=(text,),
            )
    found, problems = queries()
    saved_list.draw(
        "query",
        "queries_open",
        found.values(),
        problems,
        _row,
        _save,
        empty="No query is saved yet. Write one, and give it a name here.",
        ask="Save the query of the editor as",
        example="A name, such as Exit pages",
    )


def _hint(text: str) -> str:
    return f"```sql\n{text.replace('```', '')}\n```"


def _row(query: SavedQuery) -> None:
    saved_list.row(
        "query",
        query,
        _hint(query.text[:1_000]),
        partial(ask_text, query.text, query.name),
        partial(_delete, query),
    )


def _save(label: str) -> None:
    saved = save_query(current_warehouse().home, label, st.session_state.get(EDITOR) or "")
    ask_text(saved.text, saved.name)


def _delete(query: SavedQuery) -> None:
    delete_query(current_warehouse().home, query.name)
    if parameter("sql_saved") == query.name:
        ask_text(query.text)
