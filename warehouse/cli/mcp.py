"""dwell mcp: answers the calls of language models until its client leaves, or it is stopped."""

import argparse
import logging
import os
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec
from types import FrameType
from typing import TYPE_CHECKING

from etl.config.hosts import is_loopback
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.cli.listening import address_of, listening_on
from warehouse.cli.output import log
from warehouse.version import version

if TYPE_CHECKING:
    from warehouse.mcp.server import ToolServer

EXAMPLE = """dwell mcp --home data              # a client starts it, and speaks on stdin and stdout
  dwell mcp --http --port 8601      # clients of this machine reach http://127.0.0.1:8601/mcp"""
DEFAULT_PORT = 8601
# Answers that are under way when it is stopped.
_LAST_ANSWERS = 2


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How clients reach it."""
    command.add_argument(
        "--http", action="store_true", help="serve streamable HTTP (default: stdin and stdout)"
    )
    command.add_argument(
        "--host", default="127.0.0.1", help="with --http: address to bind (default 127.0.0.1)"
    )
    command.add_argument(
        "--port",
        type=int,
        metavar="P",
        help=f"with --http: port (default {DEFAULT_PORT}; 0: any)",
    )
    command.add_argument(
        "--insecure",
        action="store_true",
        help="with --http: serve other machines too, without a login",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serves; 0 when it was stopped, or its client left."""
    if not args.http and (args.port is not None or args.insecure or args.host != "127.0.0.1"):
        msg = "--host, --port and --insecure are of HTTP. Add --http, or leave them out."
        raise ConfigError(msg)
    if args.http and not args.insecure and not is_loopback(args.host):
        raise ConfigError(_without_login(args.host))
    if find_spec("mcp") is None:
        msg = "The package mcp is not installed. Run 'make mcp', which installs it."
        raise ConfigError(msg)
    from warehouse.mcp.builds import Builds
    from warehouse.mcp.server import server_of

    # Whoever began the process may read its errors; on stdout is nothing but the protocol.
    logging.basicConfig(level=logging.ERROR, format="%(message)s", handlers=[_Told()])
    builds = Builds(settings)
    server = server_of(builds, version())
    if args.http:
        port = DEFAULT_PORT if args.port is None else args.port
        _serve_http(server, args.host, port, is_guarded=is_loopback(args.host))
    else:
        _serve_stdio(server)
    builds.close()
    return 0


def _serve_stdio(server: "ToolServer") -> None:
    """Until stdin ends, or a signal comes."""
    # A thread waits for the next line, and nothing but that line ends it. Nothing is half done by a
    # reader: queries run in processes that end with this one.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    if sys.stdin.isatty():
        log("A client is to start this, and to speak on stdin: see docs/mcp.md (stop with Ctrl+C)")
    server.run("stdio")


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _serve_http(server: "ToolServer", host: str, port: int, *, is_guarded: bool) -> None:
    """Until a signal comes."""
    import uvicorn

    from warehouse.mcp.server import PATH, http_app

    listening = listening_on(host, port)
    port = listening.getsockname()[1]
    open_to = "" if is_guarded else ", to whoever reaches it: there is no login"
    log(
        f"MCP on http://{address_of(host, port)}{PATH}{open_to} (stop with Ctrl+C)",
        event="answering", host=host, port=port,
    )  # fmt: skip
    config = uvicorn.Config(
        http_app(server, host, is_guarded),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )
    # Uvicorn passes on what stopped it, once all is answered and closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    log("Stopped.", event="stopped")


class _Told(logging.Handler):
    """Errors of the protocol's libraries, as this program tells its own."""

    def emit(self, record: logging.LogRecord) -> None:
        log(self.format(record), event="error", level="error")


def _without_login(host: str) -> str:
    return (
        f"On {host} whoever reaches it would read every session: there is no login. Wanted: an "
        "address of this machine, such as 127.0.0.1. Reach it from elsewhere through a tunnel "
        "(ssh -L 8601:127.0.0.1:8601) or a proxy with a login; --insecure serves everybody."
    )
