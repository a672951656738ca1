"""A home that is loaded into by the command line, and what plain DuckDB makes of the same events.

Both must come to the same sessions: user, start, end and number of events of each.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.watched import Done, Stopped, dwell_command, watched
from warehouse.build_files import current

_SESSIONS = (Path(__file__).parent / "sql" / "sessions_plain.sql").read_text(encoding="utf-8")
_ALIKE = "select count(*), sum(hash(user_id, start_time, end_time, event_count)) from {}"
_RUNS = 3


@dataclass(frozen=True)
class Cost:
    """Seconds of a clock, and of CPU."""

    seconds: float = 0
    cpu: float = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds + other.seconds, self.cpu + other.cpu)

    def cells(self, digits: int = 1) -> str:
        """Two cells of a table."""
        return f"{self.seconds:.{digits}f} s | {self.cpu:.{digits}f} s"

    def ratios(self, plain: "Cost") -> str:
        """Two cells: how many times another cost it is."""
        return f"{self.seconds / plain.seconds:,.0f} x | {self.cpu / plain.cpu:,.0f} x"


@dataclass(frozen=True)
class Loaded:
    """A load and its build, from the start of the process to its end, and what it told."""

    cost: Cost
    told: dict[str, Any]

    @property
    def files(self) -> int:
        """Files that were read."""
        return sum(batch["status"] == "loaded" for batch in self.told["batches"])

    @property
    def rows(self) -> int:
        """Events that came in."""
        return sum(batch["rows_loaded"] for batch in self.told["batches"])


class ShapedHome:
    """A new home with a configuration of its own, in a folder that is there."""

    def __init__(self, folder: Path, config: str = "") -> None:
        self.path = folder / "home"
        self.config = folder / "dwell.toml"
        self.config.write_text(config, encoding="utf-8")

    def run(self, command: str, *words: object) -> Done:
        """One command of Dwell. Stopped when it fails."""
        return watched(
            dwell_command(command, *words, "--home", self.path, "--config", self.config, "--json")
        )

    def load(self, *given: object) -> Loaded:
        """A load and its build. Stopped when a file fails."""
        done = self.run("load", *given)
        return Loaded(Cost(done.seconds, done.cpu), json.loads(done.output.splitlines()[-1]))

    def add(self, rows: int, *given: object) -> Loaded:
        """A load that must bring in so many rows. Stopped when it does not."""
        loaded = self.load(*given)
        if loaded.rows != rows:
            msg = f"{loaded.rows} rows came in, not {rows}"
            raise Stopped(msg)
        return loaded

    def lake_files(self) -> int:
        """Files of the lake, of all kinds."""
        return sum(path.is_file() for path in (self.path / "lake").rglob("*"))

    def compare(self, read: str) -> Cost:
        """Plain DuckDB's cost for the sessions of what `read` reads, which is done before.

        The best of some runs. Stopped when it finds other sessions than the current build has.
        """
        with duckdb.connect() as con:
            con.execute(f"create table events as {read}")
            cost = min((_timed(con) for _ in range(_RUNS)), key=lambda run: run.seconds)
            plain = con.sql(_ALIKE.format("sessions")).fetchall()
        with duckdb.connect(str(current(self.path).path), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            ours = con.sql(_ALIKE.format("user_sessions")).fetchall()
        if ours != plain:
            msg = (
                f"plain DuckDB has other sessions: {plain[0][0]:,}, Dwell {ours[0][0]:,} "
                "(or as many that differ)"
            )
            raise Stopped(msg)
        return cost


def _timed(con: duckdb.DuckDBPyConnection) -> Cost:
    started, used = time.perf_counter(), time.process_time()
    con.execute(f"create or replace table sessions as {_SESSIONS}")
    return Cost(time.perf_counter() - started, time.process_time() - used)
