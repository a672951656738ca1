"""From a number to the sessions or users behind it: addresses that carry the filters.

Pure: never touches Streamlit or data, never computes a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from pages.ui.address import Choice, encode
from warehouse.conditions import as_text
from warehouse.dimensions import BY_NAME, Dimension
from warehouse.terms import Term

SESSIONS, USERS = "sessions", "users"


def to(page: str, choice: Choice, **own: str) -> str:
    """Address of a page under these filters, with parameters of its own."""
    pairs = [*encode(choice), *own.items()]
    return f"{page}?{urlencode(pairs)}" if pairs else page


def session_address(choice: Choice, row: dict[str, Any]) -> str:
    """Address of one session."""
    return to(SESSIONS, choice, session=row["session_id"])


def only(choice: Choice, name: str | Dimension, value: Any) -> Choice:
    """Those of the sessions that have this value; None is "not known"."""
    dimension = _dimension(name)
    return choice.with_texts(dimension, [as_text(dimension, _term(value))])


def without(choice: Choice, name: str | Dimension, value: Any) -> Choice:
    """Those of the sessions that do not have this value."""
    dimension = _dimension(name)
    return narrowed(choice, dimension, [f"!= {as_text(dimension, _term(value))}"])


def within(choice: Choice, name: str, low: float | None, high: float | None) -> Choice:
    """Those of the sessions whose number lies above `low`, up to and with `high`."""
    dimension = BY_NAME[name]
    ends = []
    if high is not None:
        ends.append((f"<= {high:.15g}", f"> {high:.15g}"))
    if low is not None:
        ends.append((f"> {low:.15g}", f"<= {low:.15g}"))
    texts = [f"!= {refused}" for _, refused in ends]
    if not choice.where.values(name) and ends:
        # Any of the terms that are not refused is enough: only one end can be told by such a term.
        texts[0] = ends[0][0]
        return choice.with_texts(dimension, texts)
    return narrowed(choice, name, texts)


def narrowed(choice: Choice, name: str | Dimension, refused: Sequence[str]) -> Choice:
    """The choice with more terms of one dimension, which all begin with `!=`."""
    dimension = _dimension(name)
    return choice.with_texts(dimension, [*choice.texts(dimension), *refused])


def ways(
    choice: Choice, name: str | Dimension, row: dict[str, Any], here: Callable[[Choice], str]
) -> dict[tuple[str, str], str]:
    """What else a row of a breakdown leads to, by icon and words; nothing of Other and the total.

    `here` is the address of the same page under another choice.
    """
    if row["is_other"] or row.get("is_total"):
        return {}
    value = None if row["is_rest"] else row["value"]
    alone = only(choice, name, value)
    return {
        ("filter_alt_off", "All but these"): here(without(choice, name, value)),
        ("list", "Sessions"): to(SESSIONS, alone),
        ("group", "Users"): to(USERS, alone),
    }


def _dimension(name: str | Dimension) -> Dimension:
    return BY_NAME[name] if isinstance(name, str) else name


def _term(value: Any) -> Term:
    return None if value is None else str(value)
