"""The metrics: filters in, polars frames out. A query file stands behind each."""

from warehouse.metrics import (
    active,
    breakdowns,
    data,
    engagement,
    funnels,
    health,
    normal,
    overview,
    registry,
    sessions,
    users,
)

__all__ = [
    "active",
    "breakdowns",
    "data",
    "engagement",
    "funnels",
    "health",
    "normal",
    "overview",
    "registry",
    "sessions",
    "users",
]
