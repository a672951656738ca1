"""What a report is asked about, in words and as addresses of the dashboard's pages."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from warehouse.addresses import page_address
from warehouse.conditions import as_text
from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.frame_files import origin
from warehouse.reports.periods import Period
from warehouse.terms import Term


@dataclass(frozen=True)
class Asked:
    """A period and the filters in it, which have its days.

    segments  their names; `filters` has their conditions
    texts     the conditions as they were written
    """

    period: Period
    filters: Filters
    segments: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    dashboard: str = ""
    user: str | None = None

    @property
    def chosen(self) -> list[str]:
        """What leaves sessions out, in words."""
        bots = "counted" if self.filters.include_bots else "left out"
        segments = [f"segment {name}" for name in self.segments]
        return [*segments, *self.texts, f"sessions of bots {bots}"]

    @property
    def name(self) -> str:
        """As the files are called: what a name cannot hold is told apart by a checksum."""
        parts = [*self.segments, *self.texts, *([f"user {self.user}"] if self.user else [])]
        parts += ["bots"] if self.filters.include_bots else []
        told = "".join(f" {part}" for part in parts)
        plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in told)
        plain = "-".join(filter(None, plain[:60].split("-")))
        is_whole = told.strip().replace(" ", "-") == plain
        check = "" if is_whole else f"-{sha256(told.encode()).hexdigest()[:6]}"
        return f"dwell-{self.period.name}{'-' if plain else ''}{plain}{check}"

    @property
    def identity(self) -> str:
        """What tells this from all that others ask of the same build."""
        return f"{self.filters!r} {self.user}"

    def facts(self, wh: Warehouse, before: str) -> dict[str, str]:
        """What the head of a report says of its numbers."""
        period = f"{self.period.start} to {self.period.end}, both days included"
        return {
            **({"User": self.user} if self.user else {}),
            "Period": period,
            **({"Compared": before} if before else {}),
            "Filters": "; ".join(self.chosen),
            **origin(wh),
        }

    def page(self, wh: Warehouse, page: str = "", **own: str) -> str:
        """Address of a page at this period, filters and build; "" without a dashboard."""
        return self._address(wh, page, self.filters, own)

    def value(self, wh: Warehouse, dimension: Dimension, value: Any) -> str:
        """Address of the overview of the sessions that have this value."""
        term: Term = None if value is None else str(value)
        where = self.filters.where.with_values(dimension, [as_text(dimension, term)])
        return self._address(wh, "", Filters(where=where), {})

    def _address(self, wh: Warehouse, page: str, filters: Filters, own: dict[str, str]) -> str:
        return page_address(
            *(self.dashboard, page),
            start=self.period.start,
            end=self.period.end,
            where=filters.where,
            segments=self.segments,
            bots=self.filters.include_bots,
            build=wh.build,
            dimensions=wh.dimensions,
            **own,
        )
