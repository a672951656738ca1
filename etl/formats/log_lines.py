"""The shapes in which servers and load balancers write a request on a line. Never reads a file.

After the documentation of Apache mod_log_config, nginx ngx_http_log_module, HAProxy (HTTP log
format), AWS Elastic Load Balancing (application and classic) and Amazon S3 server access logs.

What stands before the address (a virtual host; what syslog, journald or a container puts there)
is never taken for the user. A line is cut only where address and user stand at places that leave
no doubt: the address right before `ident user [time]`, or at the very beginning.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

# An address: IPv4, and IPv6 whole or shortened.
_V4 = r"\d+(?:\.\d+){3}"
_V6 = r"(?:[0-9A-Fa-f]+:){7}[0-9A-Fa-f]+|[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*"
ADDRESS = rf"{_V4}|{_V6}"
# What grep writes right before the address: the file's name, which has a letter or sign that no
# address has, and the number of the line. The groups are the address.
GREPPED = rf"^\S*[^0-9A-Fa-f:.\s\[\]][^\s:]*:(?:(?:\d+:)?({_V4}(?::\d+)?)|({_V6}))$|^\d+:({_V4})$"
_QUOTED = r'(?:[^"\\]|\\.)*'
# A word of a name: a dash alone is none.
_WORD = r'(?:[^\s"\[-][^\s"\[]*|-[^\s"\[]+)'
# Ident and user. Only behind an ident that is a dash, as it nearly always is, may a user's name
# have blanks; some servers write more dashes there.
_WHO = rf'(?:- (?:-(?: -)*|""|({_WORD}(?: +{_WORD})*))|[^\s"\[-]\S* (?:-|""|({_WORD})))'
# What another program puts before a line: never the bracket with the time, nor what follows it.
_BEFORE = r'((?:[^\["]|\[[^\]/]*\]|"[^"\[]*")*)'
_REQUEST = rf'"([A-Z]+) ({_QUOTED}?)(?: (HTTP/[0-9.]+))?"'
# nginx's own `main` ends with the address that a proxy forwarded. A dash is nothing.
_REST = (
    rf"\[([^\]]*)\] {_REQUEST} (\d{{3}}) (?:-|(\d+))"
    rf'(?: "(?:-|({_QUOTED}))" "(?:-|({_QUOTED}))"'
    r'(?: "(?:-|([0-9A-Fa-f.:]+(?:, ?[0-9A-Fa-f.:]+)*))")?(?: (.+?))?)?\s*$'
)
_COLUMNS = (
    "address", "user", "user", "time", "method", "url", "protocol", "status", "bytes",
    "referrer", "user_agent", "forwarded", "more",
)  # fmt: skip
_QUOTED_OR_DASH = rf'"(?:-|({_QUOTED}))"'
_CLIENT = r"(?:-|\[?([0-9A-Fa-f.:]+)\]?:\d+)"


@dataclass(frozen=True)
class Shape:
    """A pattern with a group for each of the columns; of a name that comes twice, the first group
    that holds something. `server`: what writes such lines.
    """

    server: str
    pattern: str
    columns: tuple[str, ...]


_PLAIN = Shape("Apache or nginx", rf"^([^\s-]\S*) {_WHO} {_REST}", _COLUMNS)
# One pattern for lines with a virtual host and without would take twice the time.
_HOST = Shape(
    "Apache with the virtual host",
    rf"^([^\s:\[\"]*[A-Za-z][^\s:\[\"]*)(?::(\d+))? ([^\s-]\S*) {_WHO} {_REST}",
    ("host", "port", *_COLUMNS),
)
_PREFIXED = Shape(
    "Apache or nginx through another program",
    rf"^{_BEFORE} ({ADDRESS}) {_WHO} {_REST}",
    ("before", *_COLUMNS),
)
_NAME_PREFIXED = Shape(
    "Apache through another program, with names for addresses",
    rf'^{_BEFORE} ([^\s"\[-][^\s"\[]*\.[^\s"\[]*[A-Za-z]) {_WHO} {_REST}',
    ("before", *_COLUMNS),
)
_ADDRESS_FIRST = Shape(
    "Apache or nginx with more words behind the address",
    rf'^({ADDRESS}) ((?:[^\s"\[]+ )+?){_WHO} {_REST}',
    ("address", "before", *_COLUMNS[1:]),
)
_OTHERS = (
    Shape(
        "an application load balancer of AWS",
        rf"^(https?|h2|wss?|grpcs?) (\S+Z) (\S+) {_CLIENT} (\S+) (\S+) (\S+) (\S+) (\d{{3}}) (\S+) "
        rf'(\d+) (\d+) {_REQUEST} {_QUOTED_OR_DASH} (\S+) (\S+) (\S+) "([^"]*)" '
        rf"{_QUOTED_OR_DASH}(?: (.+?))?\s*$",
        (
            *("scheme", "time", "balancer", "address", "target", "request_processing_time"),
            *("target_processing_time", "response_processing_time", "status", "target_status"),
            *("received_bytes", "bytes", "method", "url", "protocol", "user_agent", "cipher"),
            *("tls", "target_group", "trace_id", "host", "more"),
        ),
    ),
    Shape(
        "a classic load balancer of AWS",
        rf"^(\d{{4}}-\S+Z) (\S+) {_CLIENT} (\S+) (\S+) (\S+) (\S+) (\d{{3}}) (\S+) (\d+) (\d+) "
        rf"{_REQUEST}(?: {_QUOTED_OR_DASH}(?: (.+?))?)?\s*$",
        (
            *("time", "balancer", "address", "target", "request_processing_time"),
            *("target_processing_time", "response_processing_time", "status", "target_status"),
            *("received_bytes", "bytes", "method", "url", "protocol", "user_agent", "more"),
        ),
    ),
    Shape(
        "Amazon S3",
        r"^[0-9a-f]{8,} (\S+) \[([^\]]+)\] (\S+) (?:-|(\S+)) (\S+) ([A-Z]+\.[A-Z_.]+) (?:-|(\S+)) "
        rf"{_REQUEST} (\d{{3}}) (?:-|(\S+)) (?:-|(\d+)) (?:-|(\d+)) (?:-|(\d+)) (?:-|(\d+)) "
        rf"{_QUOTED_OR_DASH} {_QUOTED_OR_DASH}(?: (.+?))?\s*$",
        (
            *("bucket", "time", "address", "user", "request_id", "operation", "key", "method"),
            *("url", "protocol", "status", "error_code", "bytes", "object_bytes", "total_time"),
            *("turnaround_time", "referrer", "user_agent", "more"),
        ),
    ),
    Shape(
        "HAProxy",
        rf"^(?:{_BEFORE} )?({ADDRESS}):\d+ "
        r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d)(?:\.\d+)?\] "
        r"(\S+) (\S+) ([-+0-9/]+) (\d{3}) \+?(\d+) \S+ \S+ (\S{4}) ([0-9/+]+) ([0-9/]+) "
        rf"(?:\{{([^}}]*)\}} )?(?:\{{[^}}]*\}} )?{_REQUEST}\s*$",
        (
            *("before", "address", "accept_date", "frontend", "backend", "times", "status"),
            *("bytes", "termination_state", "connections", "queue", "captured", "method", "url"),
            "protocol",
        ),
    ),
)
_SHAPES = (_PLAIN, _HOST, _PREFIXED, _ADDRESS_FIRST, _NAME_PREFIXED, *_OTHERS)
_HINT = re.compile(r'"[A-Z]+ [^"]')
# A request of any shape: it tells that lines are a log, also where they cannot be cut.
_ANY_REQUEST = re.compile(
    r'\[\d\d/[A-Z][a-z]{2}/\d{4}:[^\]]*\].* "[A-Z]+ [^"]* HTTP/[0-9.]+" \d{3}'
)


def shape_of(lines: Iterable[str]) -> tuple[Shape | None, int]:
    """The shape of most lines, and of how many; None where no line has any.

    Lines in which an address stands at another place than the shape says do not count.
    """
    told = [line for line in lines if _HINT.search(line)]
    best: Shape | None = None
    most: list[dict[str, str]] = []
    for shape in _SHAPES:
        found = [cut for line in told if (cut := _cut(shape, line))]
        if len(found) > len(most):
            best, most = shape, found
        if len(most) == len(told):
            break
    return (_named(best, most) if best else None), len(most)


def are_requests(lines: Sequence[str]) -> bool:
    """Whether most lines are requests, in whatever shape."""
    return sum(_ANY_REQUEST.search(line) is not None for line in lines) > len(lines) / 2


def _cut(shape: Shape, line: str) -> dict[str, str] | None:
    """What a line says by the names of the columns; None where it cannot be cut safely."""
    match = re.match(shape.pattern, line)
    if match is None:
        return None
    said: dict[str, str] = {}
    for name, text in zip(shape.columns, match.groups(), strict=True):
        if text and name not in said:
            said[name] = text
    address = said.get("address", "")
    if re.fullmatch(ADDRESS, said.get("user", "")):
        return None
    if shape in _OTHERS or re.fullmatch(ADDRESS, address):
        return said
    # A name stands at the address's place: an address beside it would be the visitor's.
    words = line.partition("[")[0].split()
    has_address = any(re.fullmatch(rf"(?:{ADDRESS}),?", word) for word in words)
    return None if has_address else said


def _named(shape: Shape, cuts: Sequence[dict[str, str]]) -> Shape:
    """The shape, with names for the columns whose meaning only their values tell."""
    if shape is _HOST and _is_one_to_one(cuts):
        # A host for each address and an address for each host: the visitor's name, not the site's.
        return _renamed(shape, "host", "remote_host")
    if shape is _PREFIXED and _is_forwarded(cuts):
        return _renamed(shape, "before", "forwarded_before")
    return shape


def _renamed(shape: Shape, old: str, new: str) -> Shape:
    return replace(shape, columns=tuple(new if name == old else name for name in shape.columns))


def _is_one_to_one(cuts: Sequence[dict[str, str]]) -> bool:
    pairs = {(cut["host"], cut["address"]) for cut in cuts if "port" not in cut}
    hosts, addresses = ({pair[n] for pair in pairs} for n in (0, 1))
    return len(pairs) > 1 and len(pairs) == len(hosts) == len(addresses)


def _is_forwarded(cuts: Sequence[dict[str, str]]) -> bool:
    """Whether the first address before the proxy's own is the visitor's: it differs more."""
    firsts = [re.search(rf"(?:^|[\s\",])({ADDRESS})\b", cut.get("before", "")) for cut in cuts]
    others = {first[1] for first in firsts if first}
    is_list = any(cut.get("before", "").rstrip('"').endswith(",") for cut in cuts)
    return bool(others) and (is_list or len(others) > len({cut["address"] for cut in cuts}))
