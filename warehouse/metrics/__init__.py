"""The metrics: filters in, polars frames out. A query file stands behind each."""

from warehouse.metrics import active, data, engagement, health, overview, registry, sessions, users

__all__ = ["active", "data", "engagement", "health", "overview", "registry", "sessions", "users"]
