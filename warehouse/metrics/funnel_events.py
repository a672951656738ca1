"""The events of a funnel's steps, read and put in order: what its chains are looked for in."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.metrics.event_order import MOMENT_SQL, TIED, Ordered, in_order
from warehouse.metrics.funnel import Funnel
from warehouse.metrics.sequences import Events, Flags, Rows
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

QUERY = "funnels.steps"
_AT_MOMENTS = "event_time in (select make_timestamp(unnest($moments::bigint[])))"
_TOUCHING = "user_id in (select users.user_id from users where users.has_touching_sessions)"


@dataclass(frozen=True)
class FunnelEvents:
    """The events in order, which of them a funnel may be entered by, and what else was read."""

    events: Events
    may_begin: Flags
    ordered: Ordered

    def told(self, rows: Rows) -> "pl.DataFrame":
        """All that was read of some of the events."""
        return self.ordered.told(rows)


def funnel_events(
    wh: Warehouse,
    filters: Filters,
    funnel: Funnel,
    more: tuple[str, ...] = (),
    by: Dimension | None = None,
) -> FunnelEvents:
    """The events of the steps, and of what is excluded; `more` are further columns of the query."""
    has_place = funnel.order == "strict"
    columns = dict.fromkeys(
        ("unit", "moment", "holding", "may_begin", *(("place",) if has_place else ()), *more)
    )
    read = partial(_read, wh, filters, funnel, by)
    found = in_order(
        read(tuple(columns)),
        lambda moments: read((*columns, *TIED), moments=list(moments)),
        None if more or has_place else "holding",
    )
    events = Events(
        found.units,
        found.times,
        found.column("holding"),
        found.column("place") if has_place else np.zeros(0, np.int64),
    )
    return FunnelEvents(events, found.column("may_begin"), found)


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
        words={
            **funnel.words,
            **_source(wh, filters, funnel, by),
            "moment": MOMENT_SQL,
            # The place of an event is among all of them.
            "at_moments": _AT_MOMENTS if moments and funnel.order != "strict" else "true",
        },
        identity=funnel.identity,
        until_date=until,
        moments=moments,
    )


def _source(
    wh: Warehouse, filters: Filters, funnel: Funnel, by: Dimension | None
) -> dict[str, str]:
    """The relation of the events, and whether sessions of their unit may share moments.

    Where nothing is asked of sessions, events are read without a look at them.
    """
    is_user = funnel.scope == "user"
    is_plain = filters.takes_all and by is None and funnel.identity == "user_id"
    if is_plain and wh.has_plain_events:
        return {
            "events": "plain_user_events" if is_user else "plain_events",
            "shares_moments": "has_touching_sessions" if is_user else "false",
        }
    # Ids of one person, and users of an older build, may have been anywhere.
    shares = "true" if funnel.identity == "person" or not wh.has_plain_events else _TOUCHING
    return {"events": "known_events", "shares_moments": shares if is_user else "false"}
