"""Conditions as one writes them on a command line: `browser=Firefox`. Never reads data."""

import re
from collections.abc import Iterable

from etl.errors import ConfigError
from warehouse.conditions import Conditions, conditions_of
from warehouse.dimensions import BY_NAME
from warehouse.terms import Plain

_CONDITION = re.compile(r"\s*([^\s!=<>]+)\s*(!=|>=|<=|=|>|<)(.*)", re.DOTALL)


def conditions_of_texts(texts: Iterable[str]) -> Conditions:
    """Conditions written `browser=Firefox`; a name that is repeated takes any of its values."""
    given: dict[str, list[Plain]] = {}
    for text in texts:
        name, value = split_condition(text, BY_NAME)
        given.setdefault(name, []).append(value)
    return conditions_of(given)


def split_condition(text: str, names: Iterable[str] = ()) -> tuple[str, str]:
    """Name and value of a condition written `browser=Firefox`; `names` are those to choose from.

    ConfigError when it is not written so.
    """
    parts = _CONDITION.fullmatch(text)
    if not parts:
        known = ", ".join(names)
        of = f", with one of the names {known}" if known else ""
        msg = f"'{text}' is no condition. Wanted NAME=VALUE{of}."
        raise ConfigError(msg)
    name, operator, value = parts.groups()
    # Behind "= " stands a value to the letter; blanks around others are how people type.
    value = value if value.startswith("=") else value.strip()
    return name, value if operator == "=" else f"{operator} {value}"
