"""The chains of a funnel among its events: who reaches what, and by which of them. Arrays alone."""

import numpy as np

from warehouse.metrics.any_order import completions, together
from warehouse.metrics.funnel import Funnel
from warehouse.metrics.funnel_events import FunnelEvents
from warehouse.metrics.sequences import Reached, Rows, chains, first_of_units


def entries(found: FunnelEvents, funnel: Funnel, through: Rows) -> Rows:
    """The events that somebody enters by: of the first step, and those that lead through.

    In any order these may be of another step.
    """
    holds = found.events.hold(funnel.wanted[0]) & found.may_begin
    holds[through] = True
    return np.flatnonzero(holds)


def reached_by(found: FunnelEvents, funnel: Funnel) -> list[Reached]:
    """Of each step the first event by which each unit reaches it, and where that chain began."""
    if funnel.order != "any":
        links = funnel.links
        every = chains(found.events, links, found.may_begin, funnel.window_us)
        return [first_of_units(found.events, reached) for reached in every]
    reached: list[Reached] = []
    for number in range(1, len(funnel.steps) + 1):
        conditions = funnel.wanted[:number]
        args = (found.may_begin, funnel.window_us, funnel.refused)
        here = first_of_units(found.events, together(found.events, conditions, *args))
        # Without its last step a choice may begin on a later day, which the dates leave out.
        reached.append(_those_of(found, here, reached[-1].rows) if reached else here)
    return reached


def leading_through(found: FunnelEvents, funnel: Funnel) -> Rows:
    """The events that a chain through all steps can begin with."""
    events = found.events
    if funnel.order == "any":
        args = (found.may_begin, funnel.window_us, funnel.refused)
        rows = np.unique(completions(events, funnel.wanted, *args).begins)
        return _those_of(found, Reached(rows, rows), reached_by(found, funnel)[-1].rows).rows
    back = chains(events.backwards(), funnel.links[::-1], None, funnel.window_us)[-1]
    rows = len(events) - 1 - back.rows
    return np.sort(rows[found.may_begin[rows]])


def outcome_of(found: FunnelEvents, funnel: Funnel, step: int, *, converted: bool) -> Reached:
    """The chains of those who reached a step, or of those who reached the one before alone."""
    reached = reached_by(found, funnel)
    if converted:
        return reached[step - 1]
    return _those_of(found, reached[step - 2], reached[step - 1].rows, but=True)


def _those_of(found: FunnelEvents, some: Reached, rows: Rows, *, but: bool = False) -> Reached:
    """The chains of the units that have one of the rows, or of all but these."""
    units = found.events.unit
    is_in = np.isin(units[some.rows], units[rows], invert=but)
    return Reached(some.rows[is_in], some.begins[is_in])
