"""What one more day and ten late events cost, beside a full build, as the history grows.

    python -m benchmarks.growth --events 10000000 100000000

For each size a year of clickstreams is written (into --home/SIZE, or used if it is there), built in
full, then a day more is loaded and built, then ten events spread over the year. Every build is a
process of its own: models, checks and publishing, from its start to its end. A home is changed by
this, and cannot be used for it again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.clickstream import Clickstream, write_day, write_lake, write_late_events
from etl.config.settings import load_settings
from etl.formats.format import Request
from etl.lake import Lake, locked
from etl.load.run import load

_CORES = 2
_DAYS = 366


def main() -> None:
    """Prints a table: seconds of each build, its part of a full one, memory at its peak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[10_000_000, 100_000_000])
    parser.add_argument("--home", type=Path, help="a folder for the homes, one for each size")
    args = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    print("| events | build | seconds | of a full build | memory |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as name:
        for events in args.events:
            _measure((args.home or Path(name)) / str(events), events)


def _measure(home: Path, events: int) -> None:
    stream = Clickstream(_DAYS, events // _DAYS)
    if not Lake(home).commits():
        write_lake(home, stream)
    known = sum(commit.rows_loaded for commit in Lake(home).commits())
    full, memory = _build(home, "--full")
    print(f"| {known:,} | full | {full:.1f} | 1 | {memory:,.0f} MB |")
    export = home.parent / f"{home.name}.ndjson"
    for what, write in (
        ("a day more", lambda: write_day(export, stream, _DAYS)),
        ("ten late events", lambda: write_late_events(export, stream)),
    ):
        count = write()
        with locked(home):
            load(load_settings(home), [(str(export), Request(source="events"))])
        seconds, memory = _build(home)
        told = f"{what} ({count:,} events)"
        print(f"| {known:,} | {told} | {seconds:.1f} | 1/{full / seconds:.0f} | {memory:,.0f} MB |")


def _build(home: Path, *options: str) -> tuple[float, float]:
    """Seconds and MB of a build."""
    dwell = Path(sys.executable).with_name("dwell")
    started = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in (dwell, "build", *options, "--home", home, "--json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        told = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"dwell build ended with {process.returncode}: {json.loads(told)}"
        raise SystemExit(msg)
    return time.perf_counter() - started, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
