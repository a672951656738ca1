"""Which events follow which: chains of steps, one after the other. Arithmetic alone on arrays.

The one place that decides what a funnel, a pattern or a search for "a, then b" takes. A chain is a
choice of events of one unit (a user, or a session), each of its own, in their order.

Of all choices that lead to an event the best one is kept: the one that began last. It is found
step by step, from the nearest event that the step before was reached by. No other choice is nearer,
has less in between, or began later, so that none fulfils a link or a window that this one does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.links import Link

Rows = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True)
class Events:
    """Events of units, all of a unit together and in their order. One item each of

    unit     number of the unit
    time     microseconds
    holding  bit n is set where condition n holds
    place    number among all events of the unit, also those that are not here
    """

    unit: Rows
    time: Rows
    holding: NDArray[np.unsignedinteger[Any]]
    place: Rows

    def __len__(self) -> int:
        return len(self.unit)

    def hold(self, condition: int) -> Flags:
        """Where that condition holds."""
        bit = self.holding.dtype.type(1 << condition)
        holds: Flags = (self.holding & bit) != 0
        return holds

    def backwards(self) -> "Events":
        """The same events from the last to the first: what follows comes before."""
        return Events(self.unit[::-1], -self.time[::-1], self.holding[::-1], -self.place[::-1])


@dataclass(frozen=True)
class Reached:
    """The events that reach a step, in their order, and the event that each chain began with."""

    rows: Rows
    begins: Rows


def chains(
    events: Events,
    links: Sequence[Link],
    may_begin: Flags | None = None,
    window: int | None = None,
) -> list[Reached]:
    """What reaches each step.

    may_begin  the events that a chain may begin with; any if not given
    window     at most so many microseconds from the first event of a chain to each of its others
    """
    first = events.hold(links[0].condition)
    rows = np.flatnonzero(first if may_begin is None else first & may_begin)
    reached = [Reached(rows, rows)]
    for link in links[1:]:
        reached.append(_next(events, link, reached[-1], window))
    return reached


def _next(events: Events, link: Link, before: Reached, window: int | None) -> Reached:
    """What is reached from the events that reached the step before."""
    rows = np.flatnonzero(events.hold(link.condition))
    # The nearest of those before each row is so many of them from the first.
    is_before = np.zeros(len(events) + 1, np.int32)
    is_before[before.rows + 1] = 1
    nearest = np.cumsum(is_before, out=is_before)[rows] - 1
    is_there = nearest >= 0
    rows, nearest = rows[is_there], nearest[is_there]
    last, begins = before.rows[nearest], before.begins[nearest]
    holds = events.unit[last] == events.unit[rows]
    if link.within is not None:
        holds &= events.time[rows] - events.time[last] <= link.within
    if window is not None:
        holds &= events.time[rows] - events.time[begins] <= window
    if link.is_next:
        holds &= events.place[rows] - events.place[last] == 1
    for condition in link.without:
        holds &= _last_before(np.flatnonzero(events.hold(condition)), rows) <= last
    return Reached(rows[holds], begins[holds])


def _last_before(some: Rows, rows: Rows) -> Rows:
    """The last of some rows before each of the rows; NOBODY where there is none."""
    if not len(some):
        return np.full(len(rows), NOBODY)
    at = np.searchsorted(some, rows) - 1
    return np.where(at >= 0, some[np.maximum(at, 0)], NOBODY)


def first_of_units(events: Events, reached: Reached) -> Reached:
    """Of each unit the first event that reaches the step."""
    if not len(reached.rows):
        return reached
    units = events.unit[reached.rows]
    is_first = np.concatenate(([True], units[1:] != units[:-1]))
    return Reached(reached.rows[is_first], reached.begins[is_first])
