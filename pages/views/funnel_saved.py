"""Saved funnels: open one, save the present one, delete one. Never computes a metric."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import format
from pages.ui.ask import current_warehouse
from pages.ui.controls import go
from pages.ui.funnel_asked import FunnelAsked, joined
from warehouse import DwellError
from warehouse.saved_funnels import OPTIONS, SavedFunnel, delete_funnel, read_funnels, save_funnel


def draw(asked: FunnelAsked) -> None:
    """The button that opens all of them."""
    found, problems = read_funnels(current_warehouse().home)
    icon = ":material/warning:" if problems else ":material/bookmark:"
    with st.popover("Saved", icon=icon, key="funnels_open"):
        for problem in problems:
            st.warning(format.plain(problem))
        if not found:
            st.caption("No funnel is saved yet. Put one together, and give it a name here.")
        for funnel in sorted(found.values(), key=lambda each: each.label.casefold()):
            _row(funnel)
        _save(asked)


def address_of(funnel: SavedFunnel) -> dict[str, str | None]:
    """What the address says of a funnel; of what is as usual, nothing."""
    excluded = funnel.options.get("exclude", ())
    return {
        "steps": joined(funnel.steps),
        **{word: funnel.options.get(word) for word in OPTIONS},
        "exclude": joined(excluded) or None,
        **dict.fromkeys(("at", "outcome", "page")),
    }


def _row(funnel: SavedFunnel) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"row_{funnel.name}"):
        st.button(
            format.plain(funnel.label),
            type="tertiary",
            key=f"open_{funnel.name}",
            help=format.plain(joined(funnel.steps)),
            on_click=go,
            kwargs=address_of(funnel),
        )
        if funnel.is_saved:
            st.button(
                "Delete",
                type="tertiary",
                key=f"delete_{funnel.name}",
                icon=":material/delete:",
                on_click=_on_delete,
                args=(funnel.name,),
            )


def _save(asked: FunnelAsked) -> None:
    with st.form("funnel_form", border=False):
        st.text_input(
            "Save this funnel as",
            key="funnel_label",
            max_chars=80,
            placeholder="A name, such as From docs to signup",
        )
        st.form_submit_button(
            "Save", key="funnel_save", icon=":material/bookmark_add:", on_click=_on_save,
            args=(asked,),
        )  # fmt: skip
    if message := st.session_state.pop("funnel_message", None):
        st.error(format.plain(message))


def _on_save(asked: FunnelAsked) -> None:
    if not st.session_state["funnel_label"].strip():
        st.session_state["funnel_message"] = "Give the funnel a name first."
        return
    options: dict[str, Any] = dict(asked.options)
    if "exclude" in options:
        options["exclude"] = list(options["exclude"])
    try:
        save_funnel(
            current_warehouse().home, st.session_state["funnel_label"], asked.steps, options
        )
        st.session_state["funnel_label"] = ""
    except DwellError as error:
        st.session_state["funnel_message"] = str(error)


def _on_delete(name: str) -> None:
    try:
        delete_funnel(current_warehouse().home, name)
    except DwellError as error:
        st.session_state["funnel_message"] = str(error)
