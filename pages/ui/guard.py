"""Who may ask the dashboard's server for what, and what every answer says of itself.

Stands in front of all else: a request for another host, of another site's page or by another way
than pages ask never gets further.
"""

from __future__ import annotations

import logging
from collections.abc import Set
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import file_login, line_limit, page_policy
from warehouse.serving import Serve, Visitor, is_loopback, visitor_of

log = logging.getLogger(__name__)
# Asked by what watches the server, under whatever name it knows: they tell nothing of the data.
HEALTH = ("/livez", "/readyz")
# What pages need of Streamlit's own addresses. The others name functions, take files or offer the
# pages to programs.
_OWN = ("/_stcore/", "/component/", "/auth/", "/oauth2callback")
_OPEN = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream")
# Where people log in at a provider: these lead there and back.
_OF_LOGIN = ("/auth/login", "/auth/logout", "/oauth2callback")
_METHODS = ("GET", "HEAD", "OPTIONS")
# Bytes of an address and its headers: the longest query that stands in one takes 4 KB.
_LONGEST = 32_000
# Names of these files carry a hash, or they are fonts: all else is data, or may change.
_FILES = ("/static/", "/app/static/")
_A_YEAR = b"max-age=31536000"
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_BROKEN = "Something went wrong in the dashboard. Its log says what.\n"


@dataclass(frozen=True)
class Entrance:
    """Where the server is reached.

    serve    what dwell.toml says of it
    names    the names that browsers may open it by, beside those of this machine
    address  what it is bound to
    policy   of its pages
    """

    serve: Serve
    names: Set[str]
    address: str
    policy: str

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server: by a name it was given, or where it listens.

        A page of another site can have its own name lead here, and no address: so one that
        listens beyond this machine is asked by any.
        """
        try:
            parsed = urlsplit(f"//{host}")
            name, _ = parsed.hostname, parsed.port
        except ValueError:
            return False
        if not name or parsed.username is not None or parsed.path or parsed.query:
            return False
        name = name.lower().removesuffix(".")
        if name in self.names or name == self.address or is_loopback(name):
            return True
        return not is_loopback(self.address) and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Refuses what no page of the dashboard asks, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, entrance: Entrance) -> None:
        self.app = app
        self.at = entrance
        self._has_told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on what may be asked; all other requests are answered here."""
        if scope["type"] == "websocket":
            if self._refusal(scope):
                # Before it is accepted, this is answered with 403.
                await send({"type": "websocket.close", "code": 1008})
            elif self.at.serve.user_header:
                seconds = self.at.serve.login_for.total_seconds()
                await line_limit.ended_after(seconds, self.app, scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                message = {**message, "headers": self._headers(scope, message)}
            await send(message)

        refused = self._refusal(scope)
        if refused:
            status, text = refused
            await PlainTextResponse(text, status)(scope, receive, send_guarded)
            return
        try:
            await self.app(scope, receive, send_guarded)
        except Exception:
            log.exception("%s could not be answered", scope["path"])
            if is_begun:
                raise
            await PlainTextResponse(_BROKEN, 500)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason of a request that gets no further; None of one that may."""
        headers = dict(scope["headers"])
        length = sum(len(name) + len(value) for name, value in scope["headers"])
        if length + len(scope["query_string"]) + len(scope["raw_path"]) > _LONGEST:
            return 431, "The address, or what the browser says with it, is too long.\n"
        host, *others = [v.decode("latin-1") for k, v in scope["headers"] if k == b"host"] or [""]
        path = scope["path"]
        if path not in HEALTH and (others or not self.at.knows(host)):
            return 400, (
                "Dwell is not served under this name. Who runs it names it in dashboard_url, or "
                "in hosts of [serve], and has the proxy pass the Host on.\n"
            )
        if path not in HEALTH and (refused := self._unknown(scope)):
            return refused
        if path.startswith(file_login.FILES):
            serve = self.at.serve
            refused = file_login.refusal(serve, self._visitor(scope), path, scope["headers"])
            if refused:
                return refused
        if scope["type"] == "websocket":
            # Browsers name the page that asks; of another site none has any business here.
            origin = headers.get(b"origin", b"").decode("latin-1").lower()
            is_foreign = origin and urlsplit(origin).netloc != host.lower()
            if is_foreign:
                self._tell_of_foreign(origin, host)
            return (403, "") if is_foreign or path not in _OPEN else None
        if scope["method"] not in _METHODS:
            return 405, "Pages are read: GET, HEAD or OPTIONS.\n"
        is_open = path in _OPEN or (self.at.serve.oidc and path in _OF_LOGIN)
        if f"{path}/".startswith(_OWN) and not is_open:
            return 404, "Nothing is served here.\n"
        return None

    def _tell_of_foreign(self, origin: str, host: str) -> None:
        """Once: a proxy that drops the port leaves each page without its numbers, and no reason."""
        if not self._has_told:
            self._has_told = True
            log.warning(
                "A page of %s asked for numbers by the name %s, and got none. If it is one of "
                "Dwell, have the proxy pass the Host on as it came, with its port.",
                origin,
                host,
            )

    def _unknown(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is of nobody who may look; None of one that is, or where nobody logs in."""
        serve = self.at.serve
        if not serve.user_header:
            return None
        if not serve.is_proxy(_client(scope)):
            return 403, "Dwell is opened by its proxy, which logs people in.\n"
        visitor = self._visitor(scope)
        if visitor is None:
            return 401, "The proxy does not say who this is, or says it more than once.\n"
        if not visitor.roles:
            return 403, f"{visitor.without_roles}\n"
        return None

    def _visitor(self, scope: Scope) -> Visitor | None:
        """Who the proxy says it is; None where it does not, or says it more than once."""
        serve = self.at.serve
        users, groups = (
            [
                value.decode("latin-1")
                for key, value in scope["headers"]
                if key.decode("latin-1").lower() == name
            ]
            for name in (serve.user_header, serve.groups_header)
        )
        return visitor_of(serve, users, groups)

    def _headers(self, scope: Scope, start: Message) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, with those that every one has."""
        path, given = scope["path"], [(key.lower(), value) for key, value in start["headers"]]
        is_tls = self._is_tls(scope)
        if is_tls:
            given = [
                (key, value + b"; Secure" if _lacks_secure(key, value) else value)
                for key, value in given
            ]
        is_file = path.startswith(file_login.FILES)
        policy = page_policy.OF_FILES if is_file else self.at.policy
        own = [*_ALWAYS, (b"content-security-policy", policy.encode())]
        if not self.at.serve.embed_in:
            own.append((b"x-frame-options", b"DENY"))
        if is_tls:
            own.append((b"strict-transport-security", _A_YEAR))
        if start["status"] >= 400 or not path.startswith(_FILES):
            own.append((b"cache-control", b"no-store"))
        names = {key for key, _ in own}
        return [(key, value) for key, value in given if key not in names] + own

    def _is_tls(self, scope: Scope) -> bool:
        """Whether the browser asked by TLS: here, or as a proxy says that is believed."""
        if scope["scheme"] == "https":
            return True
        said = dict(scope["headers"]).get(b"x-forwarded-proto", b"")
        return said.strip().lower() == b"https" and self.at.serve.is_proxy(_client(scope))


def _client(scope: Scope) -> str | None:
    """The address that asks; None of a socket that has none."""
    return scope["client"][0] if scope.get("client") else None


def _lacks_secure(key: bytes, value: bytes) -> bool:
    return key == b"set-cookie" and b"secure" not in value.lower().replace(b" ", b"").split(b";")
