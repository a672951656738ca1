"""Segments in the filter row: choose some, save the filters as one, rename and delete saved ones.

The address remembers which are chosen, by name; what they hold is read anew at each run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import format
from pages.ui.address import Choice, in_words
from pages.ui.ask import current_warehouse
from pages.ui.visitor import may_keep, told
from warehouse import DwellError
from warehouse.conditions import NO_CONDITIONS, Conditions
from warehouse.dimensions import FILTERS, Dimension
from warehouse.segments import Segment, Segments, delete_segment, rename_segment, save_segment
from warehouse.terms import Not

Write = Callable[[Choice], None]
# A few stand side by side; of many one types a part.
FEW = 8
# Of the visit: the segment that the reader is asked about before it is deleted.
_ASKED = "segment_asked"


def draw(choice: Choice, segments: Segments, write: Write) -> None:
    """The chips of what is chosen, and the button that opens all segments."""
    for name, label in zip(choice.segments, labels(choice, segments), strict=True):
        others = tuple(other for other in choice.segments if other != name)
        st.button(
            f"Segment: {format.plain(label)}",
            icon=":material/close:",
            icon_position="right",
            key=f"chip_segment_{name}",
            on_click=write,
            args=(replace(choice, segments=others),),
        )
    icon = ":material/warning:" if segments.problems else ":material/bookmark:"
    with st.popover("Segments", icon=icon, key="segments_open"):
        for problem in segments.problems:
            st.warning(format.plain(told(problem)))
        _choose(choice, segments, write)
        if may_keep():
            _save(choice, segments, write)
            _manage(choice, segments, write)


def labels(choice: Choice, segments: Segments) -> list[str]:
    """What the chosen segments are called."""
    return [segments.by_name[name].label for name in choice.segments]


def said(conditions: Conditions, dimensions: Iterable[Dimension] = FILTERS) -> str:
    """Conditions as a reader meets them: device mobile or tablet, entry page not /docs/*."""
    texts = []
    for dimension, terms in conditions.read(dimensions):
        wanted = " or ".join(in_words(dimension, t) for t in terms if not isinstance(t, Not))
        refused = " and ".join(in_words(dimension, t) for t in terms if isinstance(t, Not))
        both = " and ".join(part for part in (wanted, refused) if part)
        texts.append(f"{dimension.label.lower()} {both}")
    return ", ".join(texts)


def _all_said(several: Iterable[Conditions]) -> str:
    dimensions = current_warehouse().dimensions
    return format.plain(" and ".join(said(each, dimensions) for each in several))


def _choose(choice: Choice, segments: Segments, write: Write) -> None:
    if not segments.by_name:
        st.caption("No segment is there yet: a segment is a set of filters with a name.")
        return
    known = sorted(segments.by_name.values(), key=lambda segment: segment.label.casefold())
    st.session_state["segments"] = list(choice.segments)
    bound: dict[str, Any] = {"key": "segments", "on_change": _on_choose, "args": (choice, write)}
    names = [segment.name for segment in known]
    question = "Sessions that are in"
    if len(names) <= FEW:
        st.pills(
            question,
            names,
            format_func=lambda name: format.plain(segments.by_name[name].label),
            selection_mode="multi",
            **bound,
        )
    else:
        st.multiselect(
            question,
            names,
            format_func=lambda name: segments.by_name[name].label,
            placeholder="Any",
            select_all=False,
            **bound,
        )
    for name in choice.segments:
        segment = segments.by_name[name]
        st.caption(f"**{format.plain(segment.label)}**: {_all_said(segment.conditions)}")
    if choice.segments:
        st.caption("Segments and all further filters hold together.")


def _save(choice: Choice, segments: Segments, write: Write) -> None:
    if not choice.where:
        st.caption("Choose filters, then save them here as a segment.")
        return
    kept = [each for name in choice.segments for each in segments.by_name[name].conditions]
    with st.form("segment_form", border=False):
        st.text_input(
            "Save the present filters as",
            key="segment_label",
            max_chars=80,
            placeholder="A name, such as Docs on phones",
            help="Period and bots are not part of a segment.",
        )
        st.caption(_all_said((*kept, choice.where)))
        st.form_submit_button(
            "Save",
            key="segment_save",
            icon=":material/bookmark_add:",
            on_click=_on_save,
            args=(current_warehouse().home, [*kept, choice.where], choice, write),
        )


def _manage(choice: Choice, segments: Segments, write: Write) -> None:
    """Rename and delete what was saved; of the others, where they are changed."""
    if not segments.by_name:
        return
    with st.expander("Rename or delete"):
        name = st.selectbox(
            "Segment",
            sorted(segments.by_name),
            format_func=lambda name: segments.by_name[name].label,
            index=None,
            placeholder="Pick a segment",
            key="segment_picked",
            on_change=_on_keep,
            label_visibility="collapsed",
        )
        if name is None:
            return
        segment = segments.by_name[name]
        if not segment.is_saved:
            st.caption(f"`{name}` lives in dwell.toml: change it there.")
        elif st.session_state.get(_ASKED) == name:
            _ask(segment, choice, write)
        else:
            _edit(segment)


def _edit(segment: Segment) -> None:
    home, name = current_warehouse().home, segment.name
    key = f"segment_label_{name}"
    st.text_input(
        "Name",
        value=segment.label,
        key=key,
        max_chars=80,
        help=f"In links and on the command line it stays {name}.",
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Rename",
            key="segment_rename",
            icon=":material/edit:",
            on_click=_on_rename,
            args=(home, name, key),
        )
        st.button(
            "Delete",
            key="segment_delete",
            icon=":material/delete:",
            on_click=_on_ask,
            args=(name,),
        )


def _ask(segment: Segment, choice: Choice, write: Write) -> None:
    """What is deleted is gone, also for the others who read this home."""
    st.markdown(f"Delete segment '{format.plain(segment.label)}'?")
    st.caption(f"{_all_said(segment.conditions)}. Links with it will say that there is none.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Delete",
            key="segment_delete_yes",
            icon=":material/delete:",
            type="primary",
            on_click=_on_delete,
            args=(current_warehouse().home, segment.name, choice, write),
        )
        st.button("Keep", key="segment_keep", on_click=_on_keep)


def _on_ask(name: str) -> None:
    st.session_state[_ASKED] = name


def _on_keep() -> None:
    st.session_state.pop(_ASKED, None)


def _on_choose(choice: Choice, write: Write) -> None:
    write(replace(choice, segments=tuple(st.session_state["segments"])))


def _on_save(home: Path, conditions: list[Conditions], choice: Choice, write: Write) -> None:
    try:
        segment = save_segment(home, st.session_state["segment_label"], conditions)
    except DwellError as error:
        st.toast(format.plain(told(error)), icon=":material/error:")
        return
    st.session_state["segment_label"] = ""
    # The filters are the segment now: the same sessions, by its name.
    write(replace(choice, where=NO_CONDITIONS, segments=(segment.name,)))
    st.toast(f"Saved. In links it is `segment={segment.name}`.", icon=":material/check:")


def _on_rename(home: Path, name: str, key: str) -> None:
    try:
        rename_segment(home, name, st.session_state[key])
    except DwellError as error:
        st.toast(format.plain(told(error)), icon=":material/error:")


def _on_delete(home: Path, name: str, choice: Choice, write: Write) -> None:
    _on_keep()
    try:
        delete_segment(home, name)
    except DwellError as error:
        st.toast(format.plain(told(error)), icon=":material/error:")
        return
    st.session_state["segment_picked"] = None
    write(replace(choice, segments=tuple(each for each in choice.segments if each != name)))
