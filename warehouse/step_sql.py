"""Puts steps into SQL: conditions on the columns of session_events. Values are bound."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from etl.duck import path_of
from warehouse.condition_sql import terms_sql
from warehouse.dimensions import Dimension
from warehouse.steps import COLUMNS, Step

# The smallest integer that has so many bits: few steps are usual, and events are many.
_BITS = {8: "utinyint", 16: "usmallint", 32: "uinteger", 64: "ubigint"}


def step_sql(step: Step | None, name: str, params: dict[str, Any]) -> str:
    """Whether an event is of the step: true or false, never null. Without a step any is.

    The values go to params, under names that begin with `name`: with a _ before it, which no
    dimension has.
    """
    texts = []
    if step and step.event is not None:
        params[f"{name}_event"] = step.event
        texts.append(f"event_type = ${name}_event")
    for number, (dimension, terms) in enumerate(step.read() if step else ()):
        column = replace(dimension, column=_column(dimension, f"{name}_{number}", params))
        texts.append(terms_sql(column, terms, f"{name}_{number}", params))
    return " and ".join(texts) or "true"


def holds_words(steps: Mapping[str, Step | None], params: dict[str, Any]) -> dict[str, str]:
    """What stands for `<name>_holds` in a query: whether an event is of the step of that name."""
    return {f"{name}_holds": step_sql(step, f"_{name}", params) for name, step in steps.items()}


def holding_sql(steps: Sequence[Step], params: dict[str, Any]) -> str:
    """Which of the steps an event is of, as a number: bit n is set where it is of step n."""
    kind = next(kind for bits, kind in _BITS.items() if len(steps) <= bits)
    bits = [
        f"(({step_sql(step, f'_step_{number}', params)})::{kind} << {number})"
        for number, step in enumerate(steps)
    ]
    return " | ".join(bits) or f"0::{kind}"


def _column(dimension: Dimension, name: str, params: dict[str, Any]) -> str:
    """The column of events, or the text that their properties have under a key."""
    if dimension.name in COLUMNS:
        return dimension.name
    places = [[dimension.name]]
    if "." in dimension.name:
        # A key is taken as it is written; one with points may also lead into objects.
        places.append(dimension.name.split("."))
    texts = []
    for number, keys in enumerate(places):
        # Bound like values: a key may look like anything.
        params[f"{name}_path_{number}"] = path_of(keys)
        texts.append(f"properties ->> ${name}_path_{number}")
    text = f"coalesce({', '.join(texts)})" if len(texts) > 1 else f"({texts[0]})"
    return f"try_cast({text} as double)" if dimension.kind == "number" else text
