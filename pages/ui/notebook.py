"""A number of a page as three lines for a notebook, which give the same one. Never asks itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pages.ui.ask import current_warehouse, newest_build
from pages.ui.visitor import visitor
from warehouse import Filters
from warehouse.conditions import Conditions, as_text
from warehouse.serving import OPERATOR


def lines(metric: Callable[..., Any], /, *args: Any, **kwargs: Any) -> str:
    """Python that opens the build of the page and asks what it asked with these arguments."""
    return lines_of_build(current_warehouse().build, metric, *args, **kwargs)


def lines_of_build(build: int, metric: Callable[..., Any], /, *args: Any, **kwargs: Any) -> str:
    """The same of another build: lines name the one that they are of, unless it is current."""
    name = f"{metric.__module__.removeprefix('warehouse.')}.{metric.__qualname__}"
    filters = next((arg for arg in args if isinstance(arg, Filters)), None)
    words = ["filters" if arg is filters else _written(arg) for arg in args]
    words += [f"{key}={_written(value)}" for key, value in kwargs.items() if value is not None]
    # JSON's strings are Python's too. Where the home lies is for operators: others have it by
    # DWELL_HOME, where they may read it at all.
    given = [json.dumps(str(current_warehouse().home))] if visitor().may(OPERATOR) else []
    if build != newest_build():
        given.append(f"build={build}")
    opened = ", ".join(given)
    asked = [f"wh.{name}({', '.join(words)})"]
    if filters is not None:
        asked.insert(0, f"filters = {_filters(filters)}")
    dates = "from datetime import date; " if any("date(" in line for line in asked) else ""
    return "\n".join([f"import warehouse; {dates}wh = warehouse.open({opened})", *asked])


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = (f"{key!r}: {_written(each)}" for key, each in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    return _filters(value) if isinstance(value, Filters) else repr(value)


def _filters(filters: Filters) -> str:
    parts = [
        f"{name}={_written(day)}"
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
