"""How fast the collector answers: batches and single events, each on disk before its answer.

Beside it a plain Starlette handler that appends without waiting for the disk, in the same run.
`python -m benchmarks.collector 10` loads each for ten seconds.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.watched import dwell_command, take_two_cores

_KEY = "benchmark"
_CONFIG = f"""
[collect]
rate_limit = 0
key_rate_limit = 0
[sources.web]
write_key = "{_KEY}"
origins = ["https://www.example.com"]
"""
_CONNECTIONS = 32
# Events in one request.
_BATCHES = (20, 1)


def main() -> None:
    """Prints a table: server, events a request, requests and events a second, times, CPU."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    cores = take_two_cores()
    with tempfile.TemporaryDirectory(prefix="dwell-bench-") as folder:
        place = Path(folder)
        print(f"{cores} cores, {_CONNECTIONS} connections. {_fsync_times(place)}\n")
        print(
            "| server | events a request | requests/s | events/s | p50 | p99 | CPU of the server "
            "| CPU of the load tool |"
        )
        print("|---" * 8 + "|")
        for name, serve in (("Dwell, with fsync", _dwell), ("plain, without", _plain)):
            for batch in _BATCHES:
                with serve(place / f"{name}-{batch}") as (port, process):
                    _load(port, batch, 1)
                    before = _cpu_of(process)
                    found = _load(port, batch, seconds)
                    cpu = _cpu_of(process) - before
                _tell(name, batch, found, cpu)


def _tell(name: str, batch: int, found: dict[str, Any], cpu: float) -> None:
    rate = found["requests"] / found["seconds"]
    share = [f"{100 * used / found['seconds']:.0f} %" for used in (cpu, found["cpu"])]
    times = [f"{1000 * found[name]:.1f} ms" for name in ("p50", "p99")]
    rates = [f"{number:,.0f}" for number in (rate, rate * batch)]
    print(f"| {' | '.join([name, str(batch), *rates, *times, *share])} |")


def _fsync_times(folder: Path) -> str:
    """What the disk takes for an append of 4 KB and its fsync, in words."""
    took = []
    with (folder / "appended").open("wb", buffering=0) as file:
        for _ in range(300):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started)
    took.sort()
    return f"The disk's fsync: median {1000 * took[150]:.2f} ms, p99 {1000 * took[297]:.2f} ms."


def _load(port: int, batch: int, seconds: float) -> dict[str, Any]:
    words = [port, _KEY, batch, _CONNECTIONS, seconds]
    command = [sys.executable, "-m", "benchmarks.http_load", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout))


@contextmanager
def _dwell(home: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    home.mkdir()
    (home / "dwell.toml").write_text(_CONFIG)
    port = _free_port()
    command = dwell_command("collect", "--home", home, "--port", port)
    with _served(command, port) as process:
        yield port, process


@contextmanager
def _plain(home: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    home.mkdir()
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.plain_handler", home / "appended", port]
    with _served(command, port) as process:
        yield port, process


@contextmanager
def _served(command: Sequence[object], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def _cpu_of(process: subprocess.Popen[bytes]) -> float:
    """Seconds of CPU that a running process has taken."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
