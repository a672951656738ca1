"""The sentences of a report: numbers in, words out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from warehouse.dimensions import Dimension
from warehouse.metrics.health import FAULT_NAMES
from warehouse.reports.periods import Period
from warehouse.reports.shapes import Number, bounded
from warehouse.written import NULL, amount, count, day, days, plural, share

# How a number has moved, up and down, by its unit; of counts people say more and fewer.
_MOVED = {
    "count": ("more", "fewer"),
    "seconds": ("longer", "shorter"),
    "rate": ("higher", "lower"),
    "per_session": ("more", "less"),
}
_MOST_MOVERS = 3
_WEEKDAYS = {"1": "Mon", "2": "Tue", "3": "Wed", "4": "Thu", "5": "Fri", "6": "Sat", "7": "Sun"}
_COUNTED = {"session_count": "session", "user_count": "user", "new_user_count": "new user"}


def of_number(number: Number, before: str, *, is_over: bool = True) -> str:
    """4,812 sessions, 6.0 % fewer than the week before (5,119): within what is normal (…)."""
    so_far = "" if is_over else " so far"
    return f"{counted(number)}{so_far}{moved(number, before)}{_judged(number)}."


def counted(number: Number) -> str:
    """4,812 sessions; Bounce rate 33.7 %."""
    noun = _COUNTED.get(number.name)
    return plural(round(number.value or 0), noun) if noun else f"{number.label} {number.text}"


def moved(number: Number, before: str, *, with_was: bool = True) -> str:
    """, 6.0 % fewer than the week before (5,119); "" where nothing is compared."""
    if number.difference is None or not number.was:
        return ""
    was = f" ({number.was})" if with_was else ""
    size = number.changed.lstrip("+-")
    if not size or number.changed[0] not in "+-":
        return f", as in {before}{was}" if not number.difference else f", against {before}{was}"
    word = _MOVED[number.unit][number.difference < 0]
    return f", {size} {word} than {before}{was}"


def _judged(number: Number) -> str:
    return f": {number.place} what is normal ({number.normal})" if number.place else ""


def of_movers(rows: Sequence[Mapping[str, Any]], dimensions: Mapping[str, Dimension]) -> str:
    """Mostly: Entry page /docs/* -310 (61.0 % of the change). "" without rows.

    `rows` are those of overview.movers of sessions, whose first are beyond chance.
    """
    if not rows:
        return ""
    beyond = [row for row in rows if row["is_beyond_chance"]]
    if not beyond:
        return (
            "Nothing stands out behind it: no page, source or other property changed by more than "
            "chance brings."
        )
    # What moved the other way explains nothing of it.
    along = [row for row in beyond if (row["share_of_change"] or 0) > 0][:_MOST_MOVERS]
    told = ", ".join(_mover(row, dimensions, "count") for row in along)
    return f"Mostly: {told}." if told else ""


def of_mover(row: Mapping[str, Any], dimensions: Mapping[str, Dimension], unit: str) -> str:
    """What moved another number most; "" where chance alone may have."""
    return f" Mostly: {_mover(row, dimensions, unit)}." if row["is_beyond_chance"] else ""


def _mover(row: Mapping[str, Any], dimensions: Mapping[str, Dimension], unit: str) -> str:
    told = named(row, dimensions)
    size = row["change"] if row["change"] is not None else row["contribution"]
    part = row["share_of_change"]
    # More than all of it means that others moved against it: a reader is told the amount.
    of_it = f" ({share(part)} of the change)" if part is not None and 0 < part <= 1 else ""
    return f"{told} {amount(size, unit) or NULL}{of_it}"


def named(row: Mapping[str, Any], dimensions: Mapping[str, Dimension]) -> str:
    """A value with its property: Device mobile."""
    dimension = dimensions[row["dimension"]]
    value = dimension.unknown if row["value"] is None else str(row["value"])
    if dimension.name == "weekday" and value in _WEEKDAYS:
        value = _WEEKDAYS[value]
    return f"{dimension.label} {bounded(value)}"


def of_users(row: Mapping[str, Any], unit: str) -> str:
    """Who came, by when they were there before; the row is one of lifecycle.counts."""
    new, back = row["new_count"], row["resurrected_count"]
    return (
        f"Of the users {count(new)} {'was' if new == 1 else 'were'} new, "
        f"{count(row['returning_count'])} had been there the {unit} before and {count(back)} "
        f"earlier; {count(row['dormant_count'])} of the {unit} before did not come."
    )


def of_fault(row: Mapping[str, Any], *, is_before: bool, of_user: bool = False) -> str:
    """A fault of the data; the row is one of health.effect."""
    first, last = row["first_date"], row["last_date"]
    when = f"{first:%a} {day(first)}" if first == last else days(first, last)
    told = f"{when}: {row['source']}, {FAULT_NAMES[row['kind']].lower()}: {row['evidence']}."
    which = "that day" if first == last else "these days"
    if is_before:
        return f"{told} So the numbers that the period is compared with are not to be trusted."
    rest = ""
    # What is left is told of all users.
    if row["day_count_without"] and not of_user:
        rest = (
            f" Without {which} there are {plural(row['session_count_without'], 'session')} on "
            f"{plural(row['day_count_without'], 'day')}."
        )
    return f"{told} Numbers of {which} are not to be trusted.{rest}"


def of_coverage(
    period: Period, first: date | None, as_of: datetime | None, as_of_date: date | None
) -> list[str]:
    """What of the period the data does not have."""
    if first is None or as_of_date is None or as_of is None:
        return []
    told = []
    if period.start < first <= period.end:
        missing = plural((first - period.start).days, "day")
        told.append(f"The data begins {day(first)}: of the period it misses {missing}.")
    if period.start <= as_of_date <= period.end:
        told.append(
            f"The period is not over: the newest event is of {day(as_of_date)} "
            f"({as_of:%H:%M} UTC). Changes are by complete days, and nothing is judged."
        )
    return told


def of_nothing(
    period: Period,
    first: date | None,
    as_of_date: date | None,
    *,
    is_narrowed: bool,
    of_user: str | None = None,
) -> str:
    """Why there are no sessions, and what to do."""
    if first is None or as_of_date is None:
        return "No sessions: the warehouse holds no events. Run 'dwell load' with an export."
    of = f" of user {of_user}" if of_user else ""
    told = f"No sessions{of} in {period.days}"
    if period.start > as_of_date:
        return f"{told}: the newest data is of {day(as_of_date)}. Load newer events."
    if period.end < first:
        return f"{told}: the data begins {day(first)}."
    if of_user:
        return f"{told}. Check the spelling, or ask for other days."
    return f"{told}" + (" that fulfil the conditions." if is_narrowed else ".")
