"""Access logs of web servers: Apache and nginx lines, JSON of nginx and Caddy, W3C of IIS.

After the servers' documentation: Apache mod_log_config, nginx ngx_http_log_module, Caddy `log`,
the W3C extended log file format. The visitor is the address and the user agent, under a keyed
hash: neither stays in the lake, unless in a rejected line.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from etl.duck import quoted
from etl.errors import SourceError
from etl.formats.field_map import Derived, FieldMap, Keys
from etl.formats.format import Format, Request
from etl.formats.http_requests import WITH_PAGE, event_type
from etl.lake.pseudonyms import VARIABLE
from etl.read.sample import Sample

_QUOTED = r'(?:[^"\\]|\\.)*'
# Common and combined lines; nginx's own `main` ends with the address that a proxy forwarded. A
# dash means that nothing was there.
_LINE = (
    r'([^\s-]\S*) (?:-|(\S+)) (?:-|""|(.+?)) \[([^\]]*)\] '
    rf'"([A-Z]+) ({_QUOTED}?)(?: (HTTP/[0-9.]+))?" (\d{{3}}) (?:-|(\d+))'
    rf'(?: "(?:-|({_QUOTED}))" "(?:-|({_QUOTED}))"'
    r'(?: "(?:-|([0-9A-Fa-f.:]+(?:, ?[0-9A-Fa-f.:]+)*))")?(?: (.+?))?)?\s*$'
)
_COLUMNS = (
    "address", "ident", "user", "time", "method", "url", "protocol", "status", "bytes",
    "referrer", "user_agent", "forwarded", "more",
)  # fmt: skip
# With the virtual host before them, and without: one pattern for both would take twice the time.
_LINES = {
    rf"^([^\s:]+)(?::(\d+))? {_LINE}": ("host", "port", *_COLUMNS),
    rf"^{_LINE}": _COLUMNS,
}
_FIELDS = "#Fields:"
# An address in text that has no names: IPv4, and IPv6 whole or shortened.
_ADDRESS = r"\d+(?:\.\d+){3}|(?:[0-9A-Fa-f]+:){7}[0-9A-Fa-f]+|[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*"


def _flat(*names: str) -> tuple[Keys, ...]:
    return tuple((name,) for name in names)


def _asked(name: str) -> tuple[Keys, ...]:
    """A header of Caddy's request."""
    return (("request", "headers", name),)


# What a request says → its places in the lines above, nginx, IIS and CloudFront, then Caddy.
_PLACES: dict[str, tuple[Keys, ...]] = {
    "forwarded": _flat(
        "forwarded", "http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for",
        "X-Forwarded-For", "cs(X-Forwarded-For)",
    ),
    "address": (
        *_flat(
            "address", "remote_addr", "http_x_real_ip", "realip_remote_addr", "client_ip",
            "clientip", "remote_ip", "c-ip", "ip",
        ),
        ("request", "client_ip"), ("request", "remote_ip"), ("request", "remote_addr"),
    ),
    "user": _flat("user", "remote_user", "cs-username", "user_id"),
    "time": _flat(
        "msec", "time_iso8601", "time_local", "time", "timestamp", "@timestamp", "ts", "datetime",
    ),
    "date": _flat("date"),
    "method": (*_flat("method", "request_method", "cs-method"), ("request", "method")),
    "request": _flat("request"),
    "path": (
        *_flat("url", "request_uri", "uri", "cs-uri-stem", "path"), ("request", "uri"),
    ),
    "query": _flat("cs-uri-query", "args", "query_string"),
    "status": _flat("status", "sc-status"),
    "host": (
        *_flat("host", "http_host", "server_name", "vhost", "x-host-header", "cs-host", "cs(Host)"),
        ("request", "host"),
    ),
    "referrer": (
        *_flat("referrer", "http_referer", "http_referrer", "referer", "cs(Referer)"),
        *_asked("Referer"),
    ),
    "agent": (
        *_flat("user_agent", "http_user_agent", "agent", "cs(User-Agent)"),
        *_asked("User-Agent"),
    ),
}  # fmt: skip
# These name a person or a machine: they make the pseudonym, or nothing at all.
_PERSONAL = ("forwarded", "address", "agent")
_PERSONAL_HEADERS = (
    "User-Agent", "Sec-Ch-Ua", "X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "Forwarded",
    "Cf-Connecting-Ip", "True-Client-Ip", "Fly-Client-Ip", "Cookie", "Authorization",
)  # fmt: skip
# Columns hold these as they were received.
_IN_COLUMNS = ("time", *(keys[0] for name in ("user", "referrer") for keys in _PLACES[name]))


def recognises(sample: Sample, request: Request) -> bool:
    """Lines of which most are requests, W3C fields with a request, JSON with request and status."""
    if request.map:
        return False
    if sample.kind in ("ndjson", "json_array", "json_objects"):
        return "status" in sample.columns and any(map(_is_request, sample.records))
    return _is_w3c(sample) or _is_lines(sample)


def _is_request(record: dict[str, object]) -> bool:
    inside = record.get("request")
    if isinstance(inside, dict):
        return {"method", "uri"} <= inside.keys() and "status" in record
    has_request = not {"request", "request_uri", "uri"}.isdisjoint(record)
    has_address = any(len(keys) == 1 and keys[0] in record for keys in _PLACES["address"])
    return has_request and has_address and "status" in record


def _is_w3c(sample: Sample) -> bool:
    return any(line.startswith(_FIELDS) and "c-ip" in line for line in sample.head)


def _is_lines(sample: Sample) -> bool:
    return max(_matching(pattern, sample) for pattern in _LINES) > len(sample.head) / 2


def _matching(pattern: str, sample: Sample) -> int:
    # Of other text hardly any line has this, which is found faster than the pattern fails.
    lines = (line for line in sample.head if '] "' in line)
    return sum(re.match(pattern, line) is not None for line in lines)


def refine(sample: Sample) -> Sample:
    """The sample as lines that a pattern cuts. SourceError when no line is a request."""
    if sample.kind != "delimited":
        return sample
    if _is_w3c(sample):
        fields = next(line for line in sample.head if line.startswith(_FIELDS)).split()[1:]
        pattern = "^" + r"[ \t]".join([r"(?:-|(\S+))"] * len(fields)) + r"\s*$"
        return replace(sample, kind="lines", columns=tuple(fields), pattern=pattern, comment="#")
    pattern = max(_LINES, key=lambda pattern: _matching(pattern, sample))
    if not _matching(pattern, sample):
        msg = (
            f"{sample.path}: no line of its beginning is a request as Apache and nginx log it. "
            "Wanted: common or combined lines, W3C lines with #Fields, or JSON lines. Met: "
            f"{sample.head[0][:120]}"
        )
        raise SourceError(msg)
    return replace(sample, kind="lines", columns=_LINES[pattern], pattern=pattern)


class _LogEntry:
    """What a record says, by the names of _PLACES, and by `path` and `agent`."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.places = {
            name: [keys for keys in places if keys[0] in columns]
            for name, places in _PLACES.items()
        }
        self.all = tuple(keys for places in self.places.values() for keys in places)
        self.columns = {name: self._first(name) for name in _PLACES}
        # Where no field has them, the request line does: GET /start HTTP/1.1
        for number, name in enumerate(("method", "path"), start=1):
            word = f"nullif(split_part({self.columns['request']}, ' ', {number}), '')"
            self.columns[name] = f"coalesce({self.columns[name]}, {word})"
        if "c-ip" in columns:
            # W3C: the day in a field of its own, both in UTC; no blanks in any field.
            date, time, agent = (self.columns[name] for name in ("date", "time", "agent"))
            self.columns["time"] = f"{date} || ' ' || {time} || '+00'"
            self.columns["agent"] = f"decoded(replace({agent}, '+', ' '))"

    def _first(self, name: str) -> str:
        """The first place that holds something, null without any. A dash is nothing."""
        texts = [f"nullif({self._text(keys)}, '-')" for keys in self.places[name]]
        return f"coalesce({', '.join([*texts, 'null'])})"

    def _text(self, keys: Keys) -> str:
        text = f"{{{self.all.index(keys)}}}"
        # Caddy lists the values of a header: the first of them.
        is_header = keys[:2] == ("request", "headers")
        return f"nullif({text} ->> '$[0]', '')" if is_header else text

    def derived(self) -> Derived:
        """A struct of all names."""
        fields = ", ".join(f"'{name}': {sql}" for name, sql in self.columns.items())
        return Derived(f"{{{{{fields}}}}}", self.all)


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map, made of the names that the file has."""
    entry = _LogEntry(columns)
    # Of these names only request_uri and Caddy's uri hold the query string too.
    has_query = entry.places["query"] and "request_uri" not in columns
    url = "entry.path || coalesce('?' || entry.query, '')" if has_query else "entry.path"
    shared = {
        "entry": entry.derived(),
        "kind": Derived(event_type("upper(entry.method)", "entry.path", "entry.status")),
    }
    expressions = {
        "user_id": "entry.user",
        "anonymous_id": _PSEUDONYM,
        "time": "entry.time",
        "type": "kind",
        # Where a visit begins and ends is told by pages, not by images.
        "url": f"case when kind in {WITH_PAGE} then {url} end",
        "page_host": "regexp_replace(entry.host, ':[0-9]+$', '')",
        "referrer": "entry.referrer",
        "campaign": f"campaign_of({url})",
        "user_agent": "entry.agent",
    }
    derived = {role: Derived(sql) for role, sql in expressions.items()}
    is_lines = sample.kind == "lines"
    properties = _properties_of_lines(columns) if is_lines else _properties_of_json()
    return [FieldMap({}, derived, shared, properties=properties)]


# Behind a proxy the first address that it forwards is the visitor's; some add the port, which
# changes all the time. Without the key it is null, never a hash that anybody could work out.
_PSEUDONYM = f"""left(sha256(
    getvariable({quoted(VARIABLE)}) || chr(31)
    || list_transform(
        [coalesce(nullif(trim(split_part(entry.forwarded, ',', 1)), 'unknown'), entry.address)],
        lambda ip: case
            when contains(ip, ':') then regexp_replace(ip, '^([0-9.]+):[0-9]+$', '\\1')
            else ip
        end
    )[1]
    || chr(31) || coalesce(entry.agent, '')
), 32)"""


# Without what is personal and what columns hold. Any field may come up further on in a file.
_REMOVED = {
    key: None
    for key in (*(keys[0] for name in _PERSONAL for keys in _PLACES[name]), *_IN_COLUMNS)
    if key != "request"
}
_REMOVED_OF_REQUEST = {
    **dict.fromkeys(("remote_ip", "remote_addr", "client_ip", "remote_port")),
    "headers": dict.fromkeys((*_PERSONAL_HEADERS, "Referer")),
}


def _properties_of_lines(columns: Sequence[str]) -> str:
    """SQL of what lines say, which have these columns and no others."""
    removed = quoted(json.dumps({key: None for key in _REMOVED if key in columns}))
    # To look for a word costs less than to look into the record.
    return f"""case
        when contains(record, '"more":')
            then json_merge_patch(
                record,
                {removed},
                json_object(
                    'more', regexp_replace(record ->> '$.more', {quoted(_ADDRESS)}, '', 'g')
                )
            )
        else json_merge_patch(record, {removed})
    end"""


def _properties_of_json() -> str:
    """SQL of what a JSON record says."""
    nested = quoted(json.dumps(_REMOVED | {"request": _REMOVED_OF_REQUEST}))
    return f"""case
        when json_type(record, '$.request') = 'OBJECT' then json_merge_patch(record, {nested})
        else json_merge_patch(record, {quoted(json.dumps(_REMOVED))})
    end"""


FORMAT = Format(
    name="access_log",
    sentence="Access logs: Apache and nginx lines, JSON of nginx and Caddy, W3C of IIS.",
    sessions="inactivity",
    recognises=recognises,
    refine=refine,
    field_maps=field_maps,
    has_pseudonyms=True,
)
