"""The metrics: filters in, polars frames out. A query file stands behind each."""

from warehouse.metrics import (
    active,
    breakdowns,
    data,
    engagement,
    health,
    normal,
    overview,
    paths,
    patterns,
    registry,
    sessions,
    users,
    workflows,
)

__all__ = [
    "active",
    "breakdowns",
    "data",
    "engagement",
    "health",
    "normal",
    "overview",
    "paths",
    "patterns",
    "registry",
    "sessions",
    "users",
    "workflows",
]
