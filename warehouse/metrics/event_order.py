"""Puts events into their order: by unit, then as definitions.md says. Arithmetic alone on arrays.

Events are read about as they lie, day after day and user by user: so to gather those of a unit puts
most of them in order. What is not is found, and sorted. Nothing rests on how events lie but time.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from warehouse.metrics.sequences import Flags, Rows

if TYPE_CHECKING:
    import polars as pl

# Of events of one time and unit the number decides, within a session; between sessions these do.
TIED = ("type_rank", "event_id", "source")
_KEYS = ["unit", "event_us", "session_place", "event_number"]
# A unit's number and a row's lie in one integer.
_BITS = 63

ReadMoments = Callable[[Sequence[int]], "pl.DataFrame"]


def in_order(frame: "pl.DataFrame", read_moments: ReadMoments) -> "pl.DataFrame":
    """The events, all of a unit together and in their order, with `unit_number` from 0 on.

    frame         unit, event_us, event_number and session_place, by which the sessions of a unit
                  that share moments are told apart, and what else it has
    read_moments  reads the events of some microseconds again, with the columns of TIED too
    """
    import polars as pl

    units = _numbered(frame["unit"])
    order = _gathered(units)
    times, numbers = frame["event_us"].to_numpy(), frame["event_number"].to_numpy()
    places = frame["session_place"].to_numpy()
    groups = _groups(units[order])
    order = _mended(order, groups, times, numbers)
    tied = _of_several_sessions(groups, times[order], places[order])
    if tied.any():
        order = _untied(frame, order, tied, groups, read_moments)
    return frame[order].with_columns(pl.Series("unit_number", groups, dtype=pl.Int64))


def _numbered(units: "pl.Series") -> Rows:
    """Each unit as an integer; ids are numbered."""
    import polars as pl

    if units.dtype == pl.String:
        units = units.cast(pl.Categorical).to_physical()
    return units.to_numpy().astype(np.int64)


def _gathered(units: Rows) -> Rows:
    """The rows with those of each unit together, in the order in which they were."""
    bits = len(units).bit_length()
    if len(units) and int(units.max()) >> (_BITS - bits) == 0:
        keys = (units << bits) | np.arange(len(units))
        keys.sort()
        return keys & ((1 << bits) - 1)
    return np.argsort(units, kind="stable")


def _groups(units: Rows) -> Rows:
    """The number of each row's unit, where those of a unit lie together."""
    if not len(units):
        return units
    return np.cumsum(np.concatenate(([0], units[1:] != units[:-1])))


def _mended(order: Rows, groups: Rows, times: Rows, numbers: Rows) -> Rows:
    """The order with the units sorted that are not."""
    here, by_time = order[:-1], times[order]
    earlier = by_time[1:] < by_time[:-1]
    tied = by_time[1:] == by_time[:-1]
    lower = numbers[order[1:]] < numbers[here]
    is_wrong = (groups[1:] == groups[:-1]) & (earlier | (tied & lower))
    if not is_wrong.any():
        return order
    at = np.flatnonzero(np.isin(groups, groups[1:][is_wrong]))
    rows = order[at]
    mended = order.copy()
    mended[at] = rows[np.lexsort((numbers[rows], times[rows], groups[at]))]
    return mended


def _of_several_sessions(groups: Rows, times: Rows, places: Rows) -> Flags:
    """Which events share unit and time with one of another session."""
    tied = np.zeros(len(groups), bool)
    same = (groups[1:] == groups[:-1]) & (times[1:] == times[:-1])
    differs = same & (places[1:] != places[:-1])
    if differs.any():
        moments = np.cumsum(np.concatenate(([True], ~same)))
        tied = np.isin(moments, moments[1:][differs])
    return tied


def _untied(
    frame: "pl.DataFrame", order: Rows, tied: Flags, groups: Rows, read_moments: ReadMoments
) -> Rows:
    """The order with the events of several sessions at one time by what decides between them."""
    at = np.flatnonzero(tied)
    rows = frame[order[at]].select(_KEYS).with_columns(at=at, row=order[at], group=groups[at])
    exact = read_moments(rows["event_us"].unique().to_list()).select(*_KEYS, *TIED)
    ranked = rows.join(exact, on=_KEYS, how="left").sort("group", "event_us", *TIED)
    untied = order.copy()
    untied[at] = ranked["row"].to_numpy()
    return untied
