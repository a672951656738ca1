"""dwell collect: where it listens, when it refuses to, and that it ends well."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.warehouse.cli.conftest import Dwell

COMMAND = [sys.executable, "-c", "import sys; from warehouse.cli import main; sys.exit(main())"]


@contextmanager
def collecting(home: Path) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """A collector in a process of its own: the process, its port and what it said first."""
    words = [*COMMAND, "collect", "--home", str(home), "--port", "0"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        assert process.stderr
        said = process.stderr.readline()
        port = re.search(r":(\d+),", said)
        assert port, said
        yield process, int(port[1]), said
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_what_was_answered_is_in_finished_files_after_a_stop(
    tmp_path: Path, stop: signal.Signals
) -> None:
    with collecting(tmp_path) as (process, port, said):
        assert "of this machine alone: no source has a write_key" in said
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/log_event", b'{"id": "e1", "type": "x"}')
        assert connection.getresponse().status == 200
        # The connection stays open: nobody waits for it.
        process.send_signal(stop)
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == "Stopped. All that was answered is on disk.\n"
        connection.close()
    (file,) = (tmp_path / "landing" / "web" / "collected").glob("collected-*.ndjson")
    assert '"event_id":"e1"' in file.read_text()


def test_without_a_key_no_other_machine_is_served(dwell: Dwell) -> None:
    result = dwell("collect", "--host", "0.0.0.0", "--port", "0")
    assert result.code == 2
    assert "No source has a write key" in result.err
    assert "[sources.web]\nwrite_key = " in result.err


def test_a_port_that_is_taken_is_told(dwell: Dwell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = dwell("collect", "--port", port)
    assert result.code == 2
    assert f"Port {port} of 127.0.0.1 cannot be had: Address already in use" in result.err


@pytest.mark.parametrize("words", [["--port", "70000"], ["--host", "192.0.2.1", "--port", "0"]])
def test_a_place_that_cannot_be_had_is_told(dwell: Dwell, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "dwell.toml").write_text('[sources.web]\nwrite_key = "k"\n')
    result = dwell("collect", *words)
    assert (result.code, "cannot be had" in result.err) == (2, True)


def test_a_variable_that_is_not_set_is_told(dwell: Dwell, tmp_path: Path) -> None:
    (tmp_path / "dwell.toml").write_text('[sources.web]\nwrite_key_env = "NO_SUCH_KEY"\n')
    result = dwell("collect")
    assert (result.code, "no NO_SUCH_KEY" in result.err) == (2, True)


def test_other_commands_start_without_the_server() -> None:
    program = (
        "import sys, warehouse.cli.load, warehouse.refresh\n"
        "print([m for m in ('uvicorn', 'starlette', 'msgspec', 'uvloop') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
