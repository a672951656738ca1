"""The list of what is saved in a home: open one, delete one, save the present one.

Of funnels and queries alike: what one of them is, and how it is kept, tells whoever draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol, TypeVar

import streamlit as st

from pages.ui import format
from pages.ui.visitor import may_keep, told
from warehouse import DwellError


class Saved(Protocol):
    """What has a name, and another one for people."""

    @property
    def name(self) -> str:
        """As it is kept."""

    @property
    def label(self) -> str:
        """As it is shown."""


One = TypeVar("One", bound=Saved)


def draw(
    noun: str,
    key: str,
    found: Iterable[One],
    problems: Sequence[str],
    row: Callable[[One], None],
    save: Callable[[str], None],
    *,
    empty: str,
    ask: str,
    example: str,
) -> None:
    """The button that opens the list: problems, a row for each by name, and the form that saves.

    `save` gets a name and keeps what is present under it; its DwellError is shown. `empty` stands
    where none is saved, `ask` and `example` in the form. Who may not save has the list alone.
    """
    icon = ":material/warning:" if problems else ":material/bookmark:"
    with st.popover("Saved", icon=icon, key=key):
        for problem in problems:
            st.warning(format.plain(told(problem)))
        ordered = sorted(found, key=lambda each: each.label.casefold())
        if not ordered:
            st.caption(empty if may_keep() else f"No {noun} is saved yet.")
        for one in ordered:
            row(one)
        if not may_keep():
            return
        with st.form(f"{noun}_form", border=False):
            st.text_input(ask, key=f"{noun}_label", max_chars=80, placeholder=example)
            st.form_submit_button(
                "Save",
                key=f"{noun}_save",
                icon=":material/bookmark_add:",
                on_click=_on_save,
                args=(noun, save),
            )
        if message := st.session_state.pop(f"{noun}_message", None):
            st.error(format.plain(message))


def row(
    noun: str,
    one: Saved,
    hint: str,
    on_open: Callable[[], None],
    on_delete: Callable[[], None] | None,
) -> None:
    """One of them: a click opens it, another deletes it. None: it cannot be deleted here."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"row_{one.name}"):
        st.button(
            format.plain(one.label),
            type="tertiary",
            key=f"open_{one.name}",
            help=hint,
            on_click=on_open,
        )
        if on_delete and may_keep():
            st.button(
                "Delete",
                type="tertiary",
                key=f"delete_{one.name}",
                icon=":material/delete:",
                on_click=_on_delete,
                args=(noun, on_delete),
            )


def _on_save(noun: str, save: Callable[[str], None]) -> None:
    label = st.session_state[f"{noun}_label"]
    if not label.strip():
        st.session_state[f"{noun}_message"] = f"Give the {noun} a name first."
    elif _told(noun, partial(save, label)):
        st.session_state[f"{noun}_label"] = ""


def _on_delete(noun: str, delete: Callable[[], None]) -> None:
    _told(noun, delete)


def _told(noun: str, action: Callable[[], None]) -> bool:
    """Does it, or keeps what is wrong for the list to tell; whether it was done."""
    try:
        action()
    except DwellError as error:
        st.session_state[f"{noun}_message"] = told(error)
        return False
    return True
