"""Who may have a file that was made for a download: who may save one. Never makes any.

Streamlit hands such files to whoever knows their address, and knows logins only of pages.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import cookie_parser
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.ui import file_owners
from warehouse.serving import ANALYST, Serve, Visitor, visitor_of_login

log = logging.getLogger(__name__)
FILES = "/media/"


def refusal(
    serve: Serve, known: Visitor | None, path: str, headers: Iterable[tuple[bytes, bytes]]
) -> tuple[int, str] | None:
    """Status and reason for who may not have a file; None of who may.

    `known` is who the proxy says it is; at a provider it is who the cookie of the login names.
    """
    if not serve.has_login:
        return None
    visitor = known if serve.user_header else _of_cookies(serve, headers)
    if visitor is None:
        return 401, "Log in to the dashboard, and save the file anew.\n"
    if not visitor.may(ANALYST):
        return 403, "Files are for analysts.\n"
    if not file_owners.is_for(visitor, path):
        return 403, "This file was made for others. Save it anew from its page.\n"
    return None


def _of_cookies(serve: Serve, headers: Iterable[tuple[bytes, bytes]]) -> Visitor | None:
    cookies: dict[str, str] = {}
    for name, value in headers:
        if name.lower() == b"cookie":
            cookies |= cookie_parser(value.decode("latin-1"))
    return visitor_of_login(serve, _claims(cookies), time.time())


def _claims(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the signed cookie of a login says; nothing where there is none."""
    try:
        said = starlette_websocket._get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
        claims = json.loads(said) if said else {}
    except Exception:
        # A cookie that cannot be read is no login.
        log.exception("a cookie of a login cannot be read")
        return {}
    return claims if isinstance(claims, dict) else {}
