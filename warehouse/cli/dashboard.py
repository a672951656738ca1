"""dwell dashboard: the Streamlit server in this process' place."""

import argparse
import os
import socket
import sys
from pathlib import Path

from etl.config.hosts import is_loopback
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.cli.output import log

EXAMPLE = "dwell dashboard --port 8599"
ROOT = Path(__file__).parents[2]
SERVER = ROOT / "pages" / "ui" / "server.py"
DEFAULT_PORT = 8501


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Where to serve."""
    command.add_argument("--port", type=int, help=f"port (default {DEFAULT_PORT})")
    command.add_argument(
        "--address", default="127.0.0.1", help="address to bind (default 127.0.0.1)"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serves until stopped. Does not return when the server starts."""
    return serve(settings, args.port, args.address)


def serve(settings: Settings, port: int | None, address: str = "127.0.0.1") -> int:
    """Replaces this process by the server; signals then reach it directly."""
    chosen = port or free_port(address, DEFAULT_PORT)
    if not _is_free(address, chosen):
        msg = f"Port {chosen} of {address} is taken. Give another one with --port."
        raise ConfigError(msg)
    environment = os.environ | {"DWELL_HOME": str(settings.home.resolve())}
    # Pages read what shapes no build, such as segments and annotations, at each visit from the file
    # that is used here.
    if settings.config:
        environment["DWELL_CONFIG"] = str(settings.config.resolve())
    # Only a person at a terminal wants a browser to open.
    headless = "false" if sys.stdout.isatty() and sys.stdin.isatty() else "true"
    log(f"Dashboard on http://{address}:{chosen} (stop with Ctrl+C)")
    # On the loopback no other name may lead here: a foreign page could rebind its own.
    hosts = (address, "127.0.0.1", "localhost") if is_loopback(address) else ()
    allowed = [word for host in hosts for word in ("--server.allowedHosts", host)]
    # Streamlit looks for its configuration in the working directory.
    os.chdir(ROOT)
    os.execve(
        sys.executable,
        [
            sys.executable, "-m", "streamlit", "run", str(SERVER),
            "--server.port", str(chosen),
            "--server.address", address,
            "--server.headless", headless,
            *allowed,
        ],
        environment,
    )  # fmt: skip
    return 0


def free_port(address: str, first: int) -> int:
    """The first free port from `first` on, within a hundred."""
    return next((p for p in range(first, first + 100) if _is_free(address, p)), first)


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
