"""A server on a free port of this machine, such as a dashboard, and the CPU that it takes.

Asks nothing of it.
"""

import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.watched import dwell_command

_START_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """Its address, and the process that serves."""

    address: str
    process: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it took so far, to a hundredth."""
        text = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8")
        # The name of a process, in brackets, may hold blanks.
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def dashboard(home: Path) -> Iterator[Server]:
    """Serves a home."""
    command = dwell_command("dashboard", "--home", home.resolve())
    with served(command, Path(__file__).parents[1], "--port") as server:
        yield server


@contextmanager
def served(
    command: Sequence[object], folder: Path, port_flag: str = "--server.port"
) -> Iterator[Server]:
    """What a command serves on the port that it is given; ended with the block, by its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(word) for word in (*command, port_flag, port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=folder)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process)
            yield Server(address, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    msg = (
        f"The dashboard did not start within {_START_SECONDS} s. Run 'dwell dashboard' to see why."
    )
    raise SystemExit(msg)
