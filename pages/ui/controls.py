"""Widgets of a page whose value stands in the address bar. Never reads the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

import streamlit as st

from etl.errors import did_you_mean
from pages.ui import filter_row as row
from pages.ui import header
from warehouse.filters import parse_day

T = TypeVar("T")


def parameter(name: str) -> str | None:
    """Free value of a page's own parameter in the address; None when absent."""
    return next(iter(row.params().get(name, ())), None)


def chosen(name: str, options: Iterable[str], default: str) -> str:
    """Value of a page's own parameter; the default when it is unknown or absent."""
    value = parameter(name)
    return value if value is not None and value in tuple(options) else default


def switch(label: str, name: str, options: dict[str, str], default: str) -> str:
    """Segmented control whose choice stands in the address under `name`."""
    value, bound = _bound(name, chosen(name, options, default), default)
    st.segmented_control(
        label, tuple(options), format_func=options.__getitem__, required=True, **bound
    )
    _tell_unknown(label, name, options)
    return value


def pick(label: str, name: str, options: dict[str, str], default: str) -> str:
    """Select box whose choice stands in the address under `name`; for more than a few options."""
    value, bound = _bound(name, chosen(name, options, default), default)
    # A name that is cut names nothing.
    width = max(170, min(8 * len(options[value]) + 60, 320))
    st.selectbox(label, tuple(options), format_func=options.__getitem__, width=width, **bound)
    _tell_unknown(label, name, options)
    return value


def chosen_many(name: str, options: Iterable[str], default: Sequence[str]) -> list[str]:
    """Values of a page's own parameter in the order of the options; unknown ones are left out."""
    given = (parameter(name) or "").split(",")
    return [option for option in options if option in given] or list(default)


def pick_many(
    label: str, name: str, options: dict[str, str], chosen: Sequence[str], default: Sequence[str]
) -> None:
    """Pills of which several are chosen, in the address under `name`; none is the default."""
    st.session_state[f"own_{name}"] = list(chosen)
    st.pills(
        label,
        tuple(options),
        format_func=options.__getitem__,
        selection_mode="multi",
        key=f"own_{name}",
        on_change=_on_many,
        args=(name, tuple(options), list(default)),
    )
    _tell_unknown(label, name, options)


def _on_many(name: str, options: Sequence[str], default: list[str]) -> None:
    picked = [option for option in options if option in st.session_state[f"own_{name}"]]
    row.write_page_params(**{name: ",".join(picked) if picked != default else None})


def several(
    label: str, name: str, options: dict[str, str], default: Sequence[str]
) -> tuple[str, ...]:
    """Select box for some of the options, in the order they were chosen; never for none."""
    words = (parameter(name) or "").split(",")
    values = [word for word in dict.fromkeys(words) if word in options] or list(default)
    key = f"own_{name}"
    st.session_state[key] = values

    def on_change() -> None:
        picked = st.session_state[key]
        is_default = not picked or list(picked) == list(default)
        row.write_page_params(**{name: None if is_default else ",".join(picked)})

    st.multiselect(
        label,
        tuple(options),
        format_func=options.__getitem__,
        key=key,
        on_change=on_change,
        placeholder=label,
        label_visibility="collapsed",
    )
    _tell_unknown(label, name, options)
    return tuple(values)


def _tell_unknown(label: str, name: str, options: Mapping[str, str]) -> None:
    """A link that asks for what there is not shows something else, and says so."""
    words = [word for word in (parameter(name) or "").split(",") if word not in ("", *options)]
    header.tell_ignored([f"{label}: '{word}'. {did_you_mean(word, options)}" for word in words])


def search(label: str, name: str) -> str:
    """Search box whose text stands in the address under `name`."""
    value, bound = _bound(name, parameter(name) or "", "")
    st.text_input(label, width=320, placeholder=label, icon=":material/search:", **bound)
    return value


def type_or_pick(label: str, name: str, options: Sequence[str], default: str) -> str:
    """Select box that takes a text of one's own too; it stands in the address under `name`."""
    value, bound = _bound(name, parameter(name) or default, default)
    offered = tuple(dict.fromkeys([*options, value]))
    st.selectbox(label, offered, accept_new_options=True, width=260, placeholder=label, **bound)
    return value


def day_picker(label: str, name: str, default: date, first: date, last: date) -> date:
    """Date box whose day stands in the address under `name`."""
    try:
        day = parse_day(parameter(name) or "")
    except ValueError:
        day = default
    value, bound = _bound(name, min(max(day, first), last), default)
    st.date_input(
        label, min_value=first, max_value=last, format="YYYY-MM-DD", width=150, help=label, **bound
    )
    return value


def pages_of(total: int, size: int, name: str = "page") -> int:
    """Zero-based page of a long list; the pager is drawn when there is more than one."""
    pages = max(1, -(-total // size))
    text = parameter(name) or "1"
    # More digits than any number of pages has are not read as a number.
    number = min(int(text[:9]), pages) if text.isdecimal() and int(text[:9]) else 1
    if pages > 1:
        key = f"pages_{name}_{number}"
        st.pagination(pages, default=number, key=key, on_change=_on_move, args=(key, name, "1"))
    return number - 1


def _bound(name: str, value: T, default: T) -> tuple[T, dict[str, Any]]:
    """The value, and what binds a widget to it: set at each run, written back when moved."""
    key = f"own_{name}"
    st.session_state[key] = value
    return value, {
        "key": key,
        "label_visibility": "collapsed",
        "on_change": _on_move,
        "args": (key, name, str(default)),
    }


def _on_move(key: str, name: str, default: str) -> None:
    value = str(st.session_state[key])
    others = {} if name in ("page", "part", "turns") else {"page": None}
    row.write_page_params(**{**others, name: None if value == default else value})


def switched(label: str, name: str) -> bool:
    """Toggle of this visit alone: it never stands in the address."""
    return st.toggle(label, key=f"toggle_{name}")


def toggle(label: str, name: str, help: str) -> None:
    """Toggle that stands in the address under `name` while it is on, as 1."""
    key = f"own_{name}"
    st.session_state[key] = parameter(name) == "1"

    def on_change() -> None:
        row.write_page_params(**{name: "1" if st.session_state[key] else None})

    st.toggle(label, key=key, help=help, on_change=on_change)
    _tell_unknown(label, name, {"0": "off", "1": "on"})


def go(**values: str | None) -> None:
    """Puts values of the page's own into the address; None takes one out."""
    row.write_page_params(**values)


def href(**values: str | None) -> str:
    """This address with values of the page's own set or, with None, taken out; for a link."""
    kept = {key: given for key, given in row.params().items() if key not in values}
    new = {key: [value] for key, value in values.items() if value}
    return "?" + urlencode(kept | new, doseq=True)


def clicked(key: str, on_click: Callable[[str], None]) -> None:
    """Calls `on_click` with the id of the mark that was just clicked in that chart."""
    points = st.session_state[key]["selection"]["points"]
    if points and points[0].get("customdata"):
        on_click(str(points[0]["customdata"][0]))
