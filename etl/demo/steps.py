"""What a visit leaves behind: web events and rows of the app's tables.

Holds them in memory. Never decides what happens.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One web event."""

    at: int
    name: str
    path: str
    referrer: str | None
    is_known: bool
    properties: dict[str, Any]


class AppRow(NamedTuple):
    """One row of an app table; `values` are its columns beyond user and times."""

    at: int
    table: str
    values: tuple[Any, ...]
    ended: int | None = None


@dataclass(slots=True)
class Visit:
    """The steps of one visit and the app rows made during it."""

    steps: list[Step] = field(default_factory=list)
    rows: list[AppRow] = field(default_factory=list)
    session_type: str | None = None

    @property
    def end(self) -> int:
        return self.steps[-1].at

    def cut(self, count: int, end: int) -> "Visit":
        """The first `count` steps, moved so that the last of them is at `end`."""
        steps = self.steps[:count]
        by = end - steps[-1].at
        rows = [row for row in self.rows if row.at + by <= end]
        return Visit(
            [step._replace(at=step.at + by) for step in steps],
            [row._replace(at=row.at + by, ended=row.ended and row.ended + by) for row in rows],
            self.session_type,
        )
