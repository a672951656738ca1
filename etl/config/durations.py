"""Durations as people write them: "30 min", "1 h", "500 ms"; a bare number is seconds."""

import re
from datetime import timedelta
from typing import Any

_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_UNIT_WORDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def parse_duration(value: Any) -> timedelta:
    """A positive duration from "30 min", "1 h", "500 ms", or a number of seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number, unit = float(value), "s"
    else:
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", str(value).lower())
        if not match:
            raise ValueError(value)
        number, unit = float(match[1]), match[2] or "s"
    size = _UNITS.get(unit) or _UNIT_WORDS.get(unit.removesuffix("s"))
    if size is None or number <= 0:
        raise ValueError(value)
    return timedelta(seconds=number * size)


def duration_text(value: timedelta) -> str:
    """A duration as people write it: 30 min, 500 ms."""
    seconds = value.total_seconds()
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds * 1000:.0f} ms"
