"""How long something is kept: "30 days", "for ever". Counts nothing back."""

from datetime import timedelta
from typing import Any

from etl.config.durations import LONGEST, parse_duration
from etl.config.keys import Kind

# Longer than anything is old: what a source says where others keep less.
FOR_EVER = LONGEST


def _kept(written: Any) -> timedelta:
    if isinstance(written, str) and written.strip() in ("", "for ever"):
        return FOR_EVER
    kept = parse_duration(written)
    if kept < timedelta(days=1):
        raise ValueError(written)
    return kept


_WANTED = 'a day or more, such as "30 days", or "for ever"'
# Of one source.
KEPT = Kind(_WANTED, _kept)


def _kept_by_all(written: Any) -> timedelta | None:
    return limit_of(_kept(written))


def limit_of(kept: timedelta | None) -> timedelta | None:
    """The age from which something goes; None where nothing does."""
    return None if kept is None or kept >= FOR_EVER else kept


# Of all that say nothing: there for ever is no limit.
KEPT_BY_ALL = Kind(_WANTED, _kept_by_all)
