"""What a condition can ask of a dimension, as values. Knows no grammar and no data."""

from dataclasses import dataclass

# What one term may be given as; None is "not known".
Plain = str | int | float | bool | None


@dataclass(frozen=True)
class Prefix:
    """Pages that begin with a text."""

    text: str


@dataclass(frozen=True)
class Range:
    """Numbers from one end to another; an end that is None is open."""

    low: float | None = None
    high: float | None = None
    has_low: bool = True
    has_high: bool = True


@dataclass(frozen=True)
class Not:
    """All sessions for which a term does not hold."""

    term: "str | Prefix | Range | Unread | None"


@dataclass(frozen=True)
class Unread:
    """What is given of a dimension that is not Dwell's: the warehouse that is asked knows it."""

    given: Plain


Term = str | Prefix | Range | Not | Unread | None
Terms = tuple[Term, ...]
