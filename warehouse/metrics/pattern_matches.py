"""Which sessions fulfil a pattern, and when: its chains of steps, and what else it asks."""

from typing import TYPE_CHECKING

import numpy as np

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.sequences import Events, Flags, Reached, chains, first_of_units
from warehouse.patterns import Pattern
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

_IS_LAST = "event_number = max(event_number) over (partition by session_id)"


def pattern_matches(wh: Warehouse, filters: Filters, pattern: Pattern) -> "pl.DataFrame":
    """The first match of each session: session_id, user_id, match_time."""
    import polars as pl

    words = {"is_last": _IS_LAST if pattern.ends else "false"}
    frame = run(wh, "patterns.matches", filters, sequence=pattern.conditions, words=words)
    events = Events(
        frame["unit"].to_numpy(),
        frame["event_us"].to_numpy(),
        frame["holding"].to_numpy(),
        frame["place"].to_numpy(),
    )
    reached = chains(events, pattern.links)[-1]
    for number in pattern.not_after:
        reached = _among(reached, ~_followed(events, events.hold(number))[reached.rows])
    for number in pattern.nowhere:
        reached = _among(reached, ~_in_units(events, events.hold(number))[reached.rows])
    if pattern.ends:
        is_end = np.logical_or.reduce([events.hold(number) for number in pattern.ends])
        ending = _in_units(events, is_end & frame["is_last"].to_numpy())
        reached = _among(reached, ending[reached.rows])
    first = first_of_units(events, reached)
    return (
        frame[first.rows]
        .select("session_id", "user_id", match_time=pl.from_epoch("event_us", time_unit="us"))
        .sort("match_time", "session_id", descending=[True, False])
    )


def _among(reached: Reached, some: Flags) -> Reached:
    return Reached(reached.rows[some], reached.begins[some])


def _in_units(events: Events, some: Flags) -> Flags:
    """Of every event, whether its unit has one of them."""
    return np.isin(events.unit, events.unit[some])


def _followed(events: Events, some: Flags) -> Flags:
    """Of every event, whether one of them comes after it in its unit."""
    rows = np.flatnonzero(some)
    if not len(rows):
        return np.zeros(len(events), bool)
    at = np.searchsorted(rows, np.arange(len(events)), side="right")
    after = rows[np.minimum(at, len(rows) - 1)]
    is_followed: Flags = (at < len(rows)) & (events.unit[after] == events.unit)
    return is_followed
