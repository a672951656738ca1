"""What a day more, ten late events and 15 minutes more cost, as the history grows.

    python -m benchmarks.growth --events 10000000 100000000

For each size a year of clickstreams is written (into --home/SIZE, or used if it is there) and
built in full. Then a day more is loaded and built, then ten events spread over the year, then 3,000
events of a quarter of an hour. Each is timed from the start of a process to its end: of the first
three the build alone (models, checks and publishing), of the last load and build together, as a
scheduler runs them. A home is changed by this, and cannot be used for it again.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.clickstream import (
    Clickstream,
    write_day,
    write_lake,
    write_late_events,
    write_quarter_hour,
)
from benchmarks.watched import Done, dwell_command, take_two_cores, watched
from etl.config.settings import load_settings
from etl.formats.format import Request
from etl.lake import Lake, locked
from etl.load.run import load

_DAYS = 366


@dataclass(frozen=True)
class Step:
    """One run on a home of so many events, and what lies on disk after it. Bytes are in MB."""

    known: int
    what: str
    rows: int
    done: Done
    lake_mb: float
    builds_mb: float


def main() -> None:
    """Prints a table of the steps of each size, then of what a longer history costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[10_000_000, 100_000_000])
    parser.add_argument("--home", type=Path, help="a folder for the homes, one for each size")
    args = parser.parse_args()
    take_two_cores()
    print("| events | what | seconds | CPU | of a full build | memory | lake | builds |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as name:
        sizes = [
            _measured((args.home or Path(name)) / str(events), events) for events in args.events
        ]
    for smaller, larger in pairwise(sizes):
        _print_growth(smaller, larger)


def _measured(home: Path, events: int) -> list[Step]:
    """The steps of one size, each printed when it is done."""
    stream = Clickstream(_DAYS, events // _DAYS)
    if not Lake(home).state().batch_count:
        write_lake(home, stream)
    known = sum(batch.rows_loaded for batch in Lake(home).batches())
    export = home.parent / f"{home.name}.ndjson"
    steps: list[Step] = []

    def add(what: str, rows: int, done: Done) -> None:
        builds = _megabytes(home / "builds")
        steps.append(Step(known, what, rows, done, _megabytes(home / "lake"), builds))
        print(_row(steps[-1], steps[0].done.seconds), flush=True)

    add("full build", known, _dwell(home, "build", "--full"))
    for what, write in (("a day more", _write_day), ("ten late events", write_late_events)):
        rows = write(export, stream)
        with locked(home):
            load(load_settings(home), [(str(export), Request(source="events"))])
        add(what, rows, _dwell(home, "build"))
    rows = write_quarter_hour(export, stream, _DAYS + 1)
    add("15 minutes more, load and build", rows, _dwell(home, "load", export, "--source", "events"))
    return steps


def _write_day(export: Path, stream: Clickstream) -> int:
    return write_day(export, stream, _DAYS)


def _dwell(home: Path, command: str, *words: object) -> Done:
    return watched(dwell_command(command, *words, "--home", home, "--json"))


def _row(step: Step, full: float) -> str:
    what = step.what if step.rows == step.known else f"{step.what} ({step.rows:,} events)"
    part = f"1/{full / step.done.seconds:.0f}" if step.rows < step.known else "1"
    return (
        f"| {step.known:,} | {what} | {step.done.seconds:.1f} | {step.done.cpu:.1f} | {part} "
        f"| {step.done.memory_mb:,.0f} MB | {step.lake_mb:,.0f} MB | {step.builds_mb:,.0f} MB |"
    )


def _print_growth(smaller: Sequence[Step], larger: Sequence[Step]) -> None:
    """A table: how many times as much each step brings in and costs on the longer history."""
    history = larger[0].known / smaller[0].known
    print(f"\n| what {history:.1f} x the history costs | its own events | seconds | CPU |")
    print("|---|---|---|---|")
    for few, many in zip(smaller, larger, strict=True):
        print(
            f"| {many.what} | {many.rows / few.rows:.1f} x "
            f"| {many.done.seconds / few.done.seconds:.1f} x "
            f"| {many.done.cpu / few.done.cpu:.1f} x |"
        )


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
