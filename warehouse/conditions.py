"""The grammar of conditions: what a name and a text choose. The one parser; never reads data.

A condition is a dimension and its terms. A session is taken when any of the terms holds that are
not negated, and none of the negated ones does.

    Firefox       this value                  != Firefox    all but it, also what is not known
    /docs/*       pages that begin so         30..600       numbers between, both ends in
    >= 30         also >, <, <=               = >= 30       a value that looks like a term
"""

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import itemgetter

from etl.errors import ConfigError, did_you_mean
from warehouse.dimensions import BY_NAME, FILTERS, NOT_KNOWN, Dimension, dimension_named
from warehouse.terms import Not, Plain, Prefix, Range, Term, Terms, Unread

Given = Plain | Iterable[Plain]

# Terms have no order of their own.
_BY_NAME = itemgetter(0)
_OPERATOR = re.compile(r"\s*(!=|>=|<=|=|>|<)\s?(.*)", re.DOTALL)
_RANGE = re.compile(r"\s*(-?[\d.]*\d)\.\.(-?\d[\d.]*)\s*")
# As dwell.toml may call one of its own.
_OWN_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Conditions(tuple[tuple[str, Terms], ...]):
    """Parsed conditions: each name with its terms, sorted, so that equal choices are equal.

    Their values are values, whatever they look like: they are never parsed again.
    """

    __slots__ = ()

    def values(self, name: str) -> Terms:
        """What is chosen of one dimension; nothing when any value will do."""
        return dict(self).get(name, ())

    def only(self, name: str) -> "Conditions":
        """The condition on one dimension alone; none when any value will do."""
        return Conditions(pair for pair in self if pair[0] == name)

    def read(self, dimensions: Iterable[Dimension]) -> "list[tuple[Dimension, Terms]]":
        """Each condition with its dimension. ConfigError where there is none, or a value is
        refused.
        """
        known = {dimension.name: dimension for dimension in dimensions}
        pairs = []
        for name, terms in self:
            dimension = dimension_named(name, known.values())
            pairs.append((dimension, read_terms(dimension, terms)))
        return pairs

    def with_values(self, dimension: Dimension, given: Given) -> "Conditions":
        """The same with other values of one dimension; none takes any."""
        others = [pair for pair in self if pair[0] != dimension.name]
        terms = terms_of(dimension, given)
        return Conditions(
            sorted([*others, (dimension.name, terms)], key=_BY_NAME) if terms else others
        )


NO_CONDITIONS = Conditions()


def conditions_of(given: "Mapping[str, Given] | Conditions") -> Conditions:
    """Conditions by name.

    A name that is none of the registry's may be one of dwell.toml: its values are read when a
    warehouse is asked. ConfigError for names that none can have, for values that the dimension or
    the grammar refuses, and for none at all: a list that came out empty must not take everything.
    """
    if isinstance(given, Conditions):
        return given
    if not isinstance(given, Mapping):
        msg = f'The conditions are {given!r}. Wanted values by name: {{"browser": ["Firefox"]}}.'
        raise ConfigError(msg)
    parsed = {
        name: terms_of(BY_NAME[name], values) if name in BY_NAME else _unread(name, values)
        for name, values in given.items()
    }
    return conditions_by_name(parsed)


def conditions_by_name(terms: Mapping[str, Terms]) -> Conditions:
    """Conditions of parsed terms. ConfigError for a name without any."""
    for name, wanted in terms.items():
        if not wanted:
            msg = f"{name} has no value. Give one or more, or leave {name} out to take any."
            raise ConfigError(msg)
    return Conditions(sorted(terms.items(), key=_BY_NAME))


def as_texts(conditions: Conditions) -> dict[str, list[str]]:
    """The texts of conditions by name; conditions_of reads them back."""
    return {
        name: [as_text(BY_NAME.get(name) or Dimension(name, name), term) for term in terms]
        for name, terms in conditions
    }


def terms_of(dimension: Dimension, given: Given) -> Terms:
    """The terms of one condition, each once: what is given may be one, or several."""
    several = _several(given)
    if several is None:
        msg = f"{dimension.name} is {given!r}. {_wanted(dimension)}"
        raise ConfigError(msg)
    terms = {_term(dimension, text) for text in several}
    _refuse_everything(dimension, [term for term in terms if isinstance(term, Range)])
    return tuple(sorted(terms, key=lambda term: _order(dimension, term)))


def read_terms(dimension: Dimension, terms: Terms) -> Terms:
    """The terms, those that were not read yet by what the dimension can be."""
    unread = [term.given for term in terms if isinstance(term, Unread)]
    return terms_of(dimension, unread) if unread else terms


def as_text(dimension: Dimension, term: Term) -> str:
    """The text that chooses exactly this term; terms_of reads it back."""
    match term:
        case None:
            return dimension.unknown
        case Unread():
            return NOT_KNOWN if term.given is None else str(term.given)
        case Not():
            return f"!= {as_text(dimension, term.term)}"
        case Prefix():
            return f"{term.text}*"
        case Range():
            return _text_of_range(term)
    is_plain = term not in ("", NOT_KNOWN, dimension.unknown) and term == term.strip()
    try:
        return term if is_plain and _term(dimension, term) == term else f"= {term}"
    except ConfigError:
        return f"= {term}"


def _several(given: Given) -> Iterable[Plain] | None:
    if isinstance(given, Plain):
        return (given,)
    return given if isinstance(given, Iterable) and not isinstance(given, Mapping) else None


def _unread(name: object, given: Given) -> Terms:
    several = _several(given)
    if not isinstance(name, str) or not _OWN_NAME.fullmatch(name) or several is None:
        dimension_named(str(name), FILTERS)
    values = tuple(several or ())
    for value in values:
        if not isinstance(value, Plain):
            msg = f"{name} is {value!r}. Wanted a text or a number, or a list of these."
            raise ConfigError(msg)
    return tuple(sorted({Unread(value) for value in values}, key=repr))


def _term(dimension: Dimension, given: Plain) -> Term:
    text = _as_written(dimension, given)
    if text is None or text in (NOT_KNOWN, dimension.unknown):
        return None
    operator = _OPERATOR.match(text)
    if not operator:
        return _without_operator(dimension, text)
    sign, rest = operator.groups()
    if sign == "=":
        return _value(dimension, rest)
    if sign == "!=":
        term = _term(dimension, rest)
        if isinstance(term, Not):
            msg = f"{dimension.name} '{text}' says 'not' twice. Leave both out."
            raise ConfigError(msg)
        return Not(term)
    if dimension.kind != "number":
        raise ConfigError(_no_number(dimension, text, f"'{sign}' compares numbers"))
    number = _number(dimension, rest)
    if sign.startswith(">"):
        return Range(low=number, has_low=sign == ">=")
    return Range(high=number, has_high=sign == "<=")


def _without_operator(dimension: Dimension, text: str) -> Term:
    if dimension.kind == "page" and text.endswith("*"):
        return Prefix(text.removesuffix("*"))
    ends = _RANGE.fullmatch(text)
    if not ends:
        return _value(dimension, text)
    if dimension.kind != "number":
        raise ConfigError(_no_number(dimension, text, "'..' is a range of numbers"))
    low, high = (_number(dimension, end) for end in ends.groups())
    if low > high:
        msg = f"{dimension.name} '{text}' takes nothing: write the smaller number first."
        raise ConfigError(msg)
    return Range(low, high)


def _as_written(dimension: Dimension, given: Plain) -> str | None:
    """What is given as text, where it is of the dimension's kind."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, bool):
        if dimension.kind == "flag":
            return str(given).lower()
    elif isinstance(given, int | float) and dimension.kind == "number" and math.isfinite(given):
        return text_of_number(given)
    msg = f"{dimension.name} is {given!r}. {_wanted(dimension)}"
    raise ConfigError(msg)


def _value(dimension: Dimension, text: str) -> str:
    if not text:
        msg = f"{dimension.name} has no value. Write {dimension.name}=VALUE, or '{NOT_KNOWN}'."
        raise ConfigError(msg)
    if dimension.kind == "number":
        return text_of_number(_number(dimension, text))
    if dimension.values and text not in dimension.values:
        known = (*dimension.values, dimension.unknown)
        msg = f"Unknown {dimension.label.lower()} '{text}'. {did_you_mean(text, known)}"
        raise ConfigError(msg)
    return text


def _number(dimension: Dimension, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"{dimension.name} '{text.strip()}' is no number. {_wanted(dimension)}"
        raise ConfigError(msg)
    return number


def _wanted(dimension: Dimension) -> str:
    if dimension.kind == "number":
        return "Wanted a number, such as 30, '>= 30' or '30..600', or a list of these."
    if dimension.kind == "flag":
        return "Wanted True or False."
    return "Wanted a text, a list of texts, or None for what is not known."


def _no_number(dimension: Dimension, text: str, form: str) -> str:
    return (
        f"{dimension.name} '{text}': {form}, and {dimension.name} is none. Give the values "
        f"wanted; if this is one of them, write it as '= {text}'."
    )


def _refuse_everything(dimension: Dimension, ranges: list[Range]) -> None:
    """Whoever writes >= 30 and <= 600 means both, which any of them does not say."""
    lows = [term.low for term in ranges if term.low is not None and term.high is None]
    highs = [term.high for term in ranges if term.high is not None and term.low is None]
    if lows and highs and min(lows) <= max(highs):
        given = " and ".join(sorted(map(_text_of_range, ranges)))
        ends = f"{text_of_number(min(lows))}..{text_of_number(max(highs))}"
        msg = (
            f"{dimension.name} {given} takes every number: a session need fulfil only one. "
            f"For both at once write '{ends}'."
        )
        raise ConfigError(msg)


def _text_of_range(term: Range) -> str:
    if term.low is not None and term.high is not None:
        return f"{text_of_number(term.low)}..{text_of_number(term.high)}"
    if term.low is not None:
        return f"{'>=' if term.has_low else '>'} {text_of_number(term.low)}"
    return f"{'<=' if term.has_high else '<'} {text_of_number(term.high or 0)}"


def text_of_number(number: float) -> str:
    # Without an exponent, which ranges do not have.
    return str(int(number)) if number == int(number) else f"{Decimal(repr(float(number))):f}"


def _order(dimension: Dimension, term: Term) -> tuple[bool, bool, str]:
    return term is None, not isinstance(term, str), as_text(dimension, term)
