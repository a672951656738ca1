"""Faults of the data in a reader's words: kinds in, names out. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from warehouse.metrics.health import FAULT_NAMES


def named(kind: str) -> str:
    """The name of a kind, at the beginning of a sentence."""
    return FAULT_NAMES[kind]


def of_days(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[date, str]]:
    """Source → its days with a fault, each with the names of its kinds."""
    found: dict[str, dict[date, str]] = {}
    for row in rows:
        days = found.setdefault(row["source"], {})
        for number in range((row["last_date"] - row["first_date"]).days + 1):
            day = row["first_date"] + timedelta(days=number)
            names = [*filter(None, days.get(day, "").split(", ")), named(row["kind"]).lower()]
            days[day] = ", ".join(dict.fromkeys(names))
    return found
