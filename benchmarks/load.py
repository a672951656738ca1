"""`dwell load` up to the committed batch, beside DuckDB's bare copy of the same file.

    python -m benchmarks.load 2000000 --kind access_log

The bare copy reads the file into typed Parquet and does nothing else: no line is checked, no row
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
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.made_events import MadeEvents

# A dump of a table: sixty more fields on each line, two thirds of them null.
_WIDE = ", ".join(
    f"case when hash(event_id, {n}) % 3 = 0 then md5(event_id || {n}) end as field_{n}"
    for n in range(60)
)
_REQUEST = """
    '10.0.' || hash(event_id) % 250 || '.' || hash(user_id) % 250 || ' - - ['
    || strftime(timestamp::timestamp, '%d/%b/%Y:%H:%M:%S +0000') || '] "GET '
    || url[24:] || ' HTTP/1.1" 200 ' || hash(event_id, 1) % 90000
    || ' "https://www.example.com/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) '
    || 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || 100 + hash(user_id, 1) % 40
    || '.0.0.0 Safari/537.36"'
"""
_COMBINED = r'''(\S+) \S+ (\S+) \[([^\]]*)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "([^"]*)" "([^"]*)"'''


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, the copy that writes it, and the bare select that reads it."""

    name: str
    written: str
    read: str


KINDS = {
    "ndjson": Kind(
        "events.ndjson",
        "select * from events) to '{file}' (format json",
        """select * from read_json(
            '{file}', format = 'newline_delimited',
            columns = {{
                'event_id': 'VARCHAR', 'user_id': 'VARCHAR', 'timestamp': 'TIMESTAMP',
                'event': 'VARCHAR', 'url': 'VARCHAR', 'properties': 'JSON'
            }}
        )""",
    ),
    "wide": Kind(
        "wide.ndjson",
        f"select *, {_WIDE} from events) to '{{file}}' (format json",
        "select * from read_json('{file}', format = 'newline_delimited')",
    ),
    "csv": Kind(
        "events.csv",
        "select * exclude (properties), unnest(properties) from events) to '{file}' (header",
        "select * from read_csv('{file}')",
    ),
    "parquet": Kind(
        "events.parquet",
        "select * replace (timestamp::timestamp as timestamp) from events) "
        "to '{file}' (format parquet",
        "select * from read_parquet('{file}')",
    ),
    "access_log": Kind(
        "access.log",
        f"select {_REQUEST} from events) to '{{file}}' (header false, quote '', delimiter '\t'",
        f"""select unnest(regexp_extract(
            line, '{_COMBINED}',
            ['address', 'user', 'time', 'method', 'url', 'status', 'bytes', 'referrer', 'agent']
        )) from read_csv(
            '{{file}}', columns = {{{{'line': 'VARCHAR'}}}}, header = false, delim = '\x01',
            quote = '', escape = '', auto_detect = false
        )""",
    ),
}
_OPTIONS = {"bare": "", "bare zstd": ", compression zstd"}


def main() -> None:
    """Prints seconds, peak memory and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", nargs="?", type=int, default=2_000_000)
    parser.add_argument("--kind", choices=KINDS, default="ndjson")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", choices=[*_OPTIONS, "dwell"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    args = parser.parse_args()
    kind = KINDS[args.kind]
    if args.child:
        _child(args.child, Path(args.folder), kind)
        return
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as name:
        folder = Path(name)
        source = folder / kind.name
        with duckdb.connect() as con:
            con.execute(f"create view events as {MadeEvents(args.lines).sql()}")
            con.execute(f"copy ({kind.written.format(file=source)})")
        size = source.stat().st_size
        print(f"{args.lines:,} lines, {size / 1e6:,.0f} MB, {os.cpu_count()} cores")
        best: dict[str, dict[str, float]] = {}
        for _ in range(args.runs):
            for name in (*_OPTIONS, "dwell"):
                run = _run(name, folder, args.kind)
                if name not in best or run["seconds"] < best[name]["seconds"]:
                    best[name] = run
        assert all(run["events"] == args.lines for run in best.values())
        for name, run in best.items():
            ratio = best["dwell"]["seconds"] / run["seconds"]
            print(
                f"{name:10} {run['seconds']:7.2f} s {run['cpu']:7.2f} s of CPU "
                f"{run['memory_mb']:7,.0f} MB at its peak   dwell is {ratio:.2f} x"
            )


def _run(name: str, folder: Path, kind: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.load", "--child", name, "--kind", kind]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _child(name: str, folder: Path, kind: Kind) -> None:
    """One run in this process; what it took as JSON."""
    run = _dwell(folder, kind) if name == "dwell" else _bare(folder, kind, _OPTIONS[name])
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps(run | {"memory_mb": used.ru_maxrss / 1024, "cpu": cpu}))


def _bare(folder: Path, kind: Kind, options: str) -> dict[str, float]:
    target = folder / "bare.parquet"
    con = duckdb.connect()
    started = time.perf_counter()
    read = kind.read.format(file=folder / kind.name)
    rows = con.execute(f"copy ({read}) to '{target}' (format parquet{options})").fetchall()
    return {"seconds": time.perf_counter() - started, "events": rows[0][0]}


def _dwell(folder: Path, kind: Kind) -> dict[str, float]:
    from etl.config.settings import load_settings
    from etl.formats.format import Request
    from etl.load.run import load

    with tempfile.TemporaryDirectory(dir=folder) as home:
        settings = load_settings(home=home)
        started = time.perf_counter()
        outcomes = load(settings, [(str(folder / kind.name), Request())])
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "events": outcomes[0].rows_loaded}


if __name__ == "__main__":
    main()
