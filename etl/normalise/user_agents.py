"""User agents to device, browser, operating system. Each distinct one is read once."""

import re
from collections.abc import Iterable

# What asks without a person, beside the crawlers that crawler-user-agents lists. Robots name
# themselves, or say where to complain: a URL, an address.
_BOT = re.compile(
    # Not the phones of the brand Cubot.
    r"(?<!cu)bot\b|bot[/;:,)_-]|robot|"
    r"crawl|spider|slurp|scrap[ey]|archiver|indexer|validator|link ?check|\bfeed|feed\b|\brss\b|"
    r"monitor|uptime|pingdom|statuscake|site24x7|synthetic|healthcheck|kube-probe|\bgooglehc|"
    r"zabbix|nagios|check_http|pagespeed|lighthouse|gtmetrix|"
    r"headless|phantomjs|puppeteer|playwright|selenium|electron-fetch|"
    r"preview|externalhit|externalagent|externalfetcher|facebookcatalog|^whatsapp/|embedly|"
    r"\bgoogle-[a-z]|-google\b|googleother|imageproxy|favicon|"
    r"gptbot|chatgpt|oai-search|claude|anthropic|perplexity|cohere-ai|mistralai|bytespider|"
    # Programs' libraries; an app for phones names itself before it.
    r"curl/|wget|libwww|\blwp|python|aiohttp|^httpx|java/|jakarta|apache-httpclient|"
    r"go-http-client|^go |okhttp|^axios|node-fetch|undici|^node|^got |guzzle|^php|http_request|"
    r"^ruby|faraday|^perl|postman|insomnia|^rest-client|winhttp|libfetch|nutch|"
    r"\+ ?https?:|[\w.-]@[\w-]+\.\w|^(?!mozilla/|opera).*https?://|"
    r"^mozilla/[\d.]+ \(compatible; (?!msie|konqueror)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\btv\b|tv[;/]|smart-?tv|googletv|appletv|bravia|web0s|netcast|hbbtv|crkey|\broku|"
    r"\baft[a-z]{1,3}\b|playstation|xbox|nintendo",
    re.IGNORECASE,
)
# Windows on desktops names its Tablet PC components. Browsers on phones with Android say mobile;
# apps say neither, and most of them are on phones.
_TABLET = re.compile(
    r"ipad|tablet(?! pc)|kindle|silk/|playbook|android(?!.*mobile).*(?:applewebkit|gecko/)",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"mobi|iphone|ipod|android|windows phone|windows ce|blackberry|bb10|kaios|symbian|series ?60|"
    r"opera mini|midp|j2me|up\.browser|wap browser|nokia|cfnetwork(?!.*(?:x86_64|mac))",
    re.IGNORECASE,
)
_DESKTOP = re.compile(
    r"windows|macintosh|mac os|mac_?book|\bx11|linux|bsd|\bcros\b|cygwin", re.IGNORECASE
)
_NONE = ("", "-")

COLUMNS = {name: "VARCHAR" for name in ("user_agent", "device_type", "browser", "os")}


def agents(user_agents: Iterable[str]) -> list[dict[str, str | None]]:
    """Rows of user_agent, device_type, browser, os; one per user agent given.

    Empty ones and the dash of access logs say nothing, and have no row.
    """
    user_agents = [text for text in user_agents if text.strip() not in _NONE]
    # The parser's rules take a quarter of a second to load: not for files without any.
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
    """desktop, mobile, tablet, bot or other, by what the user agent says of itself.

    An iPad that asks for desktop pages, as most do, is a desktop: it says nothing else.
    """
    if is_bot(user_agent):
        return "bot"
    for name, pattern in (
        ("other", _OTHER),
        ("tablet", _TABLET),
        ("mobile", _MOBILE),
        ("desktop", _DESKTOP),
    ):
        if pattern.search(user_agent):
            return name
    return "other"


def is_bot(user_agent: str) -> bool:
    """Whether a program asks, not a person: one that says so, or is listed as a crawler."""
    if _BOT.search(user_agent):
        return True
    # The list is long: asked last, and not loaded for files without user agents.
    from etl.normalise.crawlers import crawlers

    return bool(crawlers().search(user_agent))
