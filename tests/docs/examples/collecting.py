"""The real `dwell collect`, in a process of its own, for as long as a test needs it."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
DWELL = "import sys; from warehouse.cli import main; sys.exit(main())"


@contextmanager
def collecting(home: Path, **environment: str) -> Iterator[str]:
    """Its address, once it listens; configured by the home's dwell.toml and the environment."""
    command = [sys.executable, "-c", DWELL, "collect", "--port", "0", "--log", "json"]
    with subprocess.Popen(
        [*command, "--home", str(home), "--config", str(home / "dwell.toml")],
        cwd=ROOT,
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr
            said = json.loads(server.stderr.readline())
            address = f"http://{said['host']}:{said['port']}"
            # It listens before it is ready to be stopped.
            urllib.request.urlopen(f"{address}/health", timeout=10).close()
            yield address
        finally:
            server.terminate()
            assert server.stderr
            server.stderr.read()
    assert server.returncode == 0
