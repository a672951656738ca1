"""Retention: who of those that came first together is back, and when."""

from typing import TYPE_CHECKING, Any, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import intervals
from warehouse.metrics.calendar_periods import start_of
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

def matrix(wh, filters, period="week", kind="exact", clock="calendar", entry="first", brackets=None):
    """Columns: x. No rows"""
    return run(wh, "retention.matrix", filters, **_asked(wh, filters, period, kind, entry, brackets))

def curve(wh, filters, period="week", kind="exact", clock="calendar", entry="first", brackets=None):
    """Columns: x. No rows"""
    return run(wh, "retention.curve", filters, z=intervals.Z, **_asked(wh, filters, period, kind, entry, brackets))

def _asked(wh, filters, period, kind, entry, brackets):
    last = min([d for d in (filters.end, wh.as_of_date) if d], default=None)
    return dict(
        period=period, kind=kind, entry=entry,
        bracket_lows=[low for low, _ in brackets or ()],
        bracket_highs=[high for _, high in brackets or ()],
        step=f"1 {period}", until=wh.as_of_date, shown_from=None,
        entry_from=filters.start, entry_to=last,
        first_date=None if entry == "segment" or not filters.start else start_of(filters.start, period),
        last_date=wh.as_of_date,
    )
