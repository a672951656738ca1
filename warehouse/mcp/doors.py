"""The servers over HTTP: one for whoever comes, or one behind each token."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp.server.mcpserver.tools import Tool
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from etl.config.settings import Settings
from warehouse.audit import Audit
from warehouse.bearers import CHALLENGE, WANTED, Bearers, home_of
from warehouse.mcp.builds import Builds
from warehouse.mcp.server import ToolServer, server_of
from warehouse.mcp.tools import tools_of
from warehouse.serving import Visitor

PATH = "/mcp"


class Homes:
    """The builds that visitors are told of, opened once for each scope. To be closed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[Path, tuple[Builds, tuple[Tool, ...]]] = {}

    def of(self, visitor: Visitor) -> tuple[Builds, tuple[Tool, ...]]:
        """The builds of a visitor's home, and the tools that read them."""
        home = home_of(self._settings.home, visitor)
        if home not in self._known:
            builds = Builds(replace(self._settings, home=home))
            self._known[home] = builds, tools_of(builds)
        return self._known[home]

    def close(self) -> None:
        """Lets go of all builds."""
        for builds, _ in self._known.values():
            builds.close()


def servers_of(
    homes: Homes, visitors: Mapping[str, Visitor], version: str, audit: Audit | None
) -> dict[str, ToolServer]:
    """The server of each token, by its name; `visitors`: who asks by it."""
    found = {}
    for name, visitor in visitors.items():
        builds, tools = homes.of(visitor)
        found[name] = server_of(builds, version, visitor, audit, tools)
    return found


def http_app(server: ToolServer, host: str, is_guarded: bool) -> Starlette:
    """The server as an application for streamable HTTP; each request stands for itself.

    A client that leaves ends what it asked for: so the library has it where answers may be streams.
    Guarded, it answers only requests to this machine's own names, and none of a web page of
    elsewhere: a foreign page could give its own name the address of this machine.
    """
    shown = f"[{host}]" if ":" in host else host
    names = {shown, "127.0.0.1", "localhost", "[::1]"}
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=is_guarded,
        allowed_hosts=[each for name in names for each in (name, f"{name}:*")],
        allowed_origins=[each for n in names for each in (f"http://{n}", f"http://{n}:*")],
    )
    return server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        transport_security=security,
        host=host,
    )


def token_app(
    servers: Mapping[str, ToolServer], bearers: Bearers, host: str, is_guarded: bool
) -> Starlette:
    """All servers as one application: each request is answered by that of its token, else by 401.

    There is no session that one token could begin and another go on with: a request is answered by
    what its own token may ask, whatever it says of a session.
    """
    apps = {name: http_app(server, host, is_guarded) for name, server in servers.items()}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        name = bearers.name_of(scope["headers"])
        app: Any = apps[name] if name else _REFUSAL
        await app(scope, receive, send)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for app in apps.values():
                await running.enter_async_context(app.router.lifespan_context(app))
            yield

    return Starlette(routes=[Mount("/", app=answer)], lifespan=lifespan)


_REFUSAL = JSONResponse({"error": WANTED}, 401, dict([CHALLENGE]))
