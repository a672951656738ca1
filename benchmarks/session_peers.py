"""The sessions of a lake by other engines, each at its best. Never imports Dwell.

    python -m benchmarks.session_peers polars HOME/lake/events sessions.parquet

One engine in one process: reads the event files, writes one Parquet file of sessions, prints the
seconds from the one to the other, the memory at its peak and the bytes read. Any Python that has
the engine will do. What was tried for each is told in the README.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.session_frames import PASSIVE, THREADS, Work, pandas, polars

_SQL = Path(__file__).parent / "sql"


def duckdb_windows() -> Work:
    """Window SQL as most people write it: lag, flag, running sum, group by."""
    return _duckdb("windows_numbered")


def duckdb_sorted() -> Work:
    """The same SQL over rows that are sorted once, so that no window sorts them again."""
    return _duckdb("sort_numbered")


def chdb() -> Work:
    """ClickHouse with an array of each user's events."""
    import chdb as clickhouse

    # Starts the engine, which is no part of the work.
    clickhouse.query("select 1")
    return lambda events, target: clickhouse.query(
        _query("sessions_clickhouse", events=events, target=target)
    )


PEERS: dict[str, Callable[[], Work]] = {
    "duckdb": duckdb_windows,
    "duckdb-sorted": duckdb_sorted,
    "polars": polars,
    "chdb": chdb,
    "pandas": pandas,
}


def _duckdb(timeline: str) -> Work:
    import duckdb

    con = duckdb.connect(config={"threads": THREADS})
    return lambda events, target: con.execute(
        _query("sessions_duckdb", events=events, target=target, timeline=timeline)
    ).fetchall()


def _query(name: str, **given: object) -> str:
    passive = ", ".join(f"'{kind}'" for kind in PASSIVE)
    text = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    return text.format(passive=passive, **given)


def tell(work: Callable[[], object]) -> None:
    """Does the work, and prints what it took as JSON."""
    before, started = _used(), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - started, _used()
    told = {name: after[name] - before[name] for name in ("cpu", "read_mb")}
    print(json.dumps({"seconds": seconds, "memory_mb": after["memory_mb"], **told}))


def _used() -> dict[str, float]:
    """What this process has used so far; its memory at the peak."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    read = Path("/proc/self/io").read_text(encoding="utf-8").splitlines()[0]
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "memory_mb": used.ru_maxrss / 1024,
        "read_mb": int(read.removeprefix("rchar: ")) / 1e6,
    }


def main() -> None:
    """Prints what one peer took as JSON, or the name of the library that is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("events", type=Path, help="the folder of the lake's event files")
    parser.add_argument("target", type=Path, help="the Parquet file to write")
    args = parser.parse_args()
    try:
        work = PEERS[args.peer]()
    except ModuleNotFoundError as error:
        print(json.dumps({"missing": error.name}))
        return
    args.target.unlink(missing_ok=True)
    tell(lambda: work(args.events, args.target))


if __name__ == "__main__":
    main()
