"""What each metric of each page takes, warm, on a warehouse of many sessions.

    python -m benchmarks.metrics --sessions 12000000 --home /tmp/year --json

A year of clickstreams is written into the home and built by `dwell build`, unless the home has a
build. Every metric is asked of the last 90 days and of the year, of all sessions and of those that
two conditions take, several times in a row on two cores; the first time is left out. `wanted_ms` is
the goal of the 95th percentile. CPU is told beside, since other processes take their share of the
wall clock.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import warehouse
from benchmarks.asked_metrics import PAGES
from benchmarks.clickstream import EVENTS_A_SESSION, Clickstream, write_lake
from benchmarks.watched import dwell_command, take_two_cores, watched
from warehouse import Filters, Warehouse

_DAYS = 366
_RUNS = 7
_PERIODS = {"90 days": 90, "year": 366}
_FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "two": {"device_type": "mobile", "browser": ["Firefox", "Safari"]},
}


@dataclass(frozen=True)
class Row:
    """One metric under one choice, in milliseconds; CPU is that of both cores together."""

    page: str
    metric: str
    period: str
    filters: str
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    wanted_ms: int


def main() -> None:
    """Prints the rows as a table, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=12_000_000)
    parser.add_argument("--home", type=Path, help="is kept, and used again if it has a build")
    parser.add_argument("--only", default="", help="only metrics with this text in their name")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    take_two_cores()
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as folder:
        home = args.home or Path(folder) / "home"
        _make(home, args.sessions)
        with warehouse.open(home) as wh:
            rows = [asdict(row) for row in _measured(wh, args.only)]
    if args.json:
        print(json.dumps({"rows": rows}))
        return
    print(f"| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join(map(str, row.values()))} |")


def _make(home: Path, sessions: int) -> None:
    """A build of so many sessions of a year, unless there is one."""
    if (home / "builds").is_dir():
        return
    write_lake(home, Clickstream(_DAYS, round(sessions * EVENTS_A_SESSION) // _DAYS))
    watched(dwell_command("build", "--home", home))


def _measured(wh: Warehouse, only: str) -> Iterator[Row]:
    # As pages ask it: within one process, the build open.
    for page, metrics in PAGES.items():
        for name, (ask, wanted) in metrics.items():
            if only not in name:
                continue
            for (period, days), goal in zip(_PERIODS.items(), wanted, strict=True):
                for filters, where in _FILTERS.items():
                    asked = Filters.last_days(days, wh.as_of_date, where=where)
                    walls, cpu = _timed(lambda ask=ask, asked=asked: ask(wh, asked))
                    p95 = quantiles(walls, n=20, method="inclusive")[-1]
                    p50 = round(median(walls), 1)
                    yield Row(page, name, period, filters, p50, round(p95, 1), cpu, goal)


def _timed(run: Callable[[], object]) -> tuple[list[float], float]:
    """The milliseconds of each run but the first, and the median of their CPU."""
    walls, cpus = [], []
    for number in range(_RUNS + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        if number:
            walls.append((time.perf_counter() - wall) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
    return walls, round(median(cpus), 1)


if __name__ == "__main__":
    main()
