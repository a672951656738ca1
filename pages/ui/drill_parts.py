"""The parts of our charts that one can look into: days, lengths, hours. Never computes a metric."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from pages.ui import drill, format
from pages.ui.drill_chart import Part, Parts
from pages.ui.engagement_charts import WEEKDAYS, bin_label, hour_of_week
from pages.ui.frame import Page
from pages.ui.periods import last_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl


def periods(page: Page, starts: Sequence[date], counts: Sequence[int], grain: str = "day") -> Parts:
    """Days, or weeks or months that begin so, with their numbers of sessions; newest first."""
    parts = {}
    for start, count in reversed(list(zip(starts, counts, strict=True))):
        first = max(start, page.filters.start or start)
        last = min(last_day(start, grain), page.filters.end or page.last_day)
        name = format.days(first, last)
        choice = replace(page.choice, period="custom", start=first, end=last)
        parts[start.isoformat()] = Part(name, _holds(name, count), choice, (start, start))
    return Parts(grain, f"Only this {grain}", parts, lambda point: str(point["x"])[:10])


def lengths(page: Page, bins: pl.DataFrame, of: str, longest: float, has_longer: bool) -> Parts:
    """Bins of one length of sessions, those of `engagement.distribution`.

    Sessions longer than `longest` are in no bin; `has_longer` when there are some.
    """
    parts = {}
    for at, row in enumerate(bins.iter_rows(named=True)):
        low, high = row["low_seconds"], row["high_seconds"]
        name = bin_label(low, high)
        # The first bin holds 0 s alone: nothing is below it.
        choice = drill.within(page.choice, of, low if high else None, high)
        if has_longer and (of != "duration_seconds" or high is None or high > longest):
            choice = drill.within(choice, "duration_seconds", None, longest)
        parts[f"{low:g}-{'' if high is None else f'{high:g}'}"] = Part(
            name, _holds(name, row["session_count"]), choice, (at - 0.5, at + 0.5)
        )
    return _in_order("length", "Only these lengths", parts)


def hours(page: Page, frame: pl.DataFrame) -> Parts:
    """Hours of the week, those of `engagement.hour_by_weekday`."""
    parts = {}
    for row in frame.iter_rows(named=True):
        hour, day = row["hour"], row["weekday"] - 1
        name = hour_of_week(row)
        choice = drill.only(drill.only(page.choice, "hour", hour), "weekday", row["weekday"])
        band = (hour - 0.5, hour + 0.5, day - 0.5, day + 0.5)
        parts[f"{WEEKDAYS[day][:3]}-{hour:02}"] = Part(
            name, _holds(name, row["session_count"]), choice, band
        )
    return _in_order("hour", "Only this hour of the week", parts)


def _in_order(noun: str, only: str, parts: dict[str, Part]) -> Parts:
    """Parts whose points stand in the chart in their own order."""
    keys = list(parts)
    return Parts(noun, only, parts, lambda point: _at(keys, point))


def _at(keys: list[str], point: dict[str, Any]) -> str:
    number = point["point_index"]
    return keys[number] if number < len(keys) else ""


def _holds(name: str, count: int) -> str:
    return f"{name}: {format.plural(count, 'session')}"
