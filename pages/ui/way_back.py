"""Leads who logged in at the provider back to the page that he came from. Only to own pages.

The browser names that page when it leaves for the provider (`Referer`), and keeps it in a cookie
that is good for this one login.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAVE, RETURN = "/auth/login", "/oauth2callback"
COOKIE = "dwell_back"
_SECONDS = 900
# Of a cookie browsers keep 4 KB, and a third more is what this one is written in.
_LONGEST = 2_500
_QUERY = re.compile(r"[!-~]*")


class WayBack:
    """Remembers the page on the way to the provider, and puts it in place of the overview."""

    def __init__(self, app: ASGIApp, is_page: Callable[[str], bool]) -> None:
        self.app = app
        self.is_page = is_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; of the two answers that lead there and back, with more headers."""
        if scope["type"] != "http" or scope["path"] not in (LEAVE, RETURN):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)

        async def lead(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if scope["path"] == LEAVE:
                    self._remember(asked, answer)
                else:
                    self._lead_back(scope, asked, answer)
            await send(message)

        await self.app(scope, receive, lead)

    def _remember(self, asked: Headers, answer: MutableHeaders) -> None:
        page = self.own(asked.get("referer", ""), asked.get("host", ""))
        state = _state(urlsplit(answer.get("location", "")).query)
        if page and state:
            text = f"{state}.{urlsafe_b64encode(page.encode()).decode().rstrip('=')}"
            answer.append("set-cookie", _cookie(text, _SECONDS))

    def _lead_back(self, scope: Scope, asked: Headers, answer: MutableHeaders) -> None:
        held = _held(asked.get("cookie", ""))
        if held is None:
            return
        answer.append("set-cookie", _cookie("", 0))
        state, _, written = held.partition(".")
        answered = _state(scope["query_string"].decode("latin-1"))
        if answer.get("location") != "/" or state != answered:
            return
        try:
            page = urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode("ascii")
        except (Error, ValueError):
            return
        # A site of the same domain may have written this.
        if led := self.own(f"//own{page}", "own"):
            answer["location"] = led

    def own(self, address: str, host: str) -> str | None:
        """Path and query of an address, where it is a page of this host; None of any other."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if not host or parts.netloc.lower() != host.lower() or not self.is_page(parts.path):
            return None
        path = f"/{parts.path.strip('/')}"
        if not parts.query or not _QUERY.fullmatch(parts.query) or len(parts.query) > _LONGEST:
            return path
        return f"{path}?{parts.query}"


def _state(query: str) -> str | None:
    """The word by which a provider's answer is known; None where there is no one such word."""
    found = parse_qs(query).get("state", [])
    return found[0] if len(found) == 1 and re.fullmatch(r"[\w-]+", found[0]) else None


def _held(text: str) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    for pair in text.split(";"):
        # One that cannot be read must not hide the others.
        if pair.strip().startswith(f"{COOKIE}="):
            cookies.load(pair.strip())
    return cookies[COOKIE].value if COOKIE in cookies else None


def _cookie(value: str, seconds: int) -> str:
    return f"{COOKIE}={value}; Path={RETURN}; Max-Age={seconds}; HttpOnly; SameSite=Lax"
