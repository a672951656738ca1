"""User agents to device, browser, operating system. Each distinct one is read once."""

import re
from collections.abc import Iterable

_BOT = re.compile(
    r"bot\b|bot[/;) ]|crawl|spider|slurp|archiver|facebookexternalhit|preview|monitor|"
    r"headlesschrome|curl/|wget/|python-requests|java/|go-http-client|libwww|feedfetcher",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|android(?!.*mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|android|windows phone|blackberry", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|x11|linux|cros", re.IGNORECASE)

COLUMNS = {name: "VARCHAR" for name in ("user_agent", "device_type", "browser", "os")}


def agents(user_agents: Iterable[str]) -> list[dict[str, str | None]]:
    """Rows of user_agent, device_type, browser, os; one per user agent given."""
    # The parser's rules take a quarter of a second to load: not for files without any.
    user_agents = list(user_agents)
    if not user_agents:
        return []
    from ua_parser import parse

    rows: list[dict[str, str | None]] = []
    for text in user_agents:
        parsed = parse(text)
        rows.append(
            {
                "user_agent": text,
                "device_type": device_type(text),
                "browser": parsed.user_agent.family if parsed.user_agent else None,
                "os": parsed.os.family if parsed.os else None,
            }
        )
    return rows


def device_type(user_agent: str) -> str:
    """desktop, mobile, tablet, bot or other, by what the user agent says of itself."""
    for name, pattern in (
        ("bot", _BOT),
        ("tablet", _TABLET),
        ("mobile", _MOBILE),
        ("desktop", _DESKTOP),
    ):
        if pattern.search(user_agent):
            return name
    return "other"
