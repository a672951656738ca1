"""What the values of a column look like: people, points in time, types, pages. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from etl.formats.time_decision import settle

_LINK = re.compile(r"/|[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
# Prices have few places behind the point; an id of a visitor may be two long numbers around one.
_FRACTION = re.compile(r"[-+]?\d*[.,]\d{1,6}")
_ID = re.compile(r".*[^\W_].*", re.DOTALL)
_TRUTH = frozenset(["true", "false", "yes", "no", "y", "n", "t", "f", "0", "1", "on", "off"])
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_EPOCH = re.compile(r"1\d{9}(?:\d{3}){0,3}(?:\.\d+)?")
_MOST_LINKS = 0.9
_FEW = 2
_LONGEST_TYPE, _MOST_TYPES, _LONGEST_ID = 80, 100, 120


def is_row_of_values(columns: Sequence[str]) -> bool:
    """Whether what was taken for names of columns is a row of values: numbers, times, links."""
    # What comes twice was numbered.
    bare = [re.sub(r"_\d+$", "", column) for column in columns]
    return any(_NUMBER.fullmatch(c) or _LINK.match(c) or is_written([c]) for c in bare)


def is_of_times(values: Sequence[str]) -> bool:
    """Whether texts are points in time, of any shape."""
    met = settle(values, datetime.now(UTC))
    return met is not None and met.is_sure and not met.is_clock


def is_of_clocks(values: Sequence[str]) -> bool:
    """Whether texts are times of day."""
    met = settle(values, datetime.now(UTC))
    return met is not None and met.is_clock


def is_of_past_times(values: Sequence[str]) -> bool:
    """The same, none of them in a year that is still to come."""
    years = [int(year) for value in values for year in _YEAR.findall(value)]
    is_past = all(year <= datetime.now(UTC).year for year in years)
    return (is_past or not is_written(values)) and is_of_times(values)


def is_like_times(values: Sequence[str]) -> bool:
    """Whether texts are points in time that hardly anything else looks like."""
    return is_written(values) or (
        bool(values) and all(map(_EPOCH.fullmatch, values)) and is_of_times(values)
    )


def is_written(values: Sequence[str]) -> bool:
    """Whether texts are times that are written out: a number may be anything."""
    dated = [_YEAR.search(value) for value in values if not _NUMBER.fullmatch(value)]
    return bool(values) and len(dated) == len(values) and all(dated) and is_of_times(values)


def is_of_users(values: Sequence[str]) -> bool:
    """Whether texts may name people: no amounts, links, truths or signs, and no times."""
    if not values or any(len(value) > _LONGEST_ID or not _ID.match(value) for value in values):
        return False
    if {value.lower() for value in values} <= _TRUTH:
        return False
    # Amounts are numbers as well: those of people come again.
    if all(map(_NUMBER.fullmatch, values)) and len(values) > _FEW and not repeats(values):
        return False
    odd = sum(bool(_LINK.match(v) or _FRACTION.fullmatch(v)) for v in values)
    return 2 * odd < len(values) and not is_written(values)


def is_of_types(values: Sequence[str]) -> bool:
    kinds = set(values)
    if not kinds or len(kinds) > _MOST_TYPES or any(len(v) > _LONGEST_TYPE for v in kinds):
        return False
    is_few = len(kinds) <= max(10, len(values) // 2)
    return is_few and not any(_FRACTION.fullmatch(v) for v in kinds) and not is_like_times(values)


def is_of_pages(values: Sequence[str]) -> bool:
    numbers = sum(_NUMBER.fullmatch(value) is not None for value in values)
    return bool(values) and 2 * numbers < len(values) and not is_like_times(values)


def is_of_links(values: Sequence[str]) -> bool:
    """Whether hardly a text is anything but a path or an address."""
    links = sum(_LINK.match(value) is not None for value in values)
    return bool(values) and links >= _MOST_LINKS * len(values)


def repeats(values: Sequence[str]) -> bool:
    return len(set(values)) < len(values)
