"""Access logs of web servers: lines, JSON, W3C fields, and tables made of such logs.

The shapes of lines are in log_lines.py, the names of fields in log_fields.py. The visitor is the
address and the user agent, under a keyed hash (log_privacy.py): neither stays in the lake, unless
in a rejected line.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from etl.duck import quoted
from etl.errors import SourceError
from etl.formats.field_map import ALIASES, Derived, FieldMap, plain_name
from etl.formats.format import Format, Request
from etl.formats.http_requests import WITH_PAGE, event_type
from etl.formats.log_entry import LogEntry, doubled
from etl.formats.log_fields import places_of
from etl.formats.log_lines import ADDRESS, are_requests, shape_of
from etl.formats.log_privacy import (
    PSEUDONYM,
    WHO,
    properties_of_json,
    properties_of_lines,
    without_address,
)
from etl.read.sample import Sample

_FIELDS = "#Fields:"
_JSON = ("ndjson", "json_array", "json_objects", "json_wrapped")
_LOOKED_AT = 20
_STATUS = re.compile(r"[1-5]\d\d(?:\.0)?")
_CLIENT = re.compile(rf"(?:\[?(?:{ADDRESS})\]?(?::\d+)?|[^\s,]+\.[^\s,]+|localhost)(?:,.*)?")
# An address as a server may write it: in brackets, with its zone, its network, its port.
_WRITTEN = rf"\s*\[?(?:{ADDRESS})(?:%[\w.~-]+)?(?:/\d+)?\]?(?::\d+)?\s*"
_ASKED = re.compile(r"/|https?://|[A-Z]+ \S|\*$")
# A field of a W3C line: a dash, a text in quotes, a word.
_FIELD = r'(?:-|"((?:[^"]|"")*)"|(\S+))'


def recognises(sample: Sample, request: Request) -> bool:
    """Lines of which most are requests, W3C fields with a request, rows with request, address and
    status."""
    if request.map:
        return False
    if sample.kind in _JSON:
        return any(map(_is_request, islice(sample.records, _LOOKED_AT)))
    if sample.kind == "parquet":
        return _has_names_of_log(sample.columns)
    if sample.kind != "delimited":
        return False
    if _is_w3c(sample) or _is_table(sample):
        return True
    # Lines that cannot be cut are a log as well: better refused than taken for something else.
    return shape_of(sample.head)[1] > len(sample.head) / 2 or are_requests(sample.head)


def _is_request(record: Mapping[str, object]) -> bool:
    inside = record.get("request")
    if isinstance(inside, dict):
        return {"method", "uri"} <= inside.keys() and "status" in record
    if not _has_names_of_log(record):
        return False
    places = places_of(record)

    def fits(pattern: re.Pattern[str], *roles: str) -> bool:
        texts = [str(record[keys[0]]) for role in roles for keys in places[role][:1]]
        return any(map(pattern.match, texts))

    return (
        fits(re.compile(rf"{_STATUS.pattern}$"), "status")
        and fits(_CLIENT, "address", "forwarded")
        and fits(_ASKED, "path", "request")
    )


def _has_names_of_log(columns: Iterable[str]) -> bool:
    """Whether columns name a request as only a server tells it, and no event."""
    columns = tuple(columns)
    if not set(map(plain_name, columns)).isdisjoint({*ALIASES["type"]} - {"action", "type"}):
        return False
    places = places_of(columns)
    has_more = places["method"] or places["request"] or places["agent"]
    return bool(
        (places["address"] or places["forwarded"])
        and places["status"]
        and (places["path"] or places["request"])
        and (places["time"] or places["date"])
        and has_more
    )


def _is_table(sample: Sample) -> bool:
    return _has_names_of_log(sample.columns) and any(map(_is_request, _rows(sample)))


def _rows(sample: Sample) -> Iterator[dict[str, str]]:
    """The first rows of a delimited file."""
    lines = sample.head[sample.preamble + sample.has_header :][:_LOOKED_AT]
    for row in csv.reader(lines, delimiter=sample.delimiter):
        if len(row) == len(sample.columns):
            yield dict(zip(sample.columns, row, strict=True))


def _is_w3c(sample: Sample) -> bool:
    places = places_of(_w3c_fields(sample))
    return bool((places["address"] or places["forwarded"]) and places["time"])


def _w3c_fields(sample: Sample) -> list[str]:
    line = next((line for line in sample.head if line.startswith(_FIELDS)), _FIELDS)
    return line.removeprefix(_FIELDS).split()


def refine(sample: Sample) -> Sample:
    """The sample as lines that a pattern cuts. SourceError when no line can be cut safely."""
    if sample.kind != "delimited":
        return sample
    if _is_w3c(sample):
        fields = [name for name in _w3c_fields(sample) for _ in range(2)]
        pattern = "^" + r"[ \t]".join([_FIELD] * (len(fields) // 2)) + r"\s*$"
        return _as_lines(sample, pattern, fields, comment="#")
    if _is_table(sample):
        return sample
    shape, count = shape_of(sample.head)
    is_log = are_requests(sample.head)
    if shape is None or (is_log and count <= len(sample.head) / 2):
        raise SourceError(_not_cut(sample, is_log=is_log))
    return _as_lines(sample, shape.pattern, shape.columns)


def _as_lines(
    sample: Sample, pattern: str, groups: Sequence[str], comment: str | None = None
) -> Sample:
    columns = tuple(dict.fromkeys(groups))
    return replace(
        sample,
        kind="lines",
        columns=columns,
        pattern=pattern,
        groups=tuple(groups),
        comment=comment,
    )


def _not_cut(sample: Sample, *, is_log: bool) -> str:
    """What to say of lines that no shape fits."""
    if is_log:
        # Nothing of the line: it has the address of somebody.
        met = (
            "its lines are requests, but which word of them is the address and which the user "
            "cannot be told for sure"
        )
    else:
        line = "".join(x if x.isprintable() else "\ufffd" for x in sample.head[0][:120])
        met = f"no line of its beginning is a request as servers log it. Met: {line}"
    return (
        f"{sample.path}: {met}. Wanted: common or combined lines of Apache and nginx, with ident "
        "and user right before the [time]; lines of HAProxy, ALB, ELB or S3; W3C lines with "
        "#Fields; or JSON. Log in one of these from now on, and turn old lines into one of them."
    )


# The part of a URL that tells what was asked for.
_PLACE = (
    "case when starts_with(entry.path, 'http') "
    "then regexp_replace(entry.path, '^https?://[^/?#]*', '') else entry.path end"
)
_ADDRESS_IN_TEXT = (
    "case when starts_with(entry.path, 'http') "
    "then regexp_replace(entry.path, '^(https?://[^/:?#]*):[0-9]+', '\\1') else entry.path end"
)


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map, made of the names that the file has."""
    entry = LogEntry(columns, is_w3c=sample.comment is not None)
    # Some names hold the query string too.
    url = _ADDRESS_IN_TEXT
    if entry.places["query"]:
        query = "coalesce('?' || entry.query, '')"
        url = f"case when contains(entry.path, '?') then {url} else ({url}) || {query} end"
    url = without_address(url)
    shared = {
        "entry": entry.derived(),
        "who": Derived(doubled(WHO)),
        "kind": Derived(doubled(event_type("upper(entry.method)", _PLACE, "entry.status"))),
    }
    expressions = {
        # An address is nobody's name.
        "user_id": f"case when not regexp_full_match(entry.user, {quoted(_WRITTEN)}) "
        "then entry.user end",
        "anonymous_id": PSEUDONYM,
        "time": "entry.time",
        "type": "kind",
        # Where a visit begins and ends is told by pages, not by images.
        "url": f"case when kind in {WITH_PAGE} then {url} end",
        "page_host": "regexp_replace(entry.host, ':[0-9]+$', '')",
        "referrer": without_address("entry.referrer"),
        "campaign": f"campaign_of({url})",
        "user_agent": "entry.agent",
    }
    derived = {role: Derived(doubled(sql)) for role, sql in expressions.items()}
    is_lines = sample.kind == "lines"
    properties = properties_of_lines(columns) if is_lines else properties_of_json(columns)
    return [FieldMap({}, derived, shared, properties=properties)]


FORMAT = Format(
    name="access_log",
    sentence="Access logs: Apache, nginx, HAProxy, Caddy, Traefik, IIS, CloudFront, ALB, ELB, S3.",
    sessions="inactivity",
    recognises=recognises,
    refine=refine,
    field_maps=field_maps,
    has_pseudonyms=True,
)
