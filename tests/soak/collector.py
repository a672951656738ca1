"""`make soak-collector`: kills collectors under load and fills their disk; nothing that they
acknowledged is lost, and nothing is doubled.

Eight clients send at full speed while the collector is killed at random moments and started again,
and loads run, some of which are killed as well; files that are in the build are removed at once.
Then the same on a disk of 64 MB that fills. In the end each acknowledged event must be in the lake
once, and no event twice.
"""

import argparse
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

import warehouse
from etl.collector.spool_files import finished, open_files
from etl.lake import Lake
from tests.homes import assert_lake_is_tidy
from tests.soak.collector_clients import LINES, Client
from tests.test_faults import DWELL

_CLIENTS = 8
_DISK = 64
_BALLAST = 50 * 10**6


@dataclass
class Setup:
    """What is killed, and where. `is_short`: without loads meanwhile, and with one in the end."""

    home: Path
    kind: str
    port: int
    chance: random.Random
    age: float = 0.3
    pad: int = 0
    is_short: bool = False
    told: str = ""

    def clients(self) -> list[Client]:
        """Eight of them, started."""
        clients = [Client(n, LINES[self.kind], self.port, self.pad) for n in range(_CLIENTS)]
        for client in clients:
            client.start()
        return clients

    @contextmanager
    def collector(self) -> Iterator["subprocess.Popen[bytes]"]:
        """A collector that listens; killed in the end where it still is there."""
        process = LINES[self.kind].process(self.home, self.port, self.age)
        try:
            wait_until(lambda: _listens(self.port), "the collector does not listen")
            yield process
        finally:
            process.kill()
            process.wait()

    def load(self, kill_after: float | None = None) -> int:
        """The exit code of a load; -9 when it was killed after so many seconds."""
        environment = {**os.environ, "DWELL_KEEP_SPOOL": "500 ms"}
        with subprocess.Popen([DWELL, "load", "--home", self.home], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, env=environment) as load:  # fmt: skip
            try:
                _, told = load.communicate(timeout=kill_after)
            except subprocess.TimeoutExpired:
                load.kill()
                _, told = load.communicate()
        self.told = told.decode()
        return load.returncode


@dataclass
class Loads(threading.Thread):
    """Loads one after the other until it is told to stop; some of them are killed."""

    setup: Setup
    over: threading.Event = field(default_factory=threading.Event)
    codes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        """Loads."""
        chance = random.Random(7)
        # Before the first event there is nothing to load, which a load says.
        while not (self.setup.home / "landing").is_dir() and not self.over.is_set():
            time.sleep(0.01)
        while not self.over.is_set():
            is_killed = chance.random() < 0.4
            self.codes.append(self.setup.load(chance.random() * 2 if is_killed else None))
            self.over.wait(chance.random() * 0.5)

    def __hash__(self) -> int:
        return id(self)


def wait_until(is_so: Callable[[], bool], problem: str, seconds: float = 60) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, problem
        time.sleep(0.01)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_collectors(setup: Setup, kills: int, most_seconds: float) -> str:
    """Kills so many collectors under load, while loads run; the figures. Fails where an event that
    was acknowledged is not in the lake, or one is twice.
    """
    started = time.monotonic()
    clients, loads = setup.clients(), Loads(setup)
    if setup.is_short:
        loads.over.set()
    loads.start()
    for _ in range(kills):
        before = _accepted(clients)
        with setup.collector():
            # One in five is killed as it starts.
            if setup.chance.random() < 0.8:
                wait_until(lambda: _accepted(clients) > before, "nothing is accepted")  # noqa: B023
            time.sleep(setup.chance.random() * most_seconds)
    with setup.collector() as collector:
        _stop(clients)
        loads.over.set()
        loads.join()
        collector.terminate()
        assert collector.wait(timeout=60) in (0, -15)
    killed = sum(code == -9 for code in loads.codes)
    assert set(loads.codes) <= {0, -9}, loads.codes
    told = check(setup, clients)
    return (
        f"{kills} kills of a collector in {time.monotonic() - started:.0f} s, "
        f"{len(loads.codes)} loads meanwhile, {killed} of them killed; {told}"
    )


def fill_disk(setup: Setup, room_made_by: Callable[[], None], full_seconds: float) -> str:
    """Fills the disk of the home, kills the collector while it is full, makes room, goes on; the
    figures. Fails as above.
    """
    clients = setup.clients()

    def refused() -> int:
        return sum(client.refused for client in clients)

    with setup.collector():
        wait_until(lambda: refused() > 100, "the disk does not fill", 120)
        at_full = _accepted(clients)
        time.sleep(full_seconds / 2)
        codes = [setup.load()]
    with setup.collector() as collector:
        time.sleep(full_seconds / 2)
        codes.append(setup.load())
        while_full = refused()
        room_made_by()
        before = _accepted(clients)
        wait_until(
            lambda: _accepted(clients) > before + 2000, "it does not go on once there is room"
        )
        _stop(clients)
        collector.terminate()
        assert collector.wait(timeout=60) in (0, -15)
    told = check(setup, clients)
    return (
        f"full after {at_full:,} events, {while_full:,} requests refused while it was, exit codes "
        f"of loads on the full disk {codes}; {told}"
    )


def _accepted(clients: Sequence[Client]) -> int:
    return sum(len(client.accepted) for client in clients)


def _stop(clients: Sequence[Client]) -> None:
    for client in clients:
        client.over.set()
    for client in clients:
        client.join()
        assert client.problem is None, client.problem


def check(setup: Setup, clients: Sequence[Client]) -> str:
    """What the lake has of what was sent, once two more loads have taken all."""
    assert open_files(setup.home) == []
    assert setup.load() == 0, setup.told
    for _ in range(0 if setup.is_short else 2):
        # So long a file is kept.
        time.sleep(0.6)
        assert setup.load() == 0, setup.told
    assert setup.is_short or finished(setup.home) == []
    lake = Lake(setup.home)
    files = [str(lake.root / name) for name in lake.event_files()]
    with duckdb.connect() as con:
        rows = con.execute(
            "select event_id from read_parquet($files, hive_partitioning = false)",
            {"files": files},
        ).fetchall()
    kept = [event_id for (event_id,) in rows]
    accepted = set().union(*(client.accepted for client in clients))
    lost, strange = accepted.difference(kept), set(kept) - _ids(clients)
    assert not lost, f"{len(lost)} acknowledged events are lost: {sorted(lost)[:5]}"
    assert len(kept) == len(set(kept)), f"{len(kept) - len(set(kept))} events are there twice"
    assert not strange, sorted(strange)[:5]
    with warehouse.open(setup.home) as wh:
        assert wh.sql("select count(*) from session_events").fetchall() == [(len(kept),)]
        (sums,) = wh.sql("select sum(rows_rejected), sum(rows_duplicate) from load_runs").fetchall()
    assert sums[0] == 0, f"{sums[0]} rows were rejected"
    assert_lake_is_tidy(setup.home)
    requests = sum(client.requests for client in clients)
    return (
        f"{sum(client.sent for client in clients):,} events sent in {requests:,} requests, "
        f"{sum(client.unanswered for client in clients):,} without an answer, "
        f"{len(accepted):,} events acknowledged: each is in the lake once; "
        f"{len(kept) - len(accepted):,} that nobody answered for are there once as well, "
        f"{sums[1]:,} that came again were known; {len(finished(setup.home))} files of the "
        "collector are left"
    )


def _ids(clients: Sequence[Client]) -> set[str]:
    return {f"c{client.number}-{n}" for client in clients for n in range(client.sent)}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of 64 MB in the folder; None where this user may not mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def main() -> None:
    """Prints the figures; fails at the first event that is lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=200)
    parser.add_argument("--collector", choices=LINES, default="spool")
    parser.add_argument("--disk-alone", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="dwell-soak-") as name:
        home = Path(name) / "home"
        if not args.disk_alone:
            setup = Setup(home, args.collector, free_port(), chance)
            print(kill_collectors(setup, args.kills, 0.6), flush=True)
            shutil.rmtree(home)
        with small_disk(Path(name) / "disk") as disk:
            if disk is None:
                print("No disk of 64 MB: only root may mount a tmpfs. Run it as root.")
                return
            ballast = disk / "ballast"
            ballast.write_bytes(b"\0" * _BALLAST)
            small = Setup(disk / "home", args.collector, free_port(), chance, pad=1000)
            told = fill_disk(small, ballast.unlink, 4)
            print(f"a disk of {_DISK} MB (tmpfs): {told}")


if __name__ == "__main__":
    main()
