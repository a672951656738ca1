"""The order of events: by unit, then as definitions.md says. Arithmetic alone on arrays.

Sorting is most of the work of a funnel, so one integer holds what decides: the unit, the time as
finely as there is room for, and the row. What lies closer together than that lies as it was read,
which is nearly always right: the rest is found, and sorted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from warehouse.metrics.sequences import Flags, Rows

if TYPE_CHECKING:
    import polars as pl

# A moment is the time in microseconds (there is room until 2255), then the number of the event in
# its session, which decides between events of one time, and whether sessions of the unit may share
# moments.
NUMBER_BITS = 9
MOST = 2**NUMBER_BITS - 1
MOMENT_SQL = (
    f"(epoch_us(event_time) << {NUMBER_BITS + 1}) | (least(event_number, {MOST}) << 1) | "
    "shares_moments::bigint"
)
# Where that does not decide, these do.
TIED = ("type_rank", "event_id", "source")
_BITS = 63

ReadMoments = Callable[[Sequence[int]], "pl.DataFrame"]


@dataclass(frozen=True)
class Ordered:
    """Events in their order.

    frame  the events as they were read
    rows   where each stands in it, in their order; one item each, as of those below
    units  the number of its unit, from 0 on: those of a unit stand together
    times  microseconds
    """

    frame: "pl.DataFrame"
    rows: Rows
    units: Rows
    times: Rows

    def column(self, name: str) -> Any:
        """A column of the frame in the order of the events."""
        return self.frame[name].to_numpy()[self.rows]

    def told(self, places: Rows) -> "pl.DataFrame":
        """All that was read of some of the events."""
        return self.frame[self.rows[places]]


def in_order(frame: "pl.DataFrame", read_moments: ReadMoments, kind: str | None = None) -> Ordered:
    """The events, all of a unit together and in their order.

    frame         unit, moment, and what else it has
    read_moments  reads the events of some microseconds again, with the columns of TIED too
    kind          the column that says all that is asked of an event; None: each is its own
    """
    units, moments = _numbered(frame["unit"]), frame["moment"].to_numpy()
    rows = _gathered(units, moments)
    groups = _groups(units[rows])
    rows = _mended(rows, groups, moments)
    moments = moments[rows]
    times = moments >> (NUMBER_BITS + 1)
    kinds = None if kind is None else frame[kind].to_numpy()[rows]
    tied = _undecided(groups, moments, times, kinds)
    if not tied.any():
        return Ordered(frame, rows, groups, times)
    return _decided(frame, rows, groups, times, tied, read_moments)


def _numbered(units: "pl.Series") -> Rows:
    """Each unit as an integer; ids are numbered."""
    import polars as pl

    if units.dtype == pl.String:
        units = units.cast(pl.Categorical).to_physical()
    return units.to_numpy().astype(np.int64)


def _gathered(units: Rows, moments: Rows) -> Rows:
    """The rows by unit, and by time as finely as one integer has room for."""
    if not len(units):
        return np.zeros(0, np.int64)
    row_bits = len(units).bit_length()
    # Numbers that fill an integer are those of sessions, which lie together.
    room = _BITS - row_bits - int(units.max()).bit_length()
    if room < 0 or units.min() < 0:
        return _side_by_side(units)
    since = moments - moments.min()
    since >>= max(0, int(since.max()).bit_length() - room)
    keys = (((units << room) | since) << row_bits) | np.arange(len(units))
    keys.sort()
    rows: Rows = keys & ((1 << row_bits) - 1)
    return rows


def _side_by_side(units: Rows) -> Rows:
    """The rows with those of a unit side by side; nearly all stand so."""
    starts = units[np.flatnonzero(np.concatenate(([True], units[1:] != units[:-1])))]
    starts.sort()
    scattered = np.unique(starts[1:][starts[1:] == starts[:-1]])
    rows = np.arange(len(units))
    if not len(scattered):
        return rows
    is_scattered = np.isin(units, scattered)
    some = rows[is_scattered]
    return np.concatenate((rows[~is_scattered], some[np.argsort(units[some], kind="stable")]))


def _groups(units: Rows) -> Rows:
    """The number of each unit, where those of a unit stand together."""
    groups = np.zeros(len(units), np.int32)
    np.cumsum(units[1:] != units[:-1], out=groups[1:])
    return groups


def _mended(rows: Rows, groups: Rows, moments: Rows) -> Rows:
    """The rows with those of the units sorted that are not."""
    moments = moments[rows]
    # The first of most units is earlier than the last of the unit before.
    earlier = np.flatnonzero(moments[1:] < moments[:-1])
    earlier = earlier[groups[earlier + 1] == groups[earlier]]
    if not len(earlier):
        return rows
    wrong = np.zeros(groups[-1] + 1, bool)
    wrong[groups[earlier]] = True
    at = np.flatnonzero(wrong[groups])
    mended = rows.copy()
    mended[at] = rows[at[np.lexsort((moments[at], groups[at]))]]
    return mended


def _undecided(groups: Rows, moments: Rows, times: Rows, kinds: Rows | None) -> Flags:
    """Which events share unit and time with others that the moment does not tell from them.

    Events of one kind are the same, where there are kinds: then they need not be told apart.
    """
    first = np.flatnonzero(times[1:] == times[:-1])
    first = first[groups[first + 1] == groups[first]]
    is_open = (moments[first] & 1) == 1
    is_open |= (moments[first + 1] >> 1) & MOST == MOST
    first = first[is_open]
    if kinds is not None:
        first = first[kinds[first] != kinds[first + 1]]
    undecided = np.zeros(len(groups), bool)
    undecided[first] = undecided[first + 1] = True
    # All of that time, not these two alone.
    for step in (-1, 1):
        at = first if step < 0 else first + 1
        while len(at):
            near = at + step
            at = near[(near >= 0) & (near < len(groups))]
            before = at - step
            at = at[(groups[at] == groups[before]) & (times[at] == times[before])]
            undecided[at] = True
    return undecided


def _decided(
    frame: "pl.DataFrame",
    rows: Rows,
    groups: Rows,
    times: Rows,
    tied: Flags,
    read_moments: ReadMoments,
) -> Ordered:
    """The events with those that were undecided read again, and put in order by what decides."""
    import polars as pl

    at = np.flatnonzero(tied)
    asked = frame[rows[at]].select("unit").with_columns(group=groups[at], time=times[at])
    exact = read_moments(asked["time"].unique().to_list())
    exact = (
        exact.with_columns(time=pl.col("moment") // 2 ** (NUMBER_BITS + 1))
        .join(asked.unique(), on=["unit", "time"])
        .sort("group", "time", *TIED)
        .select(frame.columns)
    )
    decided = rows.copy()
    decided[at] = frame.height + np.arange(exact.height)
    return Ordered(pl.concat([frame, exact]), decided, groups, times)
