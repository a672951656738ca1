"""dwell mcp: answers the calls of language models until its client leaves, or it is stopped."""

import argparse
import logging
import os
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec
from types import FrameType
from typing import TYPE_CHECKING, Any

from etl.config.access import named_scope
from etl.config.hosts import is_loopback
from etl.config.serve import OPERATOR, ROLES, VIEWER
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.audit import audit_of_programs
from warehouse.cli.listening import address_of, listening_on
from warehouse.cli.output import log
from warehouse.serving import Visitor
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
        help="with --http: serve other machines too, although there is no token",
    )
    command.add_argument(
        "--role",
        action="append",
        choices=ROLES,
        help="without --http: what the client may ask; again for more (default: all)",
    )
    command.add_argument(
        "--scope",
        metavar="NAME",
        help="without --http: tell it the rows of this [access.NAME] alone",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serves; 0 when it was stopped, or its client left."""
    if not args.http and (args.port is not None or args.insecure or args.host != "127.0.0.1"):
        msg = "--host, --port and --insecure are of HTTP. Add --http, or leave them out."
        raise ConfigError(msg)
    if args.http and (args.role or args.scope):
        msg = (
            "--role and --scope are of stdin and stdout. Over HTTP tokens say both: write "
            "[tokens.NAME] in dwell.toml, or leave them out."
        )
        raise ConfigError(msg)
    from warehouse.bearers import Bearers, refuse_keys_of_pages

    visitor = _visitor(args.role, args.scope, settings)
    bearers = Bearers(settings) if args.http else None
    is_guarded = is_loopback(args.host)
    if args.http and not (args.insecure or is_guarded or bearers):
        raise ConfigError(_without_tokens(args.host))
    if bearers:
        refuse_keys_of_pages(bearers, settings)
    if find_spec("mcp") is None:
        msg = "The package mcp is not installed. Run 'make mcp', which installs it."
        raise ConfigError(msg)
    from warehouse.mcp.doors import Homes, http_app, servers_of, token_app
    from warehouse.mcp.server import server_of

    # Whoever began the process may read its errors; on stdout is nothing but the protocol.
    logging.basicConfig(level=logging.ERROR, format="%(message)s", handlers=[_Told()])
    homes = Homes(settings)
    audit = audit_of_programs(settings, has_others=bool(bearers or not is_guarded))
    if bearers:
        servers = servers_of(homes, bearers.visitors, version(), audit)
        app = token_app(servers, bearers, args.host, is_guarded)
        _serve_http(app, args, f", for {', '.join(servers)}")
    else:
        builds, tools = homes.of(visitor)
        server = server_of(builds, version(), visitor, audit, tools)
        if args.http:
            open_to = "" if is_guarded else ", to whoever reaches it: there is no token"
            _serve_http(http_app(server, args.host, is_guarded), args, open_to)
        else:
            _serve_stdio(server)
    homes.close()
    return 0


def _visitor(roles: list[str] | None, scope: str | None, settings: Settings) -> Visitor:
    """Who a client without a token is: unless told otherwise, whoever has the home.

    ConfigError for a scope that is none, and for an operator of one.
    """
    chosen = frozenset(roles or ROLES)
    if scope is not None:
        if roles and OPERATOR in roles:
            msg = "The health of the data is of all rows. Leave --role operator out, or --scope."
            raise ConfigError(msg)
        chosen -= {OPERATOR}
    access = None if scope is None else named_scope(settings.access, scope)
    return Visitor(roles=chosen | {VIEWER}, scope=access)


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


def _serve_http(app: Any, args: argparse.Namespace, told: str) -> None:
    """Until a signal comes. `told`: for whom, behind the address."""
    import uvicorn

    from warehouse.mcp.doors import PATH

    port = DEFAULT_PORT if args.port is None else args.port
    listening = listening_on(args.host, port)
    port = listening.getsockname()[1]
    log(
        f"MCP on http://{address_of(args.host, port)}{PATH}{told} (stop with Ctrl+C)",
        event="answering", host=args.host, port=port,
    )  # fmt: skip
    config = uvicorn.Config(
        app,
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


def _without_tokens(host: str) -> str:
    return (
        f"On {host} whoever reaches it would read every session: there is no token. Wanted: "
        '[tokens.NAME] in dwell.toml, with token_env = "…" and roles = ["analyst"]; or an address '
        "of this machine, such as 127.0.0.1, reached from elsewhere through a tunnel "
        "(ssh -L 8601:127.0.0.1:8601) or a proxy with a login. --insecure serves everybody."
    )
