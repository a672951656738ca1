"""Puts conditions, and what sessions are broken down by, into SQL.

Names are those of the registry; values are bound. A user is looked up only where asked for.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from warehouse.conditions import Conditions
from warehouse.dimensions import FILTERS, Dimension
from warehouse.terms import Not, Prefix, Range, Term, Terms

# Null in a list of values would match nothing: what is not known is the empty text.
_NOT_KNOWN = ""


def conditions_sql(
    conditions: Conditions,
    dimensions: Iterable[Dimension] = FILTERS,
    segments: Sequence[Conditions] = (),
    begin: str = "",
) -> tuple[str, dict[str, Any]]:
    """One condition on dimensioned_sessions, and the values that it binds; true without any.

    All conditions hold, those of each segment too: a name in two of them is asked for twice. The
    names of the values begin with `begin`.
    ConfigError for a condition on none of the dimensions.
    """
    known = tuple(dimensions)
    params: dict[str, Any] = {}
    texts = [
        terms_sql(dimension, terms, f"{begin}{prefix}{dimension.name}", params)
        for prefix, each in (("", conditions), *_prefixed(segments))
        for dimension, terms in each.read(known)
    ]
    return "\n    and ".join(texts) or "true", params


def terms_sql(dimension: Dimension, terms: Terms, name: str, params: dict[str, Any]) -> str:
    """Any of the terms, and none of the negated ones; their values go to params.

    `name` begins the names of those; a dimension's column may be any SQL.
    """
    wanted = [term for term in terms if not isinstance(term, Not)]
    refused = [term.term for term in terms if isinstance(term, Not)]
    texts = []
    if wanted:
        texts.append(_any_of(dimension, wanted, f"{name}_is", params))
    if refused:
        texts.append(f"not {_any_of(dimension, refused, f'{name}_not', params)}")
    return " and ".join(texts)


def dimension_sql(dimension: Dimension | None) -> str:
    """What sessions are broken down by: text, or a list of texts, which is never empty."""
    if dimension is None:
        return "null::varchar"
    if dimension.is_list:
        column = _column(dimension)
        return f"if(len({column}) > 0, {column}, [null])"
    return f"{_column(dimension)}::varchar"


def key_sql(dimension: Dimension | None) -> str:
    """The one value that a row is broken down by: of a list, each in a row of its own."""
    is_list = dimension is not None and dimension.is_list
    return "unnest(dimension_value)" if is_list else "dimension_value"


def keys_sql(dimension: Dimension | None, value: str) -> str:
    """All values that a row is broken down by, as a list; `value` is the column of them."""
    return value if dimension is not None and dimension.is_list else f"[{value}]"


def _prefixed(segments: Sequence[Conditions]) -> list[tuple[str, Conditions]]:
    return [(f"segment_{number}_", each) for number, each in enumerate(segments, 1)]


def _any_of(dimension: Dimension, terms: Sequence[Term], name: str, params: dict[str, Any]) -> str:
    """Whether one of the terms holds: true or false, never null."""
    column = _column(dimension)
    texts = []
    values = [term for term in terms if term is None or isinstance(term, str)]
    if values:
        params[name] = [_NOT_KNOWN if value is None else value for value in values]
        if dimension.is_list:
            texts.append(f"list_has_any(if(len({column}) > 0, {column}, ['']), ${name})")
        elif dimension.kind == "number":
            params[name] = [float(value) for value in values if value is not None]
            texts.append(f"coalesce({column}::double in ${name}, {str(None in values).lower()})")
        else:
            text = column if dimension.kind != "flag" else f"{column}::varchar"
            texts.append(f"coalesce({text}, '') in ${name}")
    for number, term in enumerate(terms):
        if isinstance(term, Prefix):
            params[f"{name}_{number}"] = term.text
            texts.append(f"coalesce(starts_with({column}, ${name}_{number}), false)")
        elif isinstance(term, Range):
            texts.append(_within(column, term, f"{name}_{number}", params))
    return f"({' or '.join(texts)})"


def _within(column: str, term: Range, name: str, params: dict[str, Any]) -> str:
    ends = []
    if term.low is not None:
        params[f"{name}_low"] = term.low
        ends.append(f"{column} {'>=' if term.has_low else '>'} ${name}_low")
    if term.high is not None:
        params[f"{name}_high"] = term.high
        ends.append(f"{column} {'<=' if term.has_high else '<'} ${name}_high")
    return f"coalesce({' and '.join(ends)}, false)"


def _column(dimension: Dimension) -> str:
    """The column, or what looks it up of the user: only who asks for users reads them."""
    if dimension.scope != "user is":
        return dimension.column or dimension.name
    return (
        f"(select user_facts.{dimension.name} from user_facts "  # noqa: S608 - of the registry
        "where user_facts.user_id = dimensioned_sessions.user_id)"
    )
