"""What the number of loads costs: a home that 15 minutes were loaded into again and again.

Files of 3,000 events are loaded and built one after the other. With `is_made` the batches are
written straight into the lake instead, then one load and build, which is not counted, brings the
home into its order: 35,000 loads, a year, take hours, and their batches a part of an hour.
"""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.lake_batches import LakeBatches, MadeBatch
from benchmarks.made_events import MadeEvents, write_lines
from benchmarks.shape_home import Cost, ShapedHome
from benchmarks.shape_inputs import lines_read
from benchmarks.watched import watched
from etl.lake import Lake, locked

_EVENTS = 3000
_NEW_USERS = 500
_ALL_USERS = 100_000
_QUARTER = timedelta(minutes=15)
_START = datetime(2025, 9, 1)  # noqa: DTZ001 the engine's times have no zone
_FEW = 100
# What a load makes of such lines.
_AS_LOADED = """
select
    event_id,
    user_id,
    timestamp::timestamp as event_time,
    event as event_type,
    url[24:] as page,
    'product.example' as page_host,
    json_merge_patch(json_object('url', url), to_json(properties))::varchar as properties
from ({events}) as events
"""


def file_of(number: int) -> MadeEvents:
    """The events of one load; 0 is the first."""
    # Somebody is there for an hour, and again two days later: no session goes on for ever.
    first_user = number * _NEW_USERS % _ALL_USERS
    events = MadeEvents(_EVENTS, users=4 * _NEW_USERS, first_user=first_user, span=_QUARTER)
    return replace(events, first=number * _EVENTS, start=_START + number * _QUARTER)


def measure_loads(folder: Path, loads: int, *, is_made: bool) -> None:
    """Prints a table with a row after 100 loads, and one after so many if they are more."""
    print(
        "| loads | events | all loads and builds | CPU | plain DuckDB | CPU | ratio | of CPU "
        "| `dwell status` | CPU | `warehouse.open` | CPU | next load + build | CPU "
        "| files in the lake |"
    )
    print("|---" * 15 + "|")
    counts = sorted({min(_FEW, loads), loads})
    (_measure_made if is_made else _measure_loaded)(folder, counts)


def _measure_loaded(folder: Path, counts: Sequence[int]) -> None:
    """One home that grows. Its loads are added up."""
    home = ShapedHome(folder)
    spent, done = Cost(), 0
    for count in counts:
        while done < count:
            spent += _load(home, folder, done)
            done += 1
        plain = home.compare(lines_read(folder / "*.ndjson"))
        told = f"{spent.cells()} | {plain.cells(2)} | {spent.ratios(plain)}"
        spent += _print_state(home, folder, done, told)
        done += 1


def _measure_made(folder: Path, counts: Sequence[int]) -> None:
    """A home for each number of loads, made without them."""
    for count in counts:
        below = folder / str(count)
        below.mkdir()
        home = ShapedHome(below)
        # The last of them is loaded.
        _write_batches(Lake(home.path), count - 1)
        _load(home, below, count - 1)
        _print_state(home, below, count, "made | – | – | – | – | –")


def _print_state(home: ShapedHome, folder: Path, count: int, told: str) -> Cost:
    """What reading a home of so many loads takes, printed, and the next load: the latter's cost."""
    status = home.run("status")
    opened = watched([sys.executable, "-m", "benchmarks.opened_build", home.path])
    opening = json.loads(opened.output)
    following = _load(home, folder, count)
    print(
        f"| {count:,} | {count * _EVENTS:,} | {told} "
        f"| {Cost(status.seconds, status.cpu).cells(2)} "
        f"| {Cost(opening['seconds'], opening['cpu']).cells(2)} "
        f"| {following.cells()} | {home.lake_files():,} |",
        flush=True,
    )
    return following


def _load(home: ShapedHome, folder: Path, number: int) -> Cost:
    file = folder / f"quarter-{number:06}.ndjson"
    write_lines({file: file_of(number)})
    return home.add(_EVENTS, file, "--source", "events").cost


def _write_batches(lake: Lake, count: int) -> None:
    # Two at a time: one waits for the disk while the other is made.
    with locked(lake.home), duckdb.connect() as con, ThreadPoolExecutor(2) as pool:
        batches = LakeBatches(lake)
        for _ in pool.map(lambda number: _write_made(batches, con.cursor(), number), range(count)):
            pass


def _write_made(batches: LakeBatches, cursor: duckdb.DuckDBPyConnection, number: int) -> None:
    events = file_of(number)
    with cursor:
        rows = cursor.sql(_AS_LOADED.format(events=events.sql())).to_arrow_table()
    batches.add(rows, MadeBatch(f"quarter-{number:06}.ndjson", events.end))
