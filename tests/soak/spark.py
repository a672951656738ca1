"""Builds public sets, the demo and made-up histories with DuckDB and on Spark, and compares all
rows; kills an executor on the way; asks a server of Spark Connect for the same build.

    python -m tests.soak.spark                    all of it
    python -m tests.soak.spark --only "access log" kills connect
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pyspark

from etl.config.spark import Spark
from etl.errors import BuildError
from etl.lake import Lake, locked
from tests.make import commit_events, load_files, settings_of
from tests.peers.conftest import DATA
from tests.peers.test_real_sets import SETS, RealSet
from tests.spark.engines import LOCAL, of_both, unequal
from tests.spark.histories import odd_events
from warehouse.build import build
from warehouse.build.spark import SparkEngine
from warehouse.build_files import last_build
from warehouse.cli import main as dwell

# Two executors, each a JVM of its own.
CLUSTER = replace(LOCAL, master="local-cluster[2,1,1024]")
# All of its files: the suite takes one of three.
_WHOLE = {"mathoverflow": ("*.txt.gz",)}
_EXECUTOR = "CoarseGrainedExecutorBackend"


def main() -> int:
    """Runs what is asked for; 1 when a row differs or a kill left something behind."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    names = ["demo", *SETS, "connect", "kills"]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    failed = []
    for name in parser.parse_args().only:
        started = time.monotonic()
        with TemporaryDirectory(prefix="spark-") as folder:
            problem = _run(name, Path(folder))
        print(f"{name}: {problem or 'equal'}, {time.monotonic() - started:.0f} s", flush=True)
        failed += [name] if problem and problem != _NOT_HERE else []
    return 1 if failed else 0


def _run(name: str, folder: Path) -> str:
    return _STEPS[name](folder) if name in _STEPS else _set(folder, SETS[name], name)


_NOT_HERE = "not run: the set is not beside the project"


def _compared(home: Path, spark: Spark) -> str:
    one, other = of_both(settings_of(home), spark)
    print(f"  {one.events:,} events: DuckDB {one.seconds:.1f} s, Spark {other.seconds:.1f} s")
    return unequal(one.path, other.path)


def _set(folder: Path, one: RealSet, name: str) -> str:
    if not (DATA / one.folder).is_dir():
        return _NOT_HERE
    patterns = _WHOLE.get(name, one.files)
    files = sorted(file for pattern in patterns for file in (DATA / one.folder).glob(pattern))
    load_files(folder / "home", *files, **one.options)
    return _compared(folder / "home", CLUSTER)


def _demo(folder: Path) -> str:
    dwell(["demo", "--no-dashboard", "--home", str(folder / "home")])
    return _compared(folder / "home", CLUSTER)


def _connect(folder: Path) -> str:
    """A server of its own, and a client that is another process, as a user's is."""
    home = folder / "home"
    commit_events(home, odd_events(1, 5_000))
    settings = settings_of(home)
    with locked(home):
        one = build(settings, full=True)
    with _server(folder) as port:
        command = ["build", "--full", "--engine", "spark", "--remote", f"sc://127.0.0.1:{port}"]
        code = "import sys; from warehouse.cli import main; sys.exit(main(sys.argv[1:]))"
        subprocess.run(
            [sys.executable, "-P", "-c", code, *command, "--home", str(home)], check=True
        )
    other = last_build(home)
    assert other is not None
    assert other.number == one.number + 1
    return unequal(one.path, other.path)


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    """A server of Spark Connect on this machine alone; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    conf = {
        **dict(LOCAL.conf),
        "spark.connect.grpc.binding.port": port,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.ui.enabled": "false",
    }
    options = [text for name, value in conf.items() for text in ("--conf", f"{name}={value}")]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [
                *(str(submit), "--master", "local[2]", *options),
                *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
                "spark-internal",
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=folder,
        )
        try:
            _wait_for(lambda: _answers(port), 120)
            yield port
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _kills(folder: Path) -> str:
    """One executor dies, and then eight: the job ends right, or clean."""
    home = folder / "home"
    commit_events(home, odd_events(2, 20_000))
    settings = settings_of(home)
    with locked(home):
        one = build(settings, full=True)
    for most in (1, 8):
        killed: list[int] = []
        ended: list[bool] = []
        killer = Thread(target=_kill_executors, args=(killed, ended, most))
        killer.start()
        problem = ""
        try:
            with locked(home):
                engine = SparkEngine(CLUSTER, home)
                other = build(settings, full=True, make_sessions=engine.make_sessions)
            problem = unequal(one.path, other.path)
            one = other
            told = "the job ended right"
        except BuildError as error:
            told = f"it failed: {error}"
            problem = "" if "\n" not in str(error) else "an error of several lines"
        finally:
            ended.append(True)
            killer.join()
        print(f"  {len(killed)} executors killed: {told}", flush=True)
        left = [str(path) for path in Lake(home).spill.glob("*")]
        left += [str(path) for path in (home / "builds").glob("*.building*")]
        current = last_build(home)
        if current is None or current.number != one.number:
            problem = "the current build is not the last one that was made"
        if problem or left or not killed:
            return problem or f"left behind: {left}" if killed else "no executor was killed"
    return ""


def _kill_executors(killed: list[int], ended: list[bool], most: int) -> None:
    """Kills executors that came of this process some seconds after they began, so many at most."""
    seen: dict[int, float] = {}
    while not ended:
        for pid in _executors():
            seen.setdefault(pid, time.monotonic())
            if pid not in killed and time.monotonic() - seen[pid] > 8 and len(killed) < most:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)


def _executors() -> list[int]:
    """The executors' processes that descend from this one."""
    parents: dict[int, int] = {}
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            stat = (path / "stat").read_text()
            parents[int(path.name)] = int(stat.rpartition(")")[2].split()[1])
            if _EXECUTOR in (path / "cmdline").read_text():
                found.append(int(path.name))
        except OSError:
            continue
    return [pid for pid in found if os.getpid() in _ancestors(pid, parents)]


def _ancestors(pid: int, parents: dict[int, int]) -> Sequence[int]:
    line = []
    while pid in parents and pid not in line:
        line.append(pid)
        pid = parents[pid]
    return [*line, pid]


def _wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            msg = f"Nothing came in {seconds} s."
            raise TimeoutError(msg)
        time.sleep(0.5)


_STEPS: dict[str, Callable[[Path], str]] = {"demo": _demo, "connect": _connect, "kills": _kills}


if __name__ == "__main__":
    sys.exit(main())
