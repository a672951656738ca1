"""The days of rows that were there before. Changes no row."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import duckdb

from etl.duck import sql_beside

# Fewer such rows of a day are sent again now and then.
_LEAST_ROWS = 20
_DAY = timedelta(days=1)


class Repeated:
    """Follows the rows of files that are loaded together, chunk by chunk."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.rows: dict[int, Counter[date]] = {}

    def see(self, typed: Any, new: Any) -> None:
        """Notes what of a chunk's accepted rows is not among the new events."""
        self.con.register("rows_typed", typed.select(["line", "event_time", "reason"]))
        self.con.register("rows_new", new.select(["line", "event_time"]))
        for place, day, count in self.con.execute(sql_beside(__file__, "repeated_days")).fetchall():
            self.rows.setdefault(place, Counter())[day] += count

    def spans(self, place: int) -> tuple[str, ...]:
        """UTC days of a file with many such rows, those in a row as one: first/last=rows."""
        found: list[tuple[date, date, int]] = []
        for day, count in sorted(self.rows.get(place, {}).items()):
            if count < _LEAST_ROWS:
                continue
            if found and day - found[-1][1] == _DAY:
                first, _, before = found.pop()
                found.append((first, day, before + count))
            else:
                found.append((day, day, count))
        return tuple(f"{first}/{last}={count}" for first, last, count in found)
