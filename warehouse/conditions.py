"""The grammar of conditions: what a name and a text choose. The one parser; never reads data.

A condition is a dimension and the values of which a session must have one. Comparisons,
prefixes and ranges belong to the grammar and are not built yet: they are refused, so that none
is ever taken for a value. A value that looks like one of them is written `"= >= 30"`.
"""

import re
from collections.abc import Iterable, Mapping

from etl.errors import ConfigError, did_you_mean
from warehouse.dimensions import BY_NAME, NOT_KNOWN, Dimension, dimension_named

# What a condition may be given as; None is "not known".
Given = str | None | Iterable[str | None]
# What it becomes: each value once, in alphabetical order, not known last.
Values = tuple[str | None, ...]

_OPERATOR = re.compile(r"\s*(!=|>=|<=|=|>|<)\s?(.*)", re.DOTALL)
_RANGE = re.compile(r"\s*-?[\d.]*\d\.\.-?\d[\d.]*\s*")
_CONDITION = re.compile(r"\s*([^\s!=<>]+)\s*(!=|>=|<=|=|>|<)(.*)", re.DOTALL)
_PAGES = ("entry_page", "exit_page")


class Conditions(tuple[tuple[str, Values], ...]):
    """Parsed conditions: each name with its values, sorted, so that equal choices are equal.

    Their values are values, whatever they look like: they are never parsed again.
    """

    __slots__ = ()

    def values(self, name: str) -> Values:
        """What is chosen of one dimension; nothing when any value will do."""
        return dict(self).get(name, ())

    def with_values(self, dimension: Dimension, given: Given) -> "Conditions":
        """The same with other values of one dimension; none takes any."""
        others = [pair for pair in self if pair[0] != dimension.name]
        values = values_of(dimension, given)
        return Conditions(sorted([*others, (dimension.name, values)] if values else others))


NO_CONDITIONS = Conditions()


def conditions_of(given: "Mapping[str, Given] | Conditions") -> Conditions:
    """Conditions by name.

    ConfigError for unknown names, for values that the dimension or the grammar refuses, and for
    none at all: a list that came out empty must not take everything.
    """
    if isinstance(given, Conditions):
        return given
    if not isinstance(given, Mapping):
        msg = f'The conditions are {given!r}. Wanted values by name: {{"browser": ["Firefox"]}}.'
        raise ConfigError(msg)
    parsed = {name: values_of(dimension_named(name), values) for name, values in given.items()}
    for name, values in parsed.items():
        if not values:
            msg = f"{name} has no value. Give one or more, or leave {name} out to take any."
            raise ConfigError(msg)
    return Conditions(sorted(parsed.items()))


def conditions_of_texts(texts: Iterable[str]) -> Conditions:
    """Conditions written `browser=Firefox`; a name that is repeated takes any of its values."""
    given: dict[str, list[str | None]] = {}
    for text in texts:
        name, value = _split(text)
        given.setdefault(name, []).append(value)
    return conditions_of(given)


def values_of(dimension: Dimension, given: Given) -> Values:
    """The values of one condition: what is given may be one value, or several."""
    several = (given,) if given is None or isinstance(given, str) else given
    if not isinstance(several, Iterable):
        msg = (
            f"{dimension.name} is {given!r}. Wanted a text, a list of texts, or None for what "
            "is not known."
        )
        raise ConfigError(msg)
    values = {_value(dimension, text) for text in several}
    return tuple(sorted(values, key=lambda value: (value is None, value or "")))


def as_text(dimension: Dimension, value: str | None) -> str:
    """The text that chooses exactly this value; values_of reads it back."""
    if value is None:
        return dimension.unknown
    is_plain = not _refusal(dimension, value) and not _OPERATOR.match(value)
    is_plain = is_plain and value == value.strip()
    return value if is_plain and value not in (NOT_KNOWN, dimension.unknown) else f"= {value}"


def _value(dimension: Dimension, text: str | None) -> str | None:
    if text is None or text in (NOT_KNOWN, dimension.unknown):
        return None
    if not isinstance(text, str):
        msg = f"{dimension.name} is {text!r}. Wanted a text, or None for what is not known."
        raise ConfigError(msg)
    operator = _OPERATOR.match(text)
    if operator and operator[1] == "=":
        value = operator[2]
    elif refusal := _refusal(dimension, text):
        raise ConfigError(refusal)
    else:
        value = text
    if not value:
        msg = f"{dimension.name} has no value. Write {dimension.name}=VALUE, or '{NOT_KNOWN}'."
        raise ConfigError(msg)
    if dimension.values and value not in dimension.values:
        known = (*dimension.values, dimension.unknown)
        msg = f"Unknown {dimension.label.lower()} '{value}'. {did_you_mean(value, known)}"
        raise ConfigError(msg)
    return value


def _refusal(dimension: Dimension, text: str) -> str | None:
    """Why a text is no plain value: a form of the grammar that cannot be asked yet."""
    operator = _OPERATOR.match(text)
    if operator and operator[1] == "!=":
        form = "'!=' (all but a value)"
    elif operator and operator[1] != "=":
        form = f"'{operator[1]}' (a comparison)"
    elif _RANGE.fullmatch(text):
        form = "'..' (a range)"
    elif dimension.name in _PAGES and text.endswith("*"):
        form = "'*' (all that begin so)"
    else:
        return None
    return (
        f"{dimension.name} '{text}' uses {form}, which conditions cannot do yet. Give the values "
        f"wanted; if this is one of them, write it as '= {text}'."
    )


def _split(text: str) -> tuple[str, str]:
    parts = _CONDITION.fullmatch(text)
    if not parts:
        names = ", ".join(BY_NAME)
        msg = f"'{text}' is no condition. Wanted NAME=VALUE, with one of the names {names}."
        raise ConfigError(msg)
    name, operator, value = parts.groups()
    if operator != "=":
        return name, f"{operator} {value.strip()}"
    # Behind "= " stands a value to the letter; blanks around others are how people type.
    return name, value if value.startswith("=") else value.strip()
