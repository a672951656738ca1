"""The exports of dwell.toml: files that are written again and again. Knows no metric or dimension.

What an export names is looked up when it is due: one that is wrong holds up no load.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from os.path import normpath
from pathlib import Path
from typing import Any

from etl.config.durations import LIMIT, checked_days, parse_duration
from etl.config.export_paths import check_path
from etl.config.keys import NAMES, Kind, key, key_names, one_of, read_keys, refuse_unknown
from etl.errors import ConfigError, did_you_mean

FORMATS = ("csv", "json", "ndjson", "parquet", "xlsx")
COMPARES = ("weekday", "previous", "year")
ASKED = ("query", "metric", "table")
_NAME = re.compile(r"[a-z0-9_-]{1,60}")
_EXAMPLE = 'table = "user_sessions", path = "exports/sessions-{date}.csv" and every = "1 d"'
# What only a metric can be asked by.
_OF_METRICS = ("by", "compare")


def _conditions(written: Any) -> Mapping[str, Any]:
    if not isinstance(written, Mapping) or not written:
        raise ValueError(written)
    return written


def _days(written: Any) -> int:
    if not isinstance(written, int) or isinstance(written, bool):
        raise TypeError(written)
    return checked_days(written)


_WHERE = Kind('conditions such as { device_type = "mobile" }', _conditions)
_DAYS = Kind("a whole number of days such as 1", _days)
_EVERY = Kind(f'a duration such as "1 d", {LIMIT}', parse_duration)


@dataclass(frozen=True)
class ExportEntry:
    """One export, as it is written.

    query, metric, table  what is asked: exactly one of them
    days       so many up to the last one; 0: those that are usual (a metric 30, all else all)
    complete   whether the running day is left out of these days
    format     of the file; as its path ends, where none is written
    path       of the file, with placeholders
    head       whether the lines that tell of a CSV stand on it
    every      so long after its last success it is due again
    folder     from which the path is seen
    """

    name: str
    query: str = key("")
    metric: str = key("")
    table: str = key("")
    by: str = key("")
    compare: str = key("", kind=one_of(*COMPARES))
    where: Mapping[str, Any] = key(factory=dict, kind=_WHERE)
    segment: tuple[str, ...] = key((), kind=NAMES)
    days: int = key(0, kind=_DAYS)
    complete: bool = key(True)
    bots: bool = key(False)
    format: str = key("", kind=one_of(*FORMATS))
    path: str = key("", example='"exports/sessions-{date}.csv"')
    head: bool = key(False)
    every: timedelta = key(timedelta(0), kind=_EVERY)
    label: str = key("")
    folder: Path = field(default=Path())

    @property
    def definition(self) -> str:
        """What tells this export from what it was before it was changed in dwell.toml."""
        shaping = {n: v for n, v in asdict(self).items() if n not in ("every", "label", "folder")}
        text = json.dumps(shaping, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def exports_of(raw: Any, config: Path | None) -> tuple[ExportEntry, ...]:
    """The exports of a configuration file. ConfigError for what cannot be one."""
    if not isinstance(raw, Mapping):
        msg = (
            f"'exports' in {config} is not a table. Write [exports.NAME], and below it {_EXAMPLE}."
        )
        raise ConfigError(msg)
    folder = (config or Path()).absolute().parent
    entries = tuple(_entry(name, entry, folder) for name, entry in raw.items())
    written: dict[str, str] = {}
    for entry in entries:
        # Of ways to write one path, one is kept: ./x is x, and so is a/../x.
        path = normpath(folder / Path(entry.path).expanduser())
        if path in written:
            msg = (
                f"[exports.{entry.name}] and [exports.{written[path]}] both write "
                f"{entry.path}. Give each a path of its own."
            )
            raise ConfigError(msg)
        written[path] = entry.name
    return entries


def format_of(path: str, given: str | None, where: str) -> str:
    """The format that is given, or as the path ends. ConfigError where neither says it."""
    ending = Path(path).suffix.removeprefix(".").lower()
    form = given or {"jsonl": "ndjson"}.get(ending, ending)
    if form not in FORMATS:
        hint = did_you_mean(form, FORMATS)
        msg = f"{where}: {path} does not end as one of the formats does, and none is given. {hint}"
        raise ConfigError(msg)
    return form


def _entry(name: str, entry: Any, folder: Path) -> ExportEntry:
    where = f"[exports.{name}]"
    if not _NAME.fullmatch(name):
        msg = (
            f"{where} cannot be named so. Wanted: up to 60 lower-case letters, digits, - and _, "
            "such as [exports.sessions]. Its label may be any text."
        )
        raise ConfigError(msg)
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where}, and below it {_EXAMPLE}."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(ExportEntry), where)
    values = read_keys(ExportEntry, entry, f"table {where}")
    asked = [each for each in ASKED if each in values]
    if len(asked) != 1:
        met = " and ".join(asked) or f"none of {', '.join(ASKED)}"
        msg = f"{where} has {met}. Wanted: exactly one of them, such as {_EXAMPLE}."
        raise ConfigError(msg)
    for missing in ("path", "every"):
        if missing not in values:
            msg = f"{where} has no {missing}. Write for example {_EXAMPLE} below it."
            raise ConfigError(msg)
    for metric_key in _OF_METRICS:
        if metric_key in values and asked != ["metric"]:
            msg = f"{where} has {metric_key}, which is of metrics. Leave it out, or ask a metric."
            raise ConfigError(msg)
    check_path(values["path"], where)
    form = format_of(values["path"], values.get("format"), where)
    label = values.get("label") or name
    return ExportEntry(name, **values | {"format": form, "label": label}, folder=folder)
