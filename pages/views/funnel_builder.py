"""How a funnel is put together: its steps one below the other, and what it asks of them.

Never computes a metric.
"""

from __future__ import annotations

import streamlit as st

from pages.ui import format, header, step_choices
from pages.ui.ask import current_warehouse
from pages.ui.controls import go, parameter, pick, switch, type_or_pick
from pages.ui.frame import Page
from pages.ui.funnel_asked import (
    IDENTITIES,
    NO_WINDOW,
    ORDERS,
    SCOPES,
    USUAL_WINDOW,
    WINDOWS,
    FunnelAsked,
    joined,
    split,
)
from pages.views import funnel_saved
from warehouse.metrics.funnel import MOST
from warehouse.segments import segments_or_problems

_NOTHING = "nothing"


def draw(page: Page, asked: FunnelAsked) -> None:
    """The steps, and the choices of the whole funnel."""
    options = step_choices.offered(page, asked.steps)
    with st.container(key="funnel_steps", horizontal=True, vertical_alignment="center"):
        for number in range(len(asked.steps) + 1):
            _step(asked, options, number)
    with st.container(key="funnel_controls", horizontal=True, vertical_alignment="center"):
        switch("Who", "scope", SCOPES, "user")
        switch("Order", "order", ORDERS, "sequential")
        usual = USUAL_WINDOW[asked.funnel.scope]
        st.caption("within", width="content")
        type_or_pick("Window", "window", (usual, *WINDOWS), usual)
        with st.popover(_summary(asked), icon=":material/tune:", key="funnel_more"):
            _more(page, asked, options)
        funnel_saved.draw(asked)
    header.tell_ignored(asked.ignored)
    unknown = step_choices.unknown_types((*asked.funnel.steps, *asked.funnel.exclude))
    if unknown:
        st.warning(format.plain(" ".join(unknown)))


def _step(asked: FunnelAsked, options: tuple[str, ...], number: int) -> None:
    """One box; emptied, its step goes; the last one adds a step."""
    if number == MOST:
        return
    is_new = number == len(asked.steps)
    value = None if is_new else asked.steps[number]
    # Told by its steps, so that a box that follows a removed one is drawn anew.
    key = f"funnel_step_{number}_{abs(hash(asked.steps))}"

    def on_change() -> None:
        steps = list(asked.steps)
        given = st.session_state[key]
        if is_new:
            steps += [given] if given else []
        elif given:
            steps[number] = given
        else:
            del steps[number]
        go(steps=joined(steps) or None, at=None, outcome=None, page=None)

    # Set so, and not by its index, a box can be emptied.
    st.session_state.setdefault(key, value)
    st.selectbox(
        f"Step {number + 1}",
        options,
        index=None,
        placeholder="Add a step, or type one" if is_new else "A step",
        label_visibility="collapsed",
        accept_new_options=True,
        width=210,
        key=key,
        on_change=on_change,
    )


def _more(page: Page, asked: FunnelAsked, options: tuple[str, ...]) -> None:
    if asked.funnel.order != "any":
        st.caption("From one step to the next at most")
        type_or_pick("From step to step", "step_window", (NO_WINDOW, *WINDOWS), NO_WINDOW)
    st.caption("Between two steps there may be no")
    value = parameter("exclude") or ""
    key = "funnel_exclude"
    st.session_state[key] = list(split(value))
    st.multiselect(
        "Excluded",
        tuple(dict.fromkeys([*options, *split(value)])),
        key=key,
        accept_new_options=True,
        placeholder=_NOTHING,
        label_visibility="collapsed",
        on_change=lambda: go(exclude=joined(st.session_state[key]) or None),
    )
    if asked.funnel.scope == "user":
        st.caption("Users are")
        switch("Users are", "identity", IDENTITIES, "user_id")
    st.caption(step_choices.GRAMMAR)


def _summary(asked: FunnelAsked) -> str:
    """What of the choices behind the button is not as usual."""
    parts = [
        f"steps within {asked.options['step_window']}" if "step_window" in asked.options else "",
        f"no {', no '.join(asked.options['exclude'])}" if "exclude" in asked.options else "",
        "persons" if asked.options.get("identity") == "person" else "",
    ]
    return format.plain(" \u00b7 ".join(part for part in parts if part)) or "Exclude, step window"


def compare(page: Page) -> None:
    """The choice of a segment to compare with, where there is one."""
    wh = current_warehouse()
    known = segments_or_problems(wh.home, wh.dimensions).by_name
    if known:
        labels = {"": "Compare with \u2026"} | {
            name: f"Against {segment.label}" for name, segment in sorted(known.items())
        }
        pick("Compare with", "versus", labels, "")
