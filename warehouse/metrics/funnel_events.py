"""The events of a funnel's steps, read and put in order: what its chains are looked for in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.metrics.funnel import Funnel
from warehouse.metrics.sequences import Events, Flags
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

QUERY = "funnels.steps"
# By this the events of one unit lie in order, but those of one time that sessions share.
_PLACED = ("unit", "event_us", "event_number", "session_place")
# What decides among these: definitions.md, Order.
_TIED = ("type_rank", "event_id", "source")


@dataclass(frozen=True)
class FunnelEvents:
    """The events in order, which of them a funnel may be entered by, and what else was read."""

    events: Events
    may_begin: Flags
    frame: "pl.DataFrame"


def funnel_events(
    wh: Warehouse,
    filters: Filters,
    funnel: Funnel,
    more: tuple[str, ...] = (),
    by: Dimension | None = None,
) -> FunnelEvents:
    """The events of the steps, and of what is excluded; `more` are further columns of the query."""
    import polars as pl

    columns = dict.fromkeys((*_PLACED, "holding", "place", "may_begin", *more))
    frame = _read(wh, filters, funnel, by, tuple(columns))
    # Sessions of one user may have events of the very same time.
    times = ["unit", "event_us"]
    several = pl.col("session_place").n_unique() > 1
    tied = frame.filter(frame.select(times).is_duplicated()).filter(several.over(times))
    tie_rank = pl.col("event_number").cast(pl.Int64)
    if not tied.is_empty():
        moments = tied["event_us"].unique().to_list()
        exact = _read(wh, filters, funnel, by, (*columns, *_TIED), moments)
        exact = exact.join(tied.select(times).unique(), on=times, how="semi").sort(*times, *_TIED)
        frame = pl.concat(
            [
                frame.join(tied, on=times, how="anti").with_columns(tie_rank=tie_rank),
                exact.drop(_TIED).with_columns(tie_rank=pl.int_range(pl.len())),
            ],
            how="diagonal_relaxed",
        )
    else:
        frame = frame.with_columns(tie_rank=tie_rank)
    frame = frame.sort("unit", "event_us", "tie_rank")
    return FunnelEvents(_events(frame), frame["may_begin"].to_numpy(), frame)


def _read(
    wh: Warehouse,
    filters: Filters,
    funnel: Funnel,
    by: Dimension | None,
    columns: tuple[str, ...],
    moments: list[int] | None = None,
) -> "pl.DataFrame":
    until = None
    if filters.end is not None and funnel.window is not None:
        # A day more, as days of the clock have more hours than 24 at times.
        until = filters.end + timedelta(days=funnel.window.days + 2)
    return run(
        wh,
        QUERY,
        filters,
        columns,
        dimension=by,
        sequence=funnel.conditions,
        words=funnel.words,
        identity=funnel.identity,
        until_date=until,
        moments=moments,
    )


def _events(frame: "pl.DataFrame") -> Events:
    units = frame["unit"].rle_id().to_numpy() if frame.height else np.zeros(0, np.int64)
    return Events(
        units.astype(np.int64),
        frame["event_us"].to_numpy(),
        frame["holding"].to_numpy(),
        frame["place"].to_numpy(),
    )
