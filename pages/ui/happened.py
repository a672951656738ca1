"""What sessions are searched by that happens in them: steps in the address, and their boxes.

Each step is a word for how it comes and what it is; together they are texts of the grammar of
warehouse/patterns.py. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from etl.errors import ConfigError
from pages.ui import format, step_choices
from pages.ui.ask import current_warehouse
from pages.ui.controls import go, parameter
from pages.ui.frame import Page
from pages.ui.funnel_asked import joined, split
from warehouse.metrics.patterns import OF_SESSIONS
from warehouse.metrics.session_search import events_of_search, steps_and_filters

NAME = "has"
PATTERN, NO_PATTERN = "pattern:", "not pattern:"
# How a step comes, and in words, as they are offered.
HOWS = {
    "": "contains",
    "then": "then",
    "then not": "and after it no",
    "without": "until the next, no",
    "not": "never",
    "ends": "ends with",
    PATTERN: "of pattern",
    NO_PATTERN: "not of pattern",
}
# Beginnings of steps, the longer before those they begin with.
_BEGINNINGS = sorted(HOWS, key=len, reverse=True)
# What can follow nothing.
_FIRST = ("", "not", "ends", PATTERN, NO_PATTERN)
_MOST = 12


def asked() -> tuple[str, ...]:
    """The steps of the address that can be looked for, with a sentence on each of the others."""
    wh = current_warehouse()
    kept: list[str] = []
    left_out = []
    for step in split(parameter(NAME) or ""):
        # What may not lie between two steps waits for the second.
        later = ("then *",) if _waiting((*kept, step)) else ()
        try:
            steps_and_filters(wh, (*kept, step, *later))
            kept.append(step)
        except ConfigError as error:
            left_out.append(f"Left out: {in_words([step])}. {error}")
    for step in _waiting(kept):
        kept.remove(step)
        left_out.append(f"Left out: {in_words([step])}. It waits for the step that comes next.")
    unknown = step_choices.unknown_types(events_of_search(wh, kept))
    if left_out or unknown:
        st.warning(format.plain(" ".join([*left_out, *unknown])))
    return tuple(kept)


def _waiting(steps: Sequence[str]) -> list[str]:
    """The steps that may not lie between two of which the second is still to come."""
    hows = [_parted(step)[0] for step in steps]
    last = max((at for at, how in enumerate(hows) if how in ("", "then")), default=-1)
    return [step for at, step in enumerate(steps) if at > last and hows[at] == "without"]


def draw(page: Page) -> None:
    """The boxes of the steps, one after the other, and one that adds a step."""
    steps = split(parameter(NAME) or "")
    offered = step_choices.offered(page)
    with st.container(key="session_steps", horizontal=True, vertical_alignment="center"):
        for number in range(min(len(steps) + 1, _MOST)):
            _step(steps, offered, number)
    if steps:
        st.caption(
            "Never: nowhere in the session. And after it no: not behind the last step. Until the "
            f"next, no: not between two steps. {step_choices.GRAMMAR} Within a time: copy within "
            "20s."
        )


def in_words(steps: Sequence[str]) -> str:
    """The steps as a reader meets them: contains prompt, then copy."""
    return ", ".join(f"{HOWS[how]} {what}" for how, what in map(_parted, steps))


def _parted(step: str) -> tuple[str, str]:
    """How a step comes, and what it is."""
    how = next(
        word
        for word in _BEGINNINGS
        # A word ends where the next begins; "contains" is no word at all.
        if step.startswith(f"{word} " if word[-1:] not in ("", ":") else word)
    )
    return how, step.removeprefix(how).strip()


def _step(steps: tuple[str, ...], offered: Sequence[str], number: int) -> None:
    """Two boxes; where the second is emptied, the step goes."""
    is_new = number == len(steps)
    follows = any(_parted(step)[0] in ("", "then") for step in steps[:number])
    how, what = _parted(steps[number]) if not is_new else ("then" if follows else "", None)
    # Told by its steps, so that a box that follows a removed one is drawn anew.
    key = f"{number}_{abs(hash(steps))}"
    hows = list(dict.fromkeys([how, *filter(None, HOWS)] if follows else [how, *_FIRST]))

    def on_change() -> None:
        how = st.session_state[f"happened_how_{key}"]
        what = st.session_state[f"happened_what_{key}"]
        if what and what not in offered and what.replace(" ", "_") in offered:
            # As other parts of a page write it.
            what = what.replace(" ", "_")
        changed = list(steps)
        changed[number : number + 1] = [f"{how} {what}".strip()] if what else []
        go(**{NAME: joined(changed) or None, "page": None})

    with st.container(horizontal=True, gap=None, width="content", key=f"happened_{number}"):
        # Until there is something that happened, how changes nothing.
        st.selectbox(
            f"How step {number + 1} comes",
            hows,
            index=hows.index(how),
            format_func=HOWS.__getitem__,
            label_visibility="collapsed",
            width=150,
            key=f"happened_how_{key}",
            on_change=None if is_new else on_change,
        )
        is_pattern = st.session_state[f"happened_how_{key}"] in (PATTERN, NO_PATTERN)
        options = (*OF_SESSIONS, *current_warehouse().own_patterns) if is_pattern else offered
        options = tuple(dict.fromkeys([*options, *([what] if what else [])]))
        # Set so, and not by its index, a box can be emptied.
        st.session_state.setdefault(f"happened_what_{key}", what)
        st.selectbox(
            f"Step {number + 1}",
            options,
            index=None,
            format_func=format.named if is_pattern else str,
            placeholder="a pattern" if is_pattern else "an event, or type one",
            label_visibility="collapsed",
            accept_new_options=not is_pattern,
            width=210,
            key=f"happened_what_{key}",
            on_change=on_change,
        )
