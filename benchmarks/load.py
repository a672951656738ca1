"""`dwell load` up to the committed batch, beside DuckDB's bare copy of the same file.

The bare copy reads NDJSON into typed Parquet and does nothing else: no line is checked, no row
rejected, nothing deduplicated, sorted, partitioned or committed. It is what loading cannot beat.
It runs with DuckDB's own compression, and with the one that the lake is written with. All run in
processes of their own, one after the other, with the same threads on the same file, and must end
with the same number of events.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

# About 370 bytes a line, with properties nested two deep; users are heavy-tailed.
_LINES = """
copy (
    select
        md5(i::varchar) as event_id,
        'u-' || floor(pow(hash(i) % 1000000 / 1000000.0, 3) * 200000)::bigint as user_id,
        strftime(
            timestamp '2026-09-01' + to_microseconds((hash(i, 1) % 2592000000000)::bigint),
            '%Y-%m-%dT%H:%M:%S.%gZ'
        ) as timestamp,
        ['page_view', 'click', 'scroll', 'search', 'prompt'][(1 + hash(i, 2) % 5)::int] as event,
        'https://product.example/section-' || hash(i, 3) % 40 || '/item-' || hash(i, 4) % 900
            as url,
        {
            'plan': ['free', 'pro', 'team'][(1 + hash(i, 5) % 3)::int],
            'position': { 'x': hash(i, 6) % 1280, 'y': hash(i, 7) % 900 },
            'label': md5((i * 7)::varchar),
            'title': 'Item ' || hash(i, 4) % 900 || ' of section ' || hash(i, 3) % 40,
            'experiment': 'checkout-2026',
            'latency_ms': hash(i, 8) % 4000
        } as properties
    from range(?) as lines(i)
) to '$target' (format json)
"""
_BARE = """
copy (
    select * from read_json(
        '{source}',
        format = 'newline_delimited',
        columns = {{
            'event_id': 'VARCHAR', 'user_id': 'VARCHAR', 'timestamp': 'TIMESTAMP',
            'event': 'VARCHAR', 'url': 'VARCHAR', 'properties': 'JSON'
        }}
    )
) to '{target}' (format parquet{options})
"""
_OPTIONS = {"bare": "", "bare zstd": ", compression zstd"}


def main() -> None:
    """Prints seconds, peak memory and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", nargs="?", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", choices=[*_OPTIONS, "dwell"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        _child(args.child, Path(args.folder))
        return
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as name:
        folder = Path(name)
        source = folder / "events.ndjson"
        with duckdb.connect() as con:
            con.execute(_LINES.replace("$target", str(source)), [args.lines])
        size = source.stat().st_size
        print(f"{args.lines:,} lines, {size / 1e6:,.0f} MB, {os.cpu_count()} cores")
        best: dict[str, dict[str, float]] = {}
        for _ in range(args.runs):
            for kind in (*_OPTIONS, "dwell"):
                run = _run(kind, folder)
                if kind not in best or run["seconds"] < best[kind]["seconds"]:
                    best[kind] = run
        assert all(run["events"] == args.lines for run in best.values())
        for kind, run in best.items():
            ratio = best["dwell"]["seconds"] / run["seconds"]
            print(
                f"{kind:10} {run['seconds']:7.2f} s {run['cpu']:7.2f} s of CPU "
                f"{run['memory_mb']:7,.0f} MB at its peak   dwell is {ratio:.2f} x"
            )


def _run(kind: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.load", "--child", kind, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _child(kind: str, folder: Path) -> None:
    """One run in this process; what it took as JSON."""
    run = _dwell(folder) if kind == "dwell" else _bare(folder, _OPTIONS[kind])
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps(run | {"memory_mb": used.ru_maxrss / 1024, "cpu": cpu}))


def _bare(folder: Path, options: str) -> dict[str, float]:
    target = folder / "bare.parquet"
    con = duckdb.connect()
    started = time.perf_counter()
    query = _BARE.format(source=folder / "events.ndjson", target=target, options=options)
    rows = con.execute(query).fetchall()
    return {"seconds": time.perf_counter() - started, "events": rows[0][0]}


def _dwell(folder: Path) -> dict[str, float]:
    from etl.load import load
    from etl.settings import load_settings
    from etl.sources import Request

    with tempfile.TemporaryDirectory(dir=folder) as home:
        settings = load_settings(home=home)
        started = time.perf_counter()
        outcomes = load(settings, [(str(folder / "events.ndjson"), Request())])
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "events": outcomes[0].rows_loaded}


if __name__ == "__main__":
    main()
