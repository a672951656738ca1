"""Puts steps into SQL: conditions on the columns of session_events. Values are bound."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from etl.duck import json_path
from warehouse.condition_sql import terms_sql
from warehouse.dimensions import Dimension
from warehouse.steps import COLUMNS, Step


def step_sql(step: Step | None, name: str, params: dict[str, Any]) -> str:
    """Whether an event is of the step: true or false, never null. Without a step any is.

    The values go to params, under names that begin with `name`.
    """
    texts = []
    if step and step.event is not None:
        params[f"{name}_event"] = step.event
        texts.append(f"event_type = ${name}_event")
    for number, (dimension, terms) in enumerate(step.read() if step else ()):
        column = replace(dimension, column=_column(dimension))
        texts.append(terms_sql(column, terms, f"{name}_{number}", params))
    return " and ".join(texts) or "true"


def holding_sql(steps: Sequence[Step], params: dict[str, Any]) -> str:
    """Which of the steps an event is of, as a number: bit n is set where it is of step n."""
    bits = [
        f"(({step_sql(step, f'step_{number}', params)})::ubigint << {number})"
        for number, step in enumerate(steps)
    ]
    return " | ".join(bits) or "0::ubigint"


def _column(dimension: Dimension) -> str:
    """The column of events, or the text of their properties' key."""
    if dimension.name in COLUMNS:
        return dimension.name
    places = [json_path([dimension.name])]
    if "." in dimension.name:
        # A key is taken as it is written; one with points may also lead into objects.
        places.append(json_path(dimension.name.split(".")))
    texts = ", ".join(f"properties ->> {place}" for place in places)
    text = f"coalesce({texts})" if len(places) > 1 else f"({texts})"
    return f"try_cast({text} as double)" if dimension.kind == "number" else text
