"""What a step asks of an event: its type, and conditions on what it tells. Never reads data.

One that reads `page_view:/pricing` or `signup[plan=pro]` is such a step as text.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from etl.errors import ConfigError
from warehouse.condition_texts import split_condition
from warehouse.conditions import (
    NO_CONDITIONS,
    Conditions,
    Given,
    as_text,
    conditions_by_name,
    terms_of,
    text_of_number,
)
from warehouse.dimensions import FLAG, Dimension
from warehouse.terms import Not, Range, Term, Terms

ANY = "*"
_PAGES = ("page", "raw_page")
_FLAGS = ("is_action", "is_query", "is_error")
_NUMBER = "event_number"
# Columns of session_events that are texts to compare; times are none. Readers do without the lake:
# a test holds these to its schema.
TEXTS = frozenset(
    {
        *("anonymous_id", "browser", "campaign", "chat_id", "device_type", "event_id"),
        *("event_type", "experiment_id", "model_group", "os", "page", "page_host", "query_type"),
        *("referrer", "session_id", "session_type", "source", "stream", "tracker_session_id"),
        "user_id",
    }
)
COLUMNS = frozenset({*TEXTS, *_PAGES, *_FLAGS, _NUMBER})
# A page may have brackets too, as routes do: what they hold compares nothing.
_ASKED = r"\[[^\[\]=!<>]+[=!<>][^\[\]]*\]"
_TEXT = re.compile(rf"\s*([^\s\[\]:]+)\s*(?::\s*(\S.*?))?\s*((?:{_ASKED}\s*)*)", re.DOTALL)
_RANGE = re.compile(r"\s*(?:!=)?\s*(?:[<>]=?\s*-?[\d.]+|-?[\d.]*\d\.\.-?\d[\d.]*)\s*")


@dataclass(frozen=True, init=False)
class Step:
    """Events of one type that fulfil conditions.

    event  the type as `session_events` has it, or None for any
    where  conditions by name, as those of Filters: a name is a column of `session_events`, else a
           key of the event's own properties as it was sent. A number, and a text such as ">= 3",
           compares numbers there
    """

    event: str | None
    where: Conditions

    def __init__(
        self, event: str | None = None, where: Mapping[str, Given] | Conditions = NO_CONDITIONS
    ) -> None:
        if event is not None and (not isinstance(event, str) or not event.strip()):
            msg = (
                f"The event of a step is {event!r}. Wanted the type of an event, such as "
                "'signup', or None for any."
            )
            raise ConfigError(msg)
        # A frozen class sets its own fields this way.
        object.__setattr__(self, "event", event.strip() if event else None)
        object.__setattr__(self, "where", _conditions_of(where))

    def __str__(self) -> str:
        """The text that step_of reads as this step."""
        page, conditions = "", []
        for dimension, terms in self.read():
            texts = [as_text(dimension, term) for term in terms]
            if dimension.name == "page" and len(texts) == 1 and _is_short(texts[0]):
                page = f":{texts[0]}"
            else:
                conditions += [f"[{_written(dimension.name, text)}]" for text in texts]
        return (self.event or ANY) + page + "".join(conditions)

    def read(self) -> list[tuple[Dimension, Terms]]:
        """Each condition with what it is on."""
        return [
            (_dimension(name, is_number=any(map(_is_range, terms))), terms)
            for name, terms in self.where
        ]


def step_of(given: "str | Step") -> Step:
    """A step as it is, or of its text. ConfigError where it is neither.

    "signup", "page_view:/pricing", "page_view:/docs/*", "signup[plan=pro][seats>=3]"; "*" is an
    event of any type.
    """
    if isinstance(given, Step):
        return given
    parts = _TEXT.fullmatch(given) if isinstance(given, str) else None
    if not parts:
        msg = (
            f"{given!r} is no step. Wanted the type of an event, such as 'signup', "
            "'page_view:/pricing' or 'signup[plan=pro]', or Step(event, where={name: value})."
        )
        raise ConfigError(msg)
    event, page, conditions = parts.groups()
    where: dict[str, list[str]] = {"page": [page]} if page else {}
    for text in re.findall(r"\[([^\[\]]*)\]", conditions):
        name, value = split_condition(text)
        where.setdefault(name, []).append(value)
    return Step(None if event == ANY else event, where)


def _conditions_of(given: Mapping[str, Given] | Conditions) -> Conditions:
    if isinstance(given, Conditions):
        return given
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        msg = f'The conditions of a step are {given!r}. Wanted values by name: {{"plan": "pro"}}.'
        raise ConfigError(msg)
    return conditions_by_name({name: _terms(name, values) for name, values in given.items()})


def _terms(name: str, given: Given) -> Terms:
    is_several = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
    values: list[Any] = list(given) if is_several else [given]  # type: ignore[arg-type]
    if name not in COLUMNS:
        _refuse_no_key(name)
        values = [_as_property(value) for value in values]
    is_number = any(isinstance(value, str) and _RANGE.fullmatch(value) for value in values)
    return terms_of(_dimension(name, is_number=is_number), values)


def _refuse_no_key(name: str) -> None:
    """ConfigError for what no key of properties can be asked by."""
    if not name.isprintable() or {"", "*"} & {name, *name.split(".")}:
        msg = f"{name!r} is no property that a step can ask for. Wanted its key, such as plan."
        raise ConfigError(msg)


def _as_property(value: Any) -> Any:
    """A value as the JSON of properties has it, where texts and numbers stand beside each other."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return value
    if not math.isfinite(value):
        msg = f"A step asks for {value!r}, which is no number. Wanted a number, such as 30."
        raise ConfigError(msg)
    # As a range, so that 3 is also 3.0.
    return f"{text_of_number(value)}..{text_of_number(value)}"


def _dimension(name: str, *, is_number: bool) -> Dimension:
    """What a name of a step is: a column of events, or a key of their properties."""
    if name in _PAGES:
        return Dimension(name, name, kind="page")
    if name in _FLAGS:
        return Dimension(name, name, kind="flag", values=FLAG)
    if name == _NUMBER:
        return Dimension(name, name, kind="number")
    return Dimension(name, name, kind="number" if is_number and name not in TEXTS else "text")


def _is_range(term: Term) -> bool:
    return isinstance(term.term if isinstance(term, Not) else term, Range)


def _is_short(text: str) -> bool:
    return not re.search(rf"{_ASKED}|^\s*[=!]|^\s|\s$", text)


def _written(name: str, text: str) -> str:
    is_compared = re.match(r"!=|[<>]", text)
    return f"{name}{text}" if is_compared else f"{name}={text}"
