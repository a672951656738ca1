"""Numbers, changes and days as people read them, on the pages and on the command line alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

NULL = "\u2013"


def duration(seconds: float) -> str:
    """A span in its two largest units: 0.4 s, 41 s, 7 m 12 s, 1 h 05 m, 2 d 03 h; below zero with
    a minus. What is more than nothing is never told as 0 s.
    """
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    if 0 < seconds < 9.95:
        return f"{sign}{max(seconds, 0.1):.1f} s".replace(".0 s", " s")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days} d {hours:02} h"
    if hours:
        return f"{sign}{hours} h {minutes:02} m"
    return f"{sign}{minutes} m {rest:02} s" if minutes else f"{sign}{rest} s"


def count(value: int | float | None) -> str:
    """Whole number with thousands commas: 12,345. A dash when there is none."""
    return NULL if value is None else f"{value:,.0f}"


def plural(value: int, noun: str, many: str | None = None) -> str:
    """Counted noun: 1 session, 2 sessions, 3 queries."""
    return f"{count(value)} {noun if value == 1 else many or noun + 's'}"


def number(value: float | None) -> str:
    """Number with one decimal: 3.4. A dash when there is none."""
    return NULL if value is None else f"{value:,.1f}"


def share(value: float | None) -> str:
    """Share of one as a percentage: 18.4 %. A dash when there is none."""
    return NULL if value is None else f"{value * 100:,.1f} %"


def day(value: date) -> str:
    """Calendar day: 3 Nov 2026."""
    return f"{value.day} {value:%b %Y}"


def days(start: date, end: date) -> str:
    """Range of days, naming month and year once: 3 to 9 Nov 2026."""
    if start == end:
        return day(start)
    if start.year != end.year:
        return f"{day(start)} to {day(end)}"
    if start.month != end.month:
        return f"{start.day} {start:%b} to {day(end)}"
    return f"{start.day} to {day(end)}"


def safe_cell(text: str | None) -> str | None:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text


def csv_of(frame: pl.DataFrame) -> bytes:
    """The frame as CSV; text that a spreadsheet would run as a formula is quoted."""
    return safe_cells(frame).write_csv().encode()


def safe_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its texts and names as no spreadsheet takes them for formulas."""
    import polars as pl

    names: dict[str, str] = {}
    for name in frame.columns:
        safe = safe_cell(name) or name
        while safe != name and safe in {*frame.columns, *names.values()}:
            safe = f"'{safe}"
        names[name] = safe
    texts = pl.col(pl.String).str.replace(r"\A([=+\-@\t\r])", "'${1}")
    return frame.with_columns(texts).rename(names)


# How the values of a metric are written, by its unit in the registry.
WRITERS: dict[str, Callable[[Any], str]] = {
    "count": count,
    "seconds": lambda seconds: NULL if seconds is None else duration(seconds),
    "rate": share,
    "per_session": number,
}


def change(value: float | None, kind: str) -> str | None:
    """Signed change: +6.1 % (relative), +1.2 pp (points), +5 m 02 s (seconds).

    None when there is nothing to compare with.
    """
    if value is None:
        return None
    size = abs(value)
    text = {
        "relative": lambda: f"{size * 100:,.1f} %",
        "points": lambda: f"{size * 100:,.1f} pp",
        "seconds": lambda: duration(size),
    }[kind]()
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'-' if value < 0 else '+'}{text}"


def amount(value: float | None, unit: str) -> str | None:
    """Signed difference in the unit of a metric: +873, +5 m 02 s, +0.3, +1.2 pp.

    None when there is nothing to compare with.
    """
    if value is None or unit in ("rate", "seconds"):
        return change(value, "points" if unit == "rate" else "seconds")
    text = WRITERS[unit](abs(value))
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{'-' if value < 0 else '+'}{text}"
