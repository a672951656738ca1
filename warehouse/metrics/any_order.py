"""Which events are of some steps in whatever order, each of its own. Arithmetic alone on arrays.

Steps are taken from the earliest event on: it is of one of them, and the others come after it. That
each of these finds an event of its own is Hall's theorem (1935): of any of the steps together there
are at least as many events as steps. Steps that no event is of together need no such look.
"""

from collections.abc import Sequence
from itertools import chain, combinations

import numpy as np

from etl.errors import ConfigError
from warehouse.metrics.sequences import Events, Flags, Reached, Rows

# So many conditions that share events have some thousand choices of them.
_MOST_SHARED = 10


def together(
    events: Events,
    conditions: Sequence[int],
    may_begin: Flags | None = None,
    window: int | None = None,
    without: Sequence[int] = (),
) -> Reached:
    """The events that complete all conditions, in the order of rows, with the first event of each.

    As completions, but of several beginnings that lead to the same event the latest alone.
    """
    found = completions(events, conditions, may_begin, window, without)
    order = np.lexsort((-found.begins, found.rows))
    rows, begins = found.rows[order], found.begins[order]
    is_first = np.concatenate(([True], rows[1:] != rows[:-1]))[: len(rows)]
    return Reached(rows[is_first], begins[is_first])


def completions(
    events: Events,
    conditions: Sequence[int],
    may_begin: Flags | None = None,
    window: int | None = None,
    without: Sequence[int] = (),
) -> Reached:
    """Each event that all conditions can begin with, and the first event that completes them.

    `conditions` may name one twice: then two events hold it. `window` is from the first to the
    last; `without` are conditions that no event strictly between these two holds. In no order; one
    that begins with several conditions is told for each. ConfigError when too many share events.
    """
    groups = _sharing(events, sorted(set(conditions)))
    ends, begins = [], []
    for first in sorted(set(conditions)):
        begin = events.hold(first)
        rows = np.flatnonzero(begin if may_begin is None else begin & may_begin)
        others = list(conditions)
        others.remove(first)
        end = _all_after(events, groups, others, rows)
        is_there = end < len(events)
        rows, end = rows[is_there], end[is_there]
        holds = events.unit[end] == events.unit[rows]
        if window is not None:
            holds &= events.time[end] - events.time[rows] <= window
        for condition in without:
            holds &= _next_after(np.flatnonzero(events.hold(condition)), rows, len(events)) >= end
        ends.append(end[holds])
        begins.append(rows[holds])
    return Reached(np.concatenate(ends), np.concatenate(begins))


def _all_after(
    events: Events, groups: Sequence[Sequence[int]], conditions: Sequence[int], rows: Rows
) -> Rows:
    """The first row at which all conditions have had an event after each row; len(events): none."""
    end = rows.copy()
    for group in groups:
        wanted = {one: conditions.count(one) for one in group if one in conditions}
        for size in range(1, len(wanted) + 1):
            for some in combinations(wanted, size):
                is_any = np.logical_or.reduce([events.hold(one) for one in some])
                count = sum(wanted[one] for one in some)
                found = np.flatnonzero(is_any)
                end = np.maximum(end, _next_after(found, rows, len(events), count))
    return end


def _next_after(found: Rows, rows: Rows, none: int, count: int = 1) -> Rows:
    """The count-th of the found rows after each row; `none` where there are fewer."""
    at = np.searchsorted(found, rows, side="right") + count - 1
    padded = np.append(found, none)
    return padded[np.minimum(at, len(found))]


def _sharing(events: Events, conditions: Sequence[int]) -> list[list[int]]:
    """The conditions in groups: those of one group share events, or share with some that do."""
    groups: list[list[int]] = []
    for one in conditions:
        held = events.hold(one)
        near = [g for g in groups if any((held & events.hold(other)).any() for other in g)]
        groups = [g for g in groups if g not in near] + [[*chain(*near), one]]
    for group in groups:
        if len(group) > _MOST_SHARED:
            msg = (
                f"{len(group)} steps in any order are of the same events. Wanted: at most "
                f"{_MOST_SHARED}. Name their types or pages, so that fewer overlap."
            )
            raise ConfigError(msg)
    return groups
