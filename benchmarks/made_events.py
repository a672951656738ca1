"""Made-up events as an export has them, in any number. Loads nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

_EVENTS = (Path(__file__).parent / "sql" / "made_events.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class MadeEvents:
    """So many events from a start on, evenly over a span of time.

    first and first_user are numbers: with others than those before, ids and users are others too.
    Nobody has as many events as the first user.
    """

    count: int
    first: int = 0
    users: int = 200_000
    first_user: int = 0
    start: datetime = datetime(2026, 9, 1)  # noqa: DTZ001 the engine's times have no zone
    span: timedelta = timedelta(days=30)

    @property
    def end(self) -> datetime:
        """No event is as late as this."""
        return self.start + self.span

    def next(self, count: int, span: timedelta) -> "MadeEvents":
        """So many events of the same users, from the end of these on."""
        return replace(self, count=count, first=self.first + self.count, start=self.end, span=span)

    def sql(self) -> str:
        """The query: event_id, user_id, timestamp (text), event, url, properties (a struct)."""
        span_us = self.span // timedelta(microseconds=1)
        return _EVENTS.format(**{**vars(self), "span_us": span_us})


def write_lines(files: Mapping[Path, MadeEvents]) -> None:
    """Writes each file's events as NDJSON lines of about 350 bytes."""
    with duckdb.connect() as con:
        for target, events in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            con.execute(f"copy ({events.sql()}) to '{target}' (format json)")
