"""Whose a rejected row is, as far as it says so itself: one of JSON, in a field that is called as
ids of people are. Reads and writes no file.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from etl.config.empty_words import EMPTY_WORDS
from etl.lake.schema import EVENT_COLUMNS
from etl.lake.spellings import spelt


@dataclass(frozen=True)
class Owner:
    """Ids as `spelt`, and when: naive UTC. None where the row does not say.

    user     the user's id
    visitor  the anonymous id; somebody's only where there is no user
    """

    user: str | None
    visitor: str | None
    time: datetime | None


def owner_of(text: str) -> Owner | None:
    """Whose a row is; None where it is no object of JSON, or has no field of an id."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        row = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    told = {_plain(name): value for name, value in row.items()}
    user, visitor = _id(told, "user_id"), _id(told, "anonymous_id")
    return Owner(user, visitor, _time(told)) if user or visitor else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


_NAMES = {column.name: tuple(map(_plain, column.aliases)) for column in EVENT_COLUMNS}
_EMPTY = frozenset(word.lower() for word in EMPTY_WORDS if word != "NA") | {"", "0"}


def _id(told: Mapping[str, Any], role: str) -> str | None:
    for name in _NAMES[role]:
        value = told.get(name)
        if value is None or isinstance(value, dict | list | bool):
            continue
        if (one := spelt(value)).lower() not in _EMPTY and one != "NA":
            return one
    return None


def _time(told: Mapping[str, Any]) -> datetime | None:
    for name in _NAMES["event_time"]:
        with suppress(ValueError, TypeError):
            time = datetime.fromisoformat(told[name]) if name in told else None
            if time is not None:
                return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    return None
