"""The metrics: filters in, polars frames out. A query file stands behind each."""

from warehouse.metrics import (
    active,
    breakdowns,
    data,
    engagement,
    funnels,
    health,
    lifecycle,
    normal,
    overview,
    registry,
    retention,
    sessions,
    stickiness,
    users,
)

__all__ = [
    "active",
    "breakdowns",
    "data",
    "engagement",
    "funnels",
    "health",
    "lifecycle",
    "normal",
    "overview",
    "registry",
    "retention",
    "sessions",
    "stickiness",
    "users",
]
