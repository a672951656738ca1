"""What lies beside exports and speaks of them: told by what it says. Asked of what no format knows.

Its name alone says nothing: a list of files names those that are there, a description of columns
has types for them. Never reads a file of rows.
"""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from etl.read.sample import Sample

_JSON = ("ndjson", "json_array", "json_objects")
# Who looks further reads data.
_MOST_BYTES = 1 << 20
_MOST_TEXTS = 5_000
_DEEPEST = 6
_PLACES = re.compile(r"(?:s3|s3a|gs|abfss?|wasbs?|hdfs|oss)://.+/.+")
_CHECKSUM = re.compile(
    r"\\?[0-9a-f]{32,128}(?: [ *].+)?|[A-Z0-9/-]{2,12} \(.+\) = [0-9a-f]{32,128}", re.IGNORECASE
)
_NAMES = ("name", "column", "field", "column_name", "field_name", "columnName", "fieldName")
_TYPES = ("type", "data_type", "datatype", "dataType", "column_type", "columnType")
_TYPE = re.compile(
    r"(?:string|n?varchar2?|n?char|character(?: varying)?|text|u?(?:big|small|tiny|huge)?int\d*"
    r"|integer|long|float\d*|double(?: precision)?|real|(?:big)?decimal|(?:big)?numeric|number|bool"
    r"|boolean|date|time|datetime\d*|timestamp(?:_?[nl]?tz)?(?: with(?:out)? time zone)?|jsonb?"
    r"|variant|array|list|struct|record|object|map|uuid|bytes?|bytea|binary|enum|null)"
    r"(?:\s*[(<\[].*)?",
    re.IGNORECASE,
)
# One object that says none of this may still be notes on an export, by what it calls itself.
_NOTES = re.compile(
    r"(?:.*[-_.])?(?:manifest|schema|meta|metadata|catalog|summary|checkpoint|config|export[-_]?info)"
    r"(?:[-_.].*)?\.json",
    re.IGNORECASE,
)


def what_it_is(sample: Sample, path: Path, others: Collection[str] = ()) -> str | None:
    """What a file is that holds no events but tells of those beside it; None where it does not.

    `others`: the names of all files of the archive that it is in; else they are looked for in its
    folder and in that above.
    """
    if sample.kind == "delimited":
        are_sums = bool(sample.head) and all(_CHECKSUM.fullmatch(line) for line in sample.head)
        return "a list of checksums" if are_sums else None
    if sample.kind not in _JSON:
        return None
    said = _said(sample)
    if _is_schema(said, 0):
        return "a description of columns"
    if any(_is_file(text, path, others) for text in _texts(said)):
        return "a list of files"
    is_one = isinstance(said, dict) or (isinstance(said, list) and len(said) == 1)
    return "a note on an export" if is_one and _NOTES.fullmatch(path.name) else None


def _said(sample: Sample) -> Any:
    """All that a small document says; of another one its first objects."""
    if sample.compression == "none" and sample.path.stat().st_size <= _MOST_BYTES:
        try:
            return json.loads(sample.path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            pass
    return list(sample.records)


def _is_schema(said: Any, depth: int) -> bool:
    """Whether there is a list of columns in it, each with a name and a type of values."""
    if isinstance(said, dict):
        if isinstance(said.get("$schema"), str) and "properties" in said:
            return True
        return depth < _DEEPEST and any(_is_schema(one, depth + 1) for one in said.values())
    return isinstance(said, list) and bool(said) and all(map(_is_column, said))


def _is_column(one: Any) -> bool:
    if not isinstance(one, dict) or not any(isinstance(one.get(name), str) for name in _NAMES):
        return False
    kind = next((one[name] for name in _TYPES if name in one), None)
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    if isinstance(kind, dict):
        kind = kind.get("type")
    return isinstance(kind, str) and bool(_TYPE.fullmatch(kind))


def _texts(said: Any) -> Iterator[str]:
    """Names and texts in it, not too many of them."""
    waiting, found = [said], 0
    while waiting and found < _MOST_TEXTS:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            found += 1
            yield one


def _is_file(text: str, path: Path, others: Collection[str]) -> bool:
    """Whether a text names a file beside this one, or one of a store."""
    if _PLACES.fullmatch(text):
        return True
    parts = [p for p in PurePosixPath(text.replace("\\", "/")).parts if p not in ("/", "..")]
    if not parts or len(text) > 500 or not text.isprintable() or parts[-1] == path.name:
        return False
    tails = ["/".join(parts[-count:]) for count in range(1, min(len(parts), 4) + 1)]
    if others:
        ends = tuple(f"/{tail}" for tail in tails)
        return any(f"/{other}".endswith(ends) for other in others)
    folders = (path.parent, path.absolute().parent.parent)
    try:
        return any((folder / tail).is_file() for tail in tails for folder in folders)
    except OSError:
        return False
