"""Patterns of types alone, as SQL over the types that a session holds in order. Never reads data.

A session tells the types of its events, repeats in a row once: whether one comes after another is
known without a look at single events, which are many.
"""

from itertools import pairwise
from typing import Any

from warehouse.patterns import Pattern

_PATH = "event_path"


def path_sql(pattern: Pattern, params: dict[str, Any]) -> str | None:
    """Whether a session fulfils the pattern: true or false, never null.

    None where its types do not tell: conditions on what events hold, times between them, what may
    not lie between two, and the same type twice in a row. The values go to params, under names that
    begin with a _.
    """
    steps = [pattern.conditions[link.condition] for link in pattern.links]
    is_any = len(steps) == 1 and steps[0].event is None and not steps[0].where
    asked = [step for step in pattern.conditions if not (is_any and step is steps[0])]
    if any(step.event is None or step.where for step in asked):
        return None
    if any(link.within is not None or link.without or link.is_next for link in pattern.links):
        return None
    if any(step == after for step, after in pairwise(steps)):
        return None
    names = {}
    for number, step in enumerate(pattern.conditions):
        names[number] = f"$_type_{number}"
        if step.event is not None:
            params[f"_type_{number}"] = step.event
    tests = [f"not list_contains({_PATH}, {names[each]})" for each in pattern.nowhere]
    if not is_any:
        rest, last = _PATH, names[pattern.links[-1].condition]
        for link in pattern.links[:-1]:
            rest = _after(rest, f"nullif(list_position({rest}, {names[link.condition]}), 0)")
        tests.append(f"list_contains({rest}, {last})")
        if pattern.not_after:
            # Behind the last one: any choice of events will do.
            at = f"len({_PATH}) + 1 - list_position(list_reverse({_PATH}), {last})"
            tail = _after(_PATH, at)
            tests += [f"not list_contains({tail}, {names[each]})" for each in pattern.not_after]
    if pattern.ends:
        types = ", ".join(names[each] for each in pattern.ends)
        tests.append(f"list_contains([{types}], {_PATH}[-1])")
    return f"coalesce({' and '.join(tests) or 'true'}, false)"


def _after(path: str, at: str) -> str:
    return f"list_slice({path}, {at} + 1, len({path}))"
