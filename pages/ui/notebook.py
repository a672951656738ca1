"""A number of a page as three lines for a notebook, which give the same one. Never asks itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pages.ui.ask import current_warehouse
from warehouse import Filters, current_build
from warehouse.conditions import Conditions, as_text


def lines(metric: Callable[..., Any], /, *args: Any, **kwargs: Any) -> str:
    """Python that opens the warehouse and asks what a page asked with these arguments."""
    name = f"{metric.__module__.removeprefix('warehouse.')}.{metric.__qualname__}"
    filters = next((arg for arg in args if isinstance(arg, Filters)), None)
    words = ["filters" if arg is filters else _written(arg) for arg in args]
    words += [f"{key}={_written(value)}" for key, value in kwargs.items() if value is not None]
    wh = current_warehouse()
    # JSON's strings are Python's too.
    home = json.dumps(str(wh.home))
    build = "" if wh.build == current_build() else f", build={wh.build}"
    asked = f"wh.{name}({', '.join(words)})"
    if filters is None:
        return f"import warehouse; wh = warehouse.open({home}{build})\n{asked}"
    return "\n".join(
        [
            f"import warehouse; from datetime import date; wh = warehouse.open({home}{build})",
            f"filters = {_filters(filters)}",
            asked,
        ]
    )


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = (f"{key!r}: {_written(each)}" for key, each in value.items())
        return f"{{{', '.join(parts)}}}"
    return _filters(value) if isinstance(value, Filters) else repr(value)


def _filters(filters: Filters) -> str:
    parts = [
        f"{name}=date({day.year}, {day.month}, {day.day})"
        for name, day in (("start", filters.start), ("end", filters.end))
        if day
    ]
    if filters.where:
        parts.append(f"where={_where(filters.where)!r}")
    if filters.segments:
        parts.append(f"segments={[_where(each) for each in filters.segments]!r}")
    if filters.include_bots:
        parts.append("include_bots=True")
    return f"warehouse.Filters({', '.join(parts)})"


def _where(conditions: Conditions) -> dict[str, list[str]]:
    dimensions = current_warehouse().dimensions
    return {
        dimension.name: [as_text(dimension, term) for term in terms]
        for dimension, terms in conditions.read(dimensions)
    }
