"""How long a look at the tail takes: the first one after a build, and those after a few more lines.

    python -m benchmarks.live HOME [LINES]

Works on a copy of a home that has a build, and leaves that home as it is.
"""

import json
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from etl.collector.spool_files import mark_folder
from etl.config.settings import load_settings
from warehouse import Filters
from warehouse import open as open_warehouse
from warehouse.live.live import Live, Seen
from warehouse.metrics import active

LINES, FEW, LOOKS = 10_000, 3, 9
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0"
_TYPES = ("page_view", "click", "prompt", "scroll")


def main(given: Path, count: int) -> None:
    """Prints the times of looks, and of what Active now asks after one."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(given, home, symlinks=True)
        measure(home, count)


def measure(home: Path, count: int) -> None:
    """The same, in a home that may be written to."""
    with open_warehouse(home) as wh:
        assert wh.as_of
        since = wh.as_of.replace(tzinfo=UTC)
        users = [
            user
            for (user,) in wh.sql(
                "select user_id from user_sessions order by end_time desc limit 300"
            ).fetchall()
        ]
    path = mark_folder(home, "web") / "collected-20261130T120000000000-1-1.ndjson.open"
    now = since + timedelta(hours=2)
    live = Live(home, lambda: load_settings(home), every=0)
    write(path, 0, count, since, users)
    seen = looked(f"first look, {count:,} lines", live, now)
    times = []
    for number in range(LOOKS):
        write(path, count + number * FEW, FEW, since, users)
        started, spent = time.perf_counter(), time.process_time()
        seen = live.look(now)
        times.append((time.perf_counter() - started, time.process_time() - spent))
    wall, cpu = (sorted(column)[LOOKS // 2] for column in zip(*times, strict=True))
    say(f"{FEW} lines more, median of {LOOKS}", wall, cpu)
    looked("nothing new", live, now)
    assert seen.live
    for ask in (active.totals, active.sessions, active.activity):
        started = time.perf_counter()
        ask(seen.live, Filters())
        say(f"active.{ask.__name__}", time.perf_counter() - started)
    live.close()


def looked(what: str, live: Live, now: datetime) -> Seen:
    """What a look has seen; its time is printed."""
    started, spent = time.perf_counter(), time.process_time()
    seen = live.look(now)
    say(what, time.perf_counter() - started, time.process_time() - spent)
    assert seen.problem is None, seen.problem
    return seen


def say(what: str, wall: float, cpu: float | None = None) -> None:
    """A line of the report, in milliseconds."""
    more = f", {1000 * cpu:7.1f} ms of CPU" if cpu is not None else ""
    print(f"{what:32} {1000 * wall:8.1f} ms{more}")


def write(path: Path, first: int, count: int, since: datetime, users: list[str]) -> None:
    """Adds lines: a third of them of users of the build, the others of new visitors."""
    with path.open("a", encoding="utf-8") as handle:
        for n in range(first, first + count):
            line = {
                "event_id": str(UUID(int=Random(n).getrandbits(128))),
                "event_type": _TYPES[n % 4],
                "event_time": (since + timedelta(seconds=n / 20)).isoformat(),
                "anonymous_id": f"v{n % 700}",
                "user_id": users[n % len(users)] if n % 3 == 0 else None,
                "session_id": f"live-{n % 700}",
                "url": f"https://lumen.example/p/{n % 30}?a=1",
                "user_agent": _AGENT,
                "properties": {"x": n, "text": "some words"},
            }
            told = {name: value for name, value in line.items() if value is not None}
            handle.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else LINES)
