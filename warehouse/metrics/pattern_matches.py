"""Which sessions fulfil a pattern, and when: its chains of steps, and what else it asks."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.event_source import OF_DAYS, OF_SESSIONS
from warehouse.metrics.sequences import Events, Flags, Reached, Rows, chains, first_of_units
from warehouse.patterns import Pattern
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

_IS_LAST = "event_number = max(event_number) over (partition by session_id)"
_NEEDED = ("unit", "event_us", "place", "holding")


def pattern_matches(wh: Warehouse, filters: Filters, pattern: Pattern) -> "pl.DataFrame":
    """The first match of each session: session_id, user_id, match_time."""
    import polars as pl

    frame, rows = _matched(wh, filters, pattern, OF_SESSIONS, ("session_id", "user_id"))
    return (
        frame[rows]
        .select("session_id", "user_id", match_time=pl.from_epoch("event_us", time_unit="us"))
        .sort("match_time", "session_id", descending=[True, False])
    )


def matching_places(wh: Warehouse, filters: Filters, pattern: Pattern) -> Rows:
    """The places of sessions that fulfil it: of all that the days hold, also of some around them.

    The conditions of the filters are not looked at.
    """
    days = Filters(filters.start, filters.end)
    frame, rows = _matched(wh, days, pattern, OF_DAYS)
    places: Rows = frame["unit"].to_numpy()[rows]
    return places


def _matched(
    wh: Warehouse,
    filters: Filters,
    pattern: Pattern,
    source: Mapping[str, str],
    more: Sequence[str] = (),
) -> tuple["pl.DataFrame", Rows]:
    """The events that hold something of the pattern, and the row of each session's first match."""
    ends = ("is_last",) if pattern.ends else ()
    frame = run(
        wh,
        "patterns.matches",
        filters,
        (*_NEEDED, *ends, *more),
        sequence=pattern.conditions,
        words={**source, "is_last": _IS_LAST if pattern.ends else "false"},
    )
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
    return frame, first_of_units(events, reached).rows


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
