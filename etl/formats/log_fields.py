"""The names that servers give to what a request says. Never reads a file.

Names are compared without case and punctuation: `cs(User-Agent)` is csuseragent.
"""

import re
from collections.abc import Iterable

from etl.formats.field_map import Keys, plain_name

# What a request says → plain names of it in lines, nginx, IIS, CloudFront, Traefik, Cloudflare and
# in logs that were turned into tables; most telling first.
_NAMES: dict[str, tuple[str, ...]] = {
    "forwarded": (
        "forwarded", "httpxforwardedfor", "xforwardedfor", "csxforwardedfor",
        "requestxforwardedfor", "forwardedfor", "xff",
    ),
    "forwarded_before": ("forwardedbefore",),
    "captured": ("captured",),
    "before": ("before",),
    "address": (
        "address", "remoteaddr", "httpxrealip", "realipremoteaddr", "clientip", "remoteip", "cip",
        "ip", "clienthost", "clientaddr", "clientaddress", "remoteaddress", "ipaddress", "ipaddr",
        "remotehost", "client", "visitorip", "sourceip", "srcip", "userip",
    ),
    "user": (
        "user", "remoteuser", "csusername", "userid", "clientusername", "username", "authuser",
    ),
    "time": (
        "msec", "timeiso8601", "timelocal", "time", "timestamp", "ts", "datetime", "startutc",
        "edgestarttimestamp", "requesttimestamp", "starttime", "logtime", "eventtime",
        "requesttimelocal", "localtime",
    ),
    "accept_date": ("acceptdate",),
    "date": ("date",),
    "method": (
        "method", "requestmethod", "csmethod", "verb", "httpmethod", "clientrequestmethod",
        "httpverb", "requestverb",
    ),
    "request": ("request", "requestline", "httprequest"),
    "path": (
        "url", "requesturi", "uri", "csuristem", "path", "requestpath", "requesturl", "urlpath",
        "uripath", "clientrequesturi", "endpoint", "page", "resource",
    ),
    "query": ("csuriquery", "args", "querystring", "query"),
    "status": (
        "status", "scstatus", "statuscode", "httpstatus", "httpstatuscode", "responsestatus",
        "responsecode", "httpcode", "downstreamstatus", "edgeresponsestatus", "originstatus",
        "code", "response",
    ),
    "host": (
        "host", "httphost", "servername", "vhost", "xhostheader", "cshost", "requesthost",
        "clientrequesthost", "virtualhost", "domainname", "domain",
    ),
    "referrer": (
        "referrer", "httpreferer", "httpreferrer", "referer", "csreferer", "requestreferer",
        "clientrequestreferer", "refererurl", "referrerurl", "ref",
    ),
    "agent": (
        "useragent", "httpuseragent", "agent", "csuseragent", "requestuseragent",
        "clientrequestuseragent", "ua",
    ),
}  # fmt: skip
# Caddy nests what was asked.
_NESTED: dict[str, tuple[Keys, ...]] = {
    "address": (
        ("request", "client_ip"), ("request", "remote_ip"), ("request", "remote_addr"),
    ),
    "method": (("request", "method"),),
    "path": (("request", "uri"),),
    "host": (("request", "host"),),
    "referrer": (("request", "headers", "Referer"),),
    "agent": (("request", "headers", "User-Agent"),),
}  # fmt: skip
ROLES = tuple(_NAMES)
# Columns hold these as they were received.
_HELD = ("accept_date", "user", "referrer")
# These name a person or a machine, or let somebody in: they make the pseudonym, or nothing at all.
_PERSONAL = re.compile(
    r"cookie|authorization|useragent|forwarded|^agent$|^ua$|"
    r"^(?:ip|ident|before|captured|client|xff|cdns)$|"
    r"^(?:https?|x|cs?|cf|request|client|remote|real|realip|remotehost|connecting|true|fly|visitor"
    r"|source|src|user|peer|browser)*"
    r"(?:ip|ipaddr|ipaddress|addr|address|clientport|remoteport|cport|dns|clienthost|remotehost"
    r"|computername|playerid)$"
)
# The same in a name as it is written, which both Python and DuckDB read: at any depth, whatever
# stands before it. `addr` alone, deeper down, may be a server's (upstream.addr).
# A zip is no ip, so only a whole word is one, or what stands behind a known word.
_LETTERS = r"[^\"\\\x01]*"
PERSONAL_NAME = (
    rf"(?:{_LETTERS}(?i:cookie|authorization|forwarded|user[-_ ]?agent|api[-_]?key|auth[-_]?token)"
    rf"{_LETTERS}|(?i:xff|sec-ch-ua|(?:{_LETTERS}[^a-z\"\\\x01])?ip(?:[-_ ]?v?[46])?"
    rf"|{_LETTERS[:-1]}+(?:addr|address|addresses)"
    rf"|{_LETTERS}(?:client|remote|real|user|visitor|source|src|peer|socket|connecting|caller"
    rf"|browser|true|proxy)[-_ ]?(?:ips?|host|port))\)?"
    rf"|{_LETTERS}[a-z0-9]I[Pp](?:[vV]?[46])?)"
)
# Addresses of servers are nobody's.
SERVER_NAME = (
    r"(?i:(?:server|upstream|backend|target|balancer|local|listen|dst|dest|destination|s|node|pod"
    r"|container)(?:[-_. ]?(?:host|private|public|internal))*[-_. ]?(?:ip|addr|address))"
)
_IS_PERSONAL = re.compile(PERSONAL_NAME)
_IS_SERVERS = re.compile(SERVER_NAME)
# Where they may come up further on in a file than its beginning shows.
_USUAL = (
    *("forwarded", "http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for"),
    *("X-Forwarded-For", "cs(X-Forwarded-For)", "remote_addr", "http_x_real_ip", "x-real-ip"),
    *("X-Real-Ip", "X-Real-IP", "realip_remote_addr", "client_ip", "clientip", "remote_ip"),
    *("c-ip", "ip", "address", "user_agent", "http_user_agent", "agent", "cs(User-Agent)"),
    *("http_cookie", "cookie", "Cookie", "cookies", "set_cookie", "cs(Cookie)", "request_Cookie"),
    *("http_authorization", "authorization", "Authorization", "request_Authorization"),
    *("ClientAddr", "ClientHost", "request_User-Agent", "request_X-Forwarded-For"),
    *("request_X-Real-Ip", "downstream_Set-Cookie", "origin_Set-Cookie", "http_cf_connecting_ip"),
    *("time", "user", "remote_user", "cs-username", "user_id", "referrer", "http_referer"),
    *("http_referrer", "referer", "cs(Referer)"),
)
_PERSONAL_HEADERS = (
    "User-Agent", "Sec-Ch-Ua", "X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "Forwarded",
    "Cf-Connecting-Ip", "True-Client-Ip", "Fly-Client-Ip", "Cookie", "Authorization",
    "Proxy-Authorization", "X-Api-Key",
)  # fmt: skip
# Of Caddy's request, and of its response.
REMOVED_OF_REQUEST = {
    **dict.fromkeys(("remote_ip", "remote_addr", "client_ip", "remote_port")),
    "headers": dict.fromkeys((*_PERSONAL_HEADERS, "Referer")),
}
REMOVED_OF_RESPONSE = {"Set-Cookie": None}


def places_of(columns: Iterable[str]) -> dict[str, list[Keys]]:
    """What a request says → its places in a record with these columns, most telling first."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(plain_name(column), column)
    nested = _NESTED if "request" in columns else {}
    return {
        role: [
            *((by_name[name],) for name in names if name in by_name),
            *nested.get(role, ()),
        ]
        for role, names in _NAMES.items()
    }


def is_personal(column: str) -> bool:
    """Whether a column of this name must not stay."""
    if _PERSONAL.search(plain_name(column)):
        return True
    return bool(_IS_PERSONAL.fullmatch(column) and not _IS_SERVERS.fullmatch(column))


def removed(columns: Iterable[str], *, is_closed: bool) -> dict[str, None]:
    """The columns that do not stay in the properties: what is personal, and what columns hold.

    `is_closed`: the records have these columns and no others.
    """
    columns = tuple(columns)
    places = places_of(columns)
    gone = [column for column in columns if is_personal(column)]
    gone += [keys[0] for role in _HELD for keys in places[role][:1] if keys[0] != "request"]
    gone += [name for name in _USUAL if name in columns or not is_closed]
    return dict.fromkeys(name for name in gone if name != "request")
