"""The events of a funnel's steps, read and put in order: what its chains are looked for in."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.metrics.event_order import TIED, in_order
from warehouse.metrics.funnel import Funnel
from warehouse.metrics.sequences import Events, Flags
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

QUERY = "funnels.steps"
# By this the events of one unit lie in order, but those of one time that sessions share.
_PLACED = ("unit", "event_us", "event_number", "session_place")


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
    columns = dict.fromkeys((*_PLACED, "holding", "place", "may_begin", *more))
    read = partial(_read, wh, filters, funnel, by)
    frame = in_order(
        read(tuple(columns)), lambda moments: read((*_PLACED, *TIED), moments=list(moments))
    )
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
        words={**funnel.words, "events": _source(wh, filters, funnel, by)},
        identity=funnel.identity,
        until_date=until,
        moments=moments,
    )


def _source(wh: Warehouse, filters: Filters, funnel: Funnel, by: Dimension | None) -> str:
    """The relation of the events: without a look at sessions, where nothing is asked of them."""
    is_plain = filters.takes_all and by is None and funnel.identity == "user_id"
    if not is_plain or not wh.has_plain_events:
        return "known_events"
    return "plain_user_events" if funnel.scope == "user" else "plain_events"


def _events(frame: "pl.DataFrame") -> Events:
    return Events(
        frame["unit_number"].to_numpy(),
        frame["event_us"].to_numpy(),
        frame["holding"].to_numpy(),
        frame["place"].to_numpy(),
    )
