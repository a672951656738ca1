"""The line of SQL that each metric is made by, as the query files have it. Holds none itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from warehouse.query import path_of

RELATIONS = ("measured_sessions", "measured_turns")


@lru_cache(maxsize=1)
def lines() -> Mapping[str, str]:
    """The expression of each measure by its name, of those that stand on one line."""
    found: dict[str, str] = {}
    for relation in RELATIONS:
        text = path_of(relation).read_text(encoding="utf-8")
        # A long one has its name on a line below.
        text = re.sub(r"\n\s+as ", " as ", text)
        for expression, name in re.findall(r"^    ([^\s-].*) as (\w+),?$", text, re.MULTILINE):
            found.setdefault(name, expression)
    return found


def line_of(name: str, own: str | None = None) -> str | None:
    """The line of a metric as SQL; `own` is the expression of one that dwell.toml declares."""
    expression = own or lines().get(name)
    return f"{expression} as {name}" if expression else None
