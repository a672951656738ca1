"""Sessions of a year of events: Dwell's, beside those of engines that people would pick instead.

    python -m benchmarks.sessions --home /tmp/year --events 16500000 --python PEERS/bin/python

The peers (session_peers.py) read the same event files and write the same columns of sessions, and
nothing else. So does `dwell` (dwell_sessions.py); `build` is a full build with all that it is for.
Each runs in a process of its own on two cores. All must say the same, row by row and column by
column, before a ratio is printed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.clickstream import Clickstream, write_lake
from benchmarks.session_peers import PEERS
from benchmarks.watched import Stopped, dwell_command, take_two_cores, watched
from etl.lake import Lake

# Larger ones take minutes.
_MOST_FOR_PANDAS = 2_100_000


@dataclass(frozen=True)
class Run:
    """What one run took, and the Parquet file of its sessions."""

    seconds: float
    cpu: float
    memory_mb: float
    read_mb: float
    sessions: Path


def main() -> None:
    """Prints a table: seconds, CPU, memory at its peak, bytes read, ratio to the fastest peer."""
    args = _arguments()
    # Engines that take as many threads as there are cores take two.
    cores = take_two_cores()
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as name:
        folder = Path(name)
        home = args.home or folder / "home"
        events = _events_of(home, args)
        print(f"{events:,} events, {cores} cores")
        best: dict[str, Run] = {}
        for number in range(args.runs):
            for peer in args.peers:
                if peer == "pandas" and events > _MOST_FOR_PANDAS:
                    continue
                target = folder / f"{peer}-{number}.parquet"
                try:
                    run = (
                        OWN[peer](home, target, args)
                        if peer in OWN
                        else run_peer(peer, home, target, args)
                    )
                except Stopped as stopped:
                    print(f"{peer} is left out: {stopped}")
                    continue
                if peer not in best or run.seconds < best[peer].seconds:
                    best[peer] = run
        if not best:
            msg = "No engine ran to its end."
            raise SystemExit(msg)
        count = _compared(best)
        print(f"{count:,} sessions, told alike by {', '.join(best)}")
        _print_table(best, events)


def run_peer(peer: str, home: Path, target: Path, args: argparse.Namespace) -> Run:
    """One run of a peer. Stopped when its library is missing, or it needs too much."""
    command = [args.python, "-m", "benchmarks.session_peers", peer, Lake(home).events, target]
    done = watched(command, args.most_seconds, args.most_memory)
    told = json.loads(done.output)
    if "missing" in told:
        msg = f"{args.python} has no {told['missing']}"
        raise Stopped(msg)
    return Run(**told, sessions=target)


def run_dwell(home: Path, target: Path, args: argparse.Namespace) -> Run:
    """Dwell's sessions alone, as its full build makes them: a folder of files, one a piece."""
    command = [sys.executable, "-m", "benchmarks.dwell_sessions", home, target]
    done = watched(command, args.most_seconds, args.most_memory)
    return Run(**json.loads(done.output), sessions=target / "*.parquet")


def run_build(home: Path, target: Path, args: argparse.Namespace) -> Run:
    """One full build, from the start of the process to its end, and its sessions as a file."""
    command = dwell_command("build", "--full", "--home", home, "--json")
    done = watched(command, args.most_seconds, args.most_memory)
    build = json.loads(done.output.splitlines()[-1])
    with duckdb.connect(build["path"], read_only=True) as con:
        con.execute(f"copy user_sessions to '{target}' (format parquet)")
    return Run(done.seconds, done.cpu, done.memory_mb, done.read_mb, target)


# What is Dwell's, and how it is run.
OWN = {"dwell": run_dwell, "build": run_build}


def _events_of(home: Path, args: argparse.Namespace) -> int:
    """The number of events of the home's lake, which is written if there is none."""
    lake = Lake(home)
    if not lake.state().batch_count:
        write_lake(home, Clickstream(args.days, args.events // args.days))
    named = {lake.root / name for name in lake.event_files()}
    if named != set((lake.root / "events").rglob("*.parquet")):
        msg = f"{home} has event files that no batch names. Load into it once, that clears them."
        raise SystemExit(msg)
    return sum(batch.rows_loaded for batch in lake.batches())


def _compared(runs: Mapping[str, Run]) -> int:
    """The number of sessions, after all runs were found to tell the same of each."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        names = list(runs)
        # A build has more columns, and comes last.
        first, *others = sorted(names, key=lambda name: name == "build")
        columns = _columns(con, runs[first].sessions)
        for other in others:
            _compare_two(con, runs[first].sessions, runs[other].sessions, columns, other)
        return _count(con, runs[first].sessions)


def _compare_two(
    con: duckdb.DuckDBPyConnection, one: Path, other: Path, columns: Sequence[str], name: str
) -> None:
    counts = {path: _count(con, path) for path in (one, other)}
    differing = ", ".join(
        f"count(*) filter (one.{column} is distinct from other.{column}) as {column}"
        for column in columns
    )
    found = con.sql(
        f"select count(*) as both, {differing} from '{one}' as one "
        f"inner join '{other}' as other using (session_id)"
    )
    both, *wrong = found.fetchall()[0]
    told = {column: rows for column, rows in zip(columns, wrong, strict=True) if rows}
    if told or {both} != set(counts.values()):
        msg = (
            f"{name} says something else than {one.stem}: {counts[one]:,} and {counts[other]:,} "
            f"sessions, {both:,} of them in both, differing in {told or 'no column'}."
        )
        raise SystemExit(msg)


def _count(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    return int(con.sql(f"select count(*) from '{path}'").fetchall()[0][0])


def _columns(con: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    return [str(row[0]) for row in con.sql(f"describe from '{path}'").fetchall()]


def _print_table(runs: Mapping[str, Run], events: int) -> None:
    peers = [run.seconds for name, run in runs.items() if name not in OWN]
    fastest = min(peers, default=runs[next(iter(runs))].seconds)
    print("| engine | seconds | of CPU | µs an event | memory | read | to the fastest peer |")
    print("|---|---|---|---|---|---|---|")
    for name, run in sorted(runs.items(), key=lambda item: item[1].seconds):
        print(
            f"| {name} | {run.seconds:.2f} | {run.cpu:.2f} | {run.seconds / events * 1e6:.2f} "
            f"| {run.memory_mb:,.0f} MB | {run.read_mb:,.0f} MB | {run.seconds / fastest:.2f} x |"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home to use, or to write if it has no events")
    parser.add_argument("--events", type=int, default=16_500_000)
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--runs", type=int, default=1, help="the best of so many is told")
    parser.add_argument("--python", default=sys.executable, help="one that has the peers")
    parser.add_argument(
        "--peers",
        type=lambda text: text.split(","),
        default=[*PEERS, *OWN],
        help="some of these, with commas: " + ", ".join([*PEERS, *OWN]),
    )
    parser.add_argument("--most-seconds", type=float, default=600, help="for one run")
    parser.add_argument("--most-memory", type=float, default=14, help="GB for one run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
