"""Examples and saved queries: open one, save the present one, delete one. Never asks anything."""

from __future__ import annotations

import streamlit as st

from pages.ui import format
from pages.ui.ask import current_warehouse
from pages.ui.controls import parameter
from pages.ui.sql_asked import EDITOR, ask_text, queries
from warehouse import DwellError
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
    icon = ":material/warning:" if problems else ":material/bookmark:"
    with st.popover("Saved", icon=icon, key="queries_open"):
        for problem in problems:
            st.warning(format.plain(problem))
        if not found:
            st.caption("No query is saved yet. Write one, and give it a name here.")
        for query in sorted(found.values(), key=lambda each: each.label.casefold()):
            _row(query)
        _save()


def _hint(text: str) -> str:
    return f"```sql\n{text.replace('```', '')}\n```"


def _row(query: SavedQuery) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"row_{query.name}"):
        st.button(
            format.plain(query.label),
            type="tertiary",
            key=f"open_{query.name}",
            help=_hint(query.text[:1_000]),
            on_click=ask_text,
            args=(query.text, query.name),
        )
        st.button(
            "Delete",
            type="tertiary",
            key=f"delete_{query.name}",
            icon=":material/delete:",
            on_click=_on_delete,
            args=(query,),
        )


def _save() -> None:
    with st.form("query_form", border=False):
        st.text_input(
            "Save the query of the editor as",
            key="query_label",
            max_chars=80,
            placeholder="A name, such as Exit pages",
        )
        st.form_submit_button(
            "Save", key="query_save", icon=":material/bookmark_add:", on_click=_on_save
        )
    if message := st.session_state.pop("query_message", None):
        st.error(format.plain(message))


def _on_save() -> None:
    if not st.session_state["query_label"].strip():
        st.session_state["query_message"] = "Give the query a name first."
        return
    text = st.session_state.get(EDITOR) or ""
    try:
        saved = save_query(current_warehouse().home, st.session_state["query_label"], text)
        st.session_state["query_label"] = ""
        ask_text(saved.text, saved.name)
    except DwellError as error:
        st.session_state["query_message"] = str(error)


def _on_delete(query: SavedQuery) -> None:
    try:
        delete_query(current_warehouse().home, query.name)
        if parameter("sql_saved") == query.name:
            ask_text(query.text)
    except DwellError as error:
        st.session_state["query_message"] = str(error)
