"""What headers say of a browser: its user agent, hints, and whether it asks not to be tracked.

The user agent itself is read by the ETL. Hints stand in where there is none.
"""

import re
from collections.abc import Mapping

Headers = Mapping[bytes, bytes]
# As the ETL calls them.
_SYSTEMS = {"macos": "Mac OS X", "chromium os": "Chrome OS"}
_BROWSERS = {"google chrome": "Chrome", "microsoft edge": "Edge", "chromium": "Chromium"}
_MADE_UP = re.compile(r"not[^a-z]?a[^a-z]?brand")
_BRAND = re.compile(r'"([^"]*)";\s*v=')
_NO_HINTS: Mapping[str, str] = {}
_LONGEST = 1_000


def user_agent(headers: Headers) -> str | None:
    """The user agent, cut where it is too long; None without one."""
    agent = headers.get(b"user-agent", b"")[:_LONGEST].decode("utf-8", "replace").strip()
    return agent if agent not in ("", "-") else None


def hints(headers: Headers) -> Mapping[str, str]:
    """device_type, browser and os as client hints have them, of those that came."""
    if b"sec-ch-ua" not in headers and b"sec-ch-ua-platform" not in headers:
        return _NO_HINTS
    found: dict[str, str] = {}
    if headers.get(b"sec-ch-ua-mobile") == b"?1":
        found["device_type"] = "mobile"
    elif b"sec-ch-ua-mobile" in headers:
        found["device_type"] = "desktop"
    if system := headers.get(b"sec-ch-ua-platform", b"").decode("latin-1").strip('" '):
        found["os"] = _SYSTEMS.get(system.lower(), system)[:64]
    brands = [brand.lower() for brand in _BRAND.findall(_text(headers, b"sec-ch-ua"))]
    # One brand is made up, so that nobody relies on them; what is built on Chromium says so too.
    real = [brand for brand in brands if not _MADE_UP.search(brand)]
    if named := sorted(real, key="chromium".__eq__):
        found["browser"] = _BROWSERS.get(named[0], named[0].title())[:64]
    return found


def asks_not_to_be_tracked(headers: Headers) -> bool:
    """Whether Do Not Track or Global Privacy Control is on."""
    return headers.get(b"dnt") == b"1" or headers.get(b"sec-gpc") == b"1"


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"")[:_LONGEST].decode("latin-1")
