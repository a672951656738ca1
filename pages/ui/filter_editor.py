"""The widgets that choose values of one dimension: is or is not, these values, from and to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.ui import format
from pages.ui.address import Choice
from warehouse import DwellError
from warehouse.conditions import as_text
from warehouse.dimensions import Dimension
from warehouse.terms import Not, Range, Term

Write = Callable[[Choice], None]
# A few values that are all known stand side by side; of many one types a part.
FEW = 12
IS, IS_NOT = "is", "is not"


def edit(dimension: Dimension, words: Sequence[str], choice: Choice, write: Write) -> None:
    """The widgets of one dimension, set to what is chosen; a move of one is written.

    `words` are the values to choose from, as readers meet them; of numbers, none.
    """
    if dimension.is_continuous:
        _edit_range(dimension, choice, write)
        return
    terms = choice.where.values(dimension.name)
    mode, values = f"mode_{dimension.name}", f"filter_{dimension.name}"
    if terms:
        st.session_state[mode] = IS_NOT if isinstance(terms[0], Not) else IS
    st.session_state[values] = chosen = _positive(dimension, terms)
    options = list(dict.fromkeys([*_texts(dimension, words), *chosen]))
    on_change: dict[str, Any] = {"on_change": _on_values, "args": (dimension, choice, write)}
    st.segmented_control(
        f"{dimension.label}: {dimension.scope}",
        (IS, IS_NOT),
        required=True,
        default=None if mode in st.session_state else IS,
        key=mode,
        label_visibility="collapsed",
        **on_change,
    )
    if len(options) <= FEW and dimension.kind != "page":
        st.pills(
            _question(dimension),
            options,
            format_func=_shown,
            selection_mode="multi",
            key=values,
            **on_change,
        )
        return
    st.multiselect(
        _question(dimension),
        options,
        format_func=_unmarked,
        placeholder=_placeholder(dimension, options),
        select_all=False,
        accept_new_options=dimension.kind == "page",
        key=values,
        **on_change,
    )


def _question(dimension: Dimension) -> str:
    """What the values are asked for, with the scope: of the session, its entry or its user."""
    return f"{dimension.label}: {dimension.scope} one of"


def _placeholder(dimension: Dimension, options: Sequence[str]) -> str:
    if dimension.kind == "page":
        return "Any; type /docs/* for all that begin so"
    return "Any" if options else "None in this period"


def _edit_range(dimension: Dimension, choice: Choice, write: Write) -> None:
    ends = next(
        (term for term in choice.where.values(dimension.name) if isinstance(term, Range)), Range()
    )
    for side, end, words in (("low", ends.low, "at least"), ("high", ends.high, "at most")):
        key = f"{side}_{dimension.name}"
        st.session_state[key] = end
        st.number_input(
            f"{dimension.label}, {words}",
            key=key,
            value=None,
            step=1.0,
            format="%g",
            placeholder="any",
            on_change=_on_range,
            args=(dimension, choice, write),
        )


def _on_values(dimension: Dimension, choice: Choice, write: Write) -> None:
    sign = "!= " if st.session_state.get(f"mode_{dimension.name}") == IS_NOT else ""
    texts = [f"{sign}{text}" for text in st.session_state[f"filter_{dimension.name}"]]
    _write(dimension, choice, write, texts)


def _on_range(dimension: Dimension, choice: Choice, write: Write) -> None:
    low, high = (st.session_state[f"{side}_{dimension.name}"] for side in ("low", "high"))
    if low is None and high is None:
        texts = []
    elif low is not None and high is not None:
        texts = [f"{low:.15g}..{high:.15g}"]
    else:
        texts = [f">= {low:.15g}" if high is None else f"<= {high:.15g}"]
    _write(dimension, choice, write, texts)


def _write(dimension: Dimension, choice: Choice, write: Write, texts: list[str]) -> None:
    try:
        write(choice.with_texts(dimension, texts))
    except DwellError as error:
        st.toast(format.plain(str(error)))


def _positive(dimension: Dimension, terms: Sequence[Term]) -> list[str]:
    """The texts of the terms, without the word that negates them."""
    return [as_text(dimension, t.term if isinstance(t, Not) else t) for t in terms]


def _texts(dimension: Dimension, words: Sequence[str]) -> list[str]:
    unknown = dimension.unknown
    return [as_text(dimension, None if word == unknown else word) for word in words]


def _unmarked(text: str) -> str:
    """A value for a widget that reads no markup."""
    return text.removeprefix("= ")


def _shown(text: str) -> str:
    return format.plain(_unmarked(text))
