"""dwell run as a process: rounds, signals, the lock between rounds."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.duck import was_stopped
from etl.errors import Busy
from etl.lake import Lake, locked
from tests.make import write_ndjson
from tests.warehouse.cli.conftest import ROWS, Dwell

DWELL = str(Path(sys.executable).parent / "dwell")


class Running:
    """A `dwell run` every half second, and its log."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [DWELL, "run", "--every", "500 ms", "--log", "json"],
            cwd=folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        # A test that waits for a line that never comes shall fail, not hang.
        self._watchdog = threading.Timer(120, self.process.kill)
        self._watchdog.start()

    def wait_for(self, event: str, **facts: object) -> dict[str, Any]:
        """The next line of that event with these facts."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            entry: dict[str, Any] = json.loads(line)
            if entry["event"] == event and all(entry.get(n) == v for n, v in facts.items()):
                return entry
        pytest.fail(f"dwell run ended without {event} {facts}")

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code after the signal, and the rest of its log."""
        self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=60)
        return self.process.returncode, rest

    def end(self) -> None:
        """Ends it whatever it does."""
        self._watchdog.cancel()
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A `dwell run` in a folder whose source is *.ndjson and z.json."""
    (tmp_path / "dwell.toml").write_text('[sources.web]\npath = ["*.ndjson", "z.json"]\n')
    for name in ("a.ndjson", "z.json"):
        write_ndjson(tmp_path / name, [row | {"from": name} for row in ROWS])
    started = Running(tmp_path)
    yield started
    started.end()


def test_files_dropped_between_rounds_are_picked_up(running: Running, tmp_path: Path) -> None:
    first = running.wait_for("file_loaded")
    assert first["file"] == "a.ndjson"
    running.wait_for("round_finished")
    write_ndjson(tmp_path / "b.ndjson", [ROWS[0] | {"event": "later"}])
    landed = write_ndjson(tmp_path / "data/landing/shop/c.ndjson", ROWS)
    os.utime(landed, (1, 1))
    second = running.wait_for("file_loaded", file="b.ndjson")
    running.wait_for("file_loaded", source="shop")
    assert running.wait_for("load_finished")["sessions"] > 0
    # Each round is a run of its own in the log.
    assert first["run_id"] != second["run_id"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_wait_with_exit_code_0(running: Running, number: int) -> None:
    running.wait_for("round_finished")
    code, rest = running.stop(number)
    assert code == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "stopped"


def test_a_signal_ends_a_round_in_its_middle(running: Running, tmp_path: Path) -> None:
    running.wait_for("round_finished")
    # Far more rows than are read until the signal comes.
    many = gzip.compress(f"{json.dumps(ROWS[0])}\n".encode() * 50_000)
    (tmp_path / "z.new").write_bytes(many * 1_000)
    (tmp_path / "z.new").replace(tmp_path / "z.json")
    lake = Lake(tmp_path / "data")
    while not any(path != lake.spill for path in lake.staging.glob("*")):
        assert running.process.poll() is None
        time.sleep(0.01)
    code, rest = running.stop()
    assert code == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "stopped"
    assert all(batch.rows_read < 50_000 for batch in lake.batches())
    with locked(tmp_path / "data"):
        pass


def test_a_signal_ends_a_call_that_hears_none() -> None:
    deaf = """if True:
        import hashlib
        from warehouse.cli.run import _Stop
        with _Stop().listening():
            print("begun", flush=True)
            hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
    """
    with subprocess.Popen(
        [sys.executable, "-c", deaf], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert (process.returncode, log.startswith("Stopped. ")) == (0, True)


def test_signals_mean_what_they_did_once_the_rounds_are_over(dwell: Dwell) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    Path("data/landing").mkdir(parents=True)
    assert dwell("run", "--times", "1").code == 0
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_query_that_a_signal_ended_is_told_from_one_that_failed() -> None:
    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    # It takes hours and no room.
    endless = "select sum(sin(a.range * b.range)) from range(10000000) a, range(10000000) b"
    # With more threads another one may run the query, and then it hears no signal.
    con = duckdb.connect(config={"threads": 1})
    watchdog = threading.Timer(60, con.interrupt)
    timer = threading.Timer(1, os.kill, (os.getpid(), signal.SIGUSR1))
    before = signal.signal(signal.SIGUSR1, stop)
    try:
        watchdog.start()
        timer.start()
        with pytest.raises(RuntimeError) as raised:
            con.execute(endless)
        assert was_stopped(raised.value)
        with pytest.raises(duckdb.Error) as failed:
            con.execute("select nothing")
        assert not was_stopped(failed.value)
    finally:
        timer.cancel()
        watchdog.cancel()
        con.close()
        signal.signal(signal.SIGUSR1, before)


def test_a_round_that_fails_does_not_end_the_next_one(running: Running, tmp_path: Path) -> None:
    running.wait_for("round_finished")
    record = next((tmp_path / "data/lake/log").glob("*.json"))
    whole = record.read_text()
    record.write_text("{half")
    failed = running.wait_for("round_failed")
    assert failed["level"] == "error"
    assert "cannot be read" in failed["message"]
    record.write_text(whole)
    running.wait_for("round_finished")
    (tmp_path / "b.ndjson").touch()
    assert "is empty" in running.wait_for("file_failed")["message"]
    running.wait_for("round_finished")
    assert running.stop()[0] == 0


@contextmanager
def taken(home: Path) -> Iterator[None]:
    """The lock, taken as soon as the round lets go of it."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(home))
                break
            except Busy:
                time.sleep(0.001)
        yield


def test_the_lock_is_free_between_rounds_and_a_round_without_it_is_skipped(
    running: Running, tmp_path: Path
) -> None:
    running.wait_for("round_finished")
    with taken(tmp_path / "data"):
        skipped = running.wait_for("round_skipped")
    assert "Another run" in skipped["message"]
    assert skipped["level"] == "warning"
    running.wait_for("round_finished")
