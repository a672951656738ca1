"""Values of settings as JSON and as text. Knows no setting."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from etl.config.durations import duration_text


def as_plain(value: Any) -> Any:
    """A setting's value as JSON holds it: durations as seconds, lists for tuples."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Path):
        return str(value)
    return value


def as_text(value: Any) -> str:
    """A setting's value as people write it: "30 min", "logout"."""
    if value is None:
        return "for ever"
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
