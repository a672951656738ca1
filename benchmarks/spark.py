"""A full build of both engines on the same made-up lake: wall, CPU and memory of all processes.

    python -m benchmarks.spark --events 2000000 --days 60
    python -m benchmarks.spark --home /tmp/year --events 16500000 --days 366 --master spark://host:7077

The rows of both builds are compared before a number is printed. What 100 million events would take
is reckoned from these, and labelled so: it was not run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clickstream import Clickstream, write_lake
from benchmarks.watched import dwell_command, take_two_cores
from etl.lake import Lake
from tests.spark.equal_builds import differences

_TICKS = os.sysconf("SC_CLK_TCK")
_RECKONED = 100_000_000
# Spark notes what each task took.
_CONFIG = """
[spark.conf]
"spark.driver.host" = "127.0.0.1"
"spark.driver.bindAddress" = "127.0.0.1"
"spark.sql.shuffle.partitions" = 8
"spark.executor.memory" = "{memory}"
"spark.eventLog.enabled" = true
"spark.eventLog.dir" = "file:{folder}"
"spark.eventLog.compress" = false
"spark.eventLog.rolling.enabled" = false
"""


@dataclass(frozen=True)
class Run:
    """What a build took, with all processes that it started. `memory_mb`: their peak together."""

    path: Path
    seconds: float
    cpu: float
    memory_mb: float


def main() -> None:
    """Prints a table of both engines, and what is reckoned of it."""
    args = _arguments()
    cores = take_two_cores()
    with tempfile.TemporaryDirectory(prefix="dwell-spark-") as name:
        home = args.home or Path(name) / "home"
        if not Lake(home).state().batch_count:
            write_lake(home, Clickstream(args.days, args.events // args.days))
        files = Lake(home).state().events
        events, size = sum(file.rows for file in files), sum(file.bytes for file in files)
        print(f"{events:,} events, {size / 1e6:.0f} MB in {len(files)} files, {cores} cores")
        config = Path(name) / "dwell.toml"
        config.write_text(_CONFIG.format(folder=name, memory=args.executor_memory))
        spark = ("--engine", "spark", "--master", args.master, "--config", config)
        runs = {"duckdb": _build(home), f"spark, {args.master}": _build(home, *spark)}
        one, other = runs.values()
        found = differences(one.path, other.path)
        if found:
            msg = f"The engines differ: {found}"
            raise SystemExit(msg)
        print("All rows of both builds are equal.\n")
        print("| engine | wall, s | CPU, s | memory, MB | events a second of CPU |")
        print("|---|---|---|---|---|")
        for engine, run in runs.items():
            told = f"{run.seconds:.0f} | {run.cpu:.0f} | {run.memory_mb:.0f}"
            print(f"| {engine} | {told} | {events / run.cpu:,.0f} |")
        print("\nOf Spark, by what its tasks noted:")
        for what, number in _noted(Path(name)).items():
            print(f"- {what}: {number:,.0f}, {number / events:.1f} an event")
        print(f"\nReckoned for {_RECKONED:,} events, in proportion, not run:")
        for engine, run in runs.items():
            factor = _RECKONED / events
            print(f"- {engine}: {run.cpu * factor / 3600:.1f} h of CPU", end="")
            print(f", {run.seconds * factor / 3600:.1f} h on {cores} cores")


def _noted(folder: Path) -> dict[str, float]:
    """Sums over all tasks of the last run."""
    sums = dict.fromkeys(
        ("bytes shuffled", "bytes read", "bytes written", "bytes spilled to disk", "CPU, us"), 0.0
    )
    log = max(folder.glob("*app*"), key=lambda path: path.stat().st_mtime)
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            metrics = told.get("Task Metrics")
            if told["Event"] != "SparkListenerTaskEnd" or not metrics:
                continue
            sums["bytes shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            sums["bytes read"] += metrics["Input Metrics"]["Bytes Read"]
            sums["bytes written"] += metrics["Output Metrics"]["Bytes Written"]
            sums["bytes spilled to disk"] += metrics["Disk Bytes Spilled"]
            sums["CPU, us"] += metrics["Executor CPU Time"] / 1e3
    return sums


def _build(home: Path, *words: object) -> Run:
    """One full build, in a process of its own."""
    command = dwell_command("build", "--full", "--home", home, "--json", *words)
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output)
        peak, spent = 0, dict[int, float]()
        while process.poll() is None:
            memory = 0
            for pid in _family(process.pid):
                try:
                    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                except OSError:
                    continue
                # Of its own: a child is seen itself.
                spent[pid] = (int(stat[11]) + int(stat[12])) / _TICKS
                memory += pages * os.sysconf("SC_PAGE_SIZE")
            peak = max(peak, memory)
            time.sleep(0.1)
        seconds = time.monotonic() - started
        output.seek(0)
        lines = output.read().splitlines()
    if process.returncode:
        msg = f"{' '.join(map(str, command))} ended with {process.returncode}: {lines}"
        raise SystemExit(msg)
    return Run(Path(json.loads(lines[-1])["path"]), seconds, sum(spent.values()), peak / 1e6)


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--home", type=Path, help="where the lake is, or shall be kept")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--master", default="local-cluster[2,1,2048]")
    parser.add_argument("--executor-memory", default="2g")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
