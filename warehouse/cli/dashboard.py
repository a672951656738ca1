"""dwell dashboard: the Streamlit server in this process' place."""

import argparse
import json
import os
import sys
from pathlib import Path

from etl.config.hosts import is_loopback
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.audit import AUDITS
from warehouse.cli.listening import address_of, listening_on
from warehouse.cli.output import log
from warehouse.serving import check_login

EXAMPLE = "dwell dashboard --port 8599"
ROOT = Path(__file__).parents[2]
SERVER = ROOT / "pages" / "ui" / "server.py"
DEFAULT_PORT = 8501


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Where to serve."""
    command.add_argument("--port", type=int, help=f"port (default {DEFAULT_PORT})")
    command.add_argument(
        "--host", "--address", default="127.0.0.1", help="address to bind (default 127.0.0.1)"
    )
    command.add_argument(
        "--insecure", action="store_true", help="serve other machines although nobody logs in"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serves until stopped. Does not return when the server starts."""
    if not (is_loopback(args.host) or settings.serve.has_login or args.insecure):
        raise ConfigError(_without_login(args.host))
    return serve(settings, args.port, args.host)


def serve(settings: Settings, port: int | None, host: str = "127.0.0.1") -> int:
    """Replaces this process by the server; signals then reach it directly."""
    check_login(settings)
    chosen = port or free_port(host, DEFAULT_PORT)
    listening_on(host, chosen).close()
    environment = os.environ | {
        "DWELL_HOME": str(settings.home.resolve()),
        # Of proxies it is told by [serve]: who stands before them must not be taken for one.
        "FORWARDED_ALLOW_IPS": "",
    }
    # Pages read what shapes no build, such as segments and annotations, at each visit from the file
    # that is used here.
    if settings.config:
        environment["DWELL_CONFIG"] = str(settings.config.resolve())
    audit = settings.serve.audit
    if audit is None:
        audit = not is_loopback(host) or settings.serve.has_login
    environment[AUDITS] = "1" if audit else ""
    # Only a person at a terminal wants a browser to open.
    headless = "false" if sys.stdout.isatty() and sys.stdin.isatty() else "true"
    log(f"Dashboard on http://{address_of(host, chosen)} (stop with Ctrl+C)")
    # Streamlit looks for its configuration in the working directory.
    os.chdir(ROOT)
    os.execve(
        sys.executable,
        [
            sys.executable, "-m", "streamlit", "run", str(SERVER),
            "--server.port", str(chosen),
            "--server.address", host,
            "--server.headless", headless,
            "--server.trustedUserHeaders", json.dumps(_told_by_proxy(settings)),
        ],
        environment,
    )  # fmt: skip
    return 0


def _told_by_proxy(settings: Settings) -> dict[str, str]:
    """What the server knows a visitor by: without it, who knows the id of another's visit (as who
    logs in next in the same browser) would go on with it.
    """
    headers = (settings.serve.user_header, settings.serve.groups_header)
    return {header: header for header in headers if header}


def free_port(host: str, first: int) -> int:
    """The first free port from `first` on, within a hundred."""
    return next((p for p in range(first, first + 100) if _is_free(host, p)), first)


def _is_free(host: str, port: int) -> bool:
    try:
        listening_on(host, port).close()
    except ConfigError:
        return False
    return True


def _without_login(host: str) -> str:
    return (
        f"Nobody logs in to this dashboard, so that {host} would show it to everybody who reaches "
        "this machine. Wanted: a proxy with a login on this machine, which asks 127.0.0.1; or one "
        "that says who it is (user_header and proxies of [serve]); or a provider ([serve.oidc]). "
        "Where nobody else reaches the address, as in a container, say so with --insecure."
    )
