"""Widgets of a page whose value stands in the address bar. Never reads the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import streamlit as st

from pages.ui import filter_row as row


def chosen(name: str, options: Iterable[str], default: str) -> str:
    """Value of a page's own parameter; the default when it is unknown or absent."""
    value = next(iter(row.params().get(name, ())), default)
    return value if value in tuple(options) else default


def parameter(name: str) -> str | None:
    """Free value of a page's own parameter in the address; None when absent."""
    return next(iter(row.params().get(name, ())), None)


def switch(label: str, name: str, options: dict[str, str], default: str) -> str:
    """Segmented control whose choice stands in the address under `name`."""
    value = chosen(name, options, default)
    st.session_state[f"switch_{name}"] = value
    st.segmented_control(
        label,
        tuple(options),
        format_func=options.__getitem__,
        key=f"switch_{name}",
        required=True,
        label_visibility="collapsed",
        on_change=_keep,
        args=(f"switch_{name}", name, default),
    )
    return value


def pick(label: str, name: str, options: dict[str, str], default: str) -> str:
    """Select box whose choice stands in the address under `name`."""
    value = chosen(name, options, default)
    st.session_state[f"pick_{name}"] = value
    st.selectbox(
        label,
        tuple(options),
        format_func=options.__getitem__,
        key=f"pick_{name}",
        width=168,
        label_visibility="collapsed",
        on_change=_keep,
        args=(f"pick_{name}", name, default),
    )
    return value


def search(label: str, name: str) -> str:
    """Search box whose text stands in the address under `name`."""
    value = parameter(name) or ""
    st.session_state[f"search_{name}"] = value
    st.text_input(
        label,
        key=f"search_{name}",
        width=320,
        placeholder=label,
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=_keep,
        args=(f"search_{name}", name, ""),
    )
    return value


def pages_of(total: int, size: int, name: str = "page") -> int:
    """Zero-based page of a long list; the pager is drawn when there is more than one."""
    pages = max(1, -(-total // size))
    value = parameter(name) or "1"
    at = min(int(value), pages) if value.isdigit() and int(value) else 1
    if pages > 1:
        st.pagination(
            pages,
            default=at,
            key=f"pages_{name}_{at}",
            on_change=_keep,
            args=(f"pages_{name}_{at}", name, "1"),
        )
    return at - 1


def _keep(key: str, name: str, default: str) -> None:
    value = str(st.session_state[key])
    others = {} if name == "page" else {"page": None}
    row.write_page_params(**{**others, name: None if value == default else value})


def go(**values: str | None) -> None:
    """Puts values of the page's own into the address; None takes one out."""
    row.write_page_params(**values)


def picked(key: str, on_pick: Callable[[int], None]) -> None:
    """Calls `on_pick` with the row that was just selected in the table of that key."""
    cells = st.session_state[key]["selection"]["cells"]
    if cells:
        on_pick(int(cells[0][0]))


def clicked(key: str, on_click: Callable[[str], None]) -> None:
    """Calls `on_click` with the id of the mark that was just clicked in that chart."""
    points = st.session_state[key]["selection"]["points"]
    if points and points[0].get("customdata"):
        on_click(str(points[0]["customdata"][0]))


def day_picker(label: str, name: str, default: date, first: date, last: date) -> date:
    """Date box whose day stands in the address under `name`."""
    try:
        value = date.fromisoformat(parameter(name) or "")
    except ValueError:
        value = default
    value = min(max(value, first), last)
    st.session_state[f"day_{name}"] = value
    st.date_input(
        label,
        key=f"day_{name}",
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        width=150,
        label_visibility="collapsed",
        help=label,
        on_change=_keep,
        args=(f"day_{name}", name, default.isoformat()),
    )
    return value


def switched(label: str, name: str) -> bool:
    """Toggle of this visit alone: it never stands in the address."""
    return st.toggle(label, key=f"toggle_{name}")
