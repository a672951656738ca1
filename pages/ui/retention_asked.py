"""What the page Retention is asked, by what stands in the address. Never asks the warehouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from etl.errors import ConfigError
from pages.ui.controls import chosen, parameter
from pages.ui.view_address import GRAINS
from warehouse.metrics.retention_choices import Choices
from warehouse.query import Grain
from warehouse.steps import step_of

PERIODS = GRAINS
KINDS = {"exact": "Exact", "on_or_after": "On or after", "bracket": "Brackets"}
CLOCKS = {"calendar": "Calendar", "24h": "24 h windows"}
ENTRIES = {
    "first": "First event ever",
    "segment": "First in these sessions",
    "recurring": "Any, each period",
}
IDENTITIES = {"user_id": "User ids", "person": "Persons"}
BRACKETS = "0, 1, 2-3, 4-7, 8-15"
_BRACKET = re.compile(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?")


@dataclass(frozen=True)
class Asked:
    """The choices as the metrics take them, and a sentence on each that could not be read."""

    period: Grain
    kind: str
    clock: str
    entry: str
    brackets: tuple[tuple[int, int], ...] | None
    start: str | None
    back: str | None
    identity: str
    ignored: tuple[str, ...] = ()

    @property
    def matrix(self) -> dict[str, Any]:
        """What `matrix`, `curve`, `by` and `users` take: what is not as usual."""
        usual = {"period": "week", "kind": "exact", "brackets": None} | _USUAL
        return {name: getattr(self, name) for name in usual if getattr(self, name) != usual[name]}

    @property
    def trend(self) -> dict[str, Any]:
        """What `trend` takes, which is always of days."""
        changed = {name: getattr(self, name) for name in _USUAL}
        given = {name: value for name, value in changed.items() if value != _USUAL[name]}
        return {"grain": self.period, **given}

    def sql_parts(self) -> dict[str, Any]:
        """What the text of the queries is put together of."""
        return Choices(**{name: getattr(self, name) for name in _CHOICES}).sql_parts

    @property
    def noun(self) -> str:
        """What a period is called: day, week, month."""
        return self.period

    def named(self, number: int) -> str:
        """The period or bracket of that number: week 3, weeks 2 to 3."""
        if not self.brackets:
            later = " or later" if self.kind == "on_or_after" else ""
            return f"{self.noun} {number}{later}"
        low, high = self.brackets[number]
        return f"{self.noun} {low}" if low == high else f"{self.noun}s {low} to {high}"

    def headed(self, number: int) -> str:
        """The same for the head of a column."""
        if not self.brackets:
            return f"{number}+" if self.kind == "on_or_after" else str(number)
        low, high = self.brackets[number]
        return str(low) if low == high else f"{low}\u2013{high}"


_USUAL: dict[str, Any] = {
    "clock": "calendar",
    "entry": "first",
    "start": None,
    "back": None,
    "identity": "user_id",
}
_CHOICES = ("period", "kind", "brackets", *_USUAL)


def asked() -> Asked:
    """The choices in the address; what cannot be read is as usual, and said."""
    ignored: list[str] = []
    kind = chosen("kind", KINDS, "exact")
    brackets = None
    if kind == "bracket":
        brackets = _read("Brackets", "brackets", read_brackets, ignored) or read_brackets(BRACKETS)
    return Asked(
        period=cast("Grain", chosen("per", PERIODS, "week")),
        kind=kind,
        clock=chosen("clock", CLOCKS, "calendar"),
        entry=chosen("entry", ENTRIES, "first"),
        brackets=brackets,
        start=_read("Starts with", "start", _step, ignored),
        back=_read("Comes back with", "back", _step, ignored),
        identity=chosen("identity", IDENTITIES, "user_id"),
        ignored=tuple(ignored),
    )


def read_brackets(text: str) -> tuple[tuple[int, int], ...]:
    """Brackets of periods as people write them: 0, 1-3, 4-7. ConfigError for what is none."""
    parts = [_BRACKET.fullmatch(part) for part in text.split(",")]
    pairs = [(int(part[1]), int(part[2] or part[1])) for part in parts if part]
    if len(pairs) != len(parts) or any(low > high for low, high in pairs):
        msg = f"'{text}' are no brackets. Wanted numbers of periods, such as {BRACKETS}."
        raise ConfigError(msg)
    return tuple(pairs)


def _step(text: str) -> str:
    # What is asked is a key of the answers that are kept: a text, which the metric reads again.
    return str(step_of(text))


def _read(label: str, name: str, read: Callable[[str], Any], ignored: list[str]) -> Any:
    text = parameter(name)
    if not text:
        return None
    try:
        return read(text)
    except ConfigError as error:
        ignored.append(f"{label}: {error}")
        return None
