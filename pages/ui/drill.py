"""From a number to the sessions or users behind it: addresses that carry the filters.

Pure but for the address bar that it reads: never asks the warehouse, never computes a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pages.ui.address import Choice, encode
from warehouse.conditions import Range, Term, as_text
from warehouse.dimensions import BY_NAME

SESSIONS, USERS = "sessions", "users"
# What a session that may still go on has not: it is left out of all rates.
CLOSED = ("exit_reason", ("!= (not known)",))


def to(page: str, choice: Choice, **own: str) -> str:
    """Address of a page under these filters, with parameters of its own."""
    pairs = [*encode(choice), *own.items()]
    return f"{page}?{urlencode(pairs)}" if pairs else page


def session_address(choice: Choice, row: dict[str, Any]) -> str:
    """Address of a session, opened among those of its user."""
    return to(USERS, choice, user=row["user_id"], session=row["session_id"])


def only(choice: Choice, name: str, value: Any) -> Choice:
    """Those of the sessions that have this value; None is "not known"."""
    dimension = BY_NAME[name]
    return choice.with_texts(dimension, [as_text(dimension, _term(value))])


def without(choice: Choice, name: str, value: Any) -> Choice:
    """Those of the sessions that do not have this value."""
    return narrowed(choice, name, [f"!= {as_text(BY_NAME[name], _term(value))}"])


def within(choice: Choice, name: str, low: float | None, high: float | None) -> Choice:
    """Those of the sessions whose number lies above `low`, up to and with `high`.

    Written by what is refused, so that what is chosen already still holds.
    """
    refused = []
    if low is not None:
        refused.append(f"!= {as_text(BY_NAME[name], Range(high=low))}")
    if high is not None:
        refused.append(f"!= {as_text(BY_NAME[name], Range(low=high, has_low=False))}")
    return narrowed(choice, name, refused)


def narrowed(choice: Choice, name: str, refused: Sequence[str]) -> Choice:
    """The choice with more terms of one dimension, which all begin with `!=`."""
    dimension = BY_NAME[name]
    return choice.with_texts(dimension, [*choice.texts(dimension), *refused])


def _term(value: Any) -> Term:
    return None if value is None else str(value)
