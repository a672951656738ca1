"""The annotations of dwell.toml: what happened on a day, for the charts. They shape no number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.config.days import checked_day, parse_day
from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.errors import ConfigError

# It stands below a chart.
LONGEST = 200
_WRITE = '[[annotations]] and below it date = 2026-11-03 and text = "New pricing"'


def _day(written: Any) -> date:
    if isinstance(written, str):
        return parse_day(written)
    if not isinstance(written, date) or isinstance(written, datetime):
        raise TypeError(written)
    return checked_day(written, "")


def _text(written: Any) -> str:
    text = " ".join(written.split()) if isinstance(written, str) else ""
    if not 0 < len(text) <= LONGEST:
        raise ValueError(written)
    return text


_DAY = Kind("a day", _day)
_TEXT = Kind(f"a text of up to {LONGEST} characters", _text)


@dataclass(frozen=True)
class Annotation:
    """One local day, or days up to and with the last one, and what happened."""

    first_date: date = key(kind=_DAY, name="date", example="2026-11-03")
    text: str = key(kind=_TEXT, example='"New pricing"')
    last_date: date | None = key(None, kind=_DAY, name="until", example="2026-11-09")


def annotations_of(raw: Any, config: Path | None) -> tuple[Annotation, ...]:
    """The annotations, checked, by day and then as they are written."""
    if not isinstance(raw, list):
        msg = f"'annotations' in {config} is not a list of tables. Write {_WRITE}."
        raise ConfigError(msg)
    found = [_annotation(entry, f"annotation {n} in {config}") for n, entry in enumerate(raw, 1)]
    return tuple(sorted(found, key=lambda annotation: annotation.first_date))


def _annotation(entry: Any, where: str) -> Annotation:
    if not isinstance(entry, Mapping):
        msg = f"The {where} is {entry!r}. Wanted: a table. Write {_WRITE}."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(Annotation), where)
    for name, example in (("date", "2026-11-03"), ("text", '"New pricing"')):
        if name not in entry:
            msg = f"The {where} has no {name}. Add for example {name} = {example}."
            raise ConfigError(msg)
    annotation = Annotation(**read_keys(Annotation, entry, where))
    if annotation.last_date and annotation.last_date < annotation.first_date:
        msg = (
            f"The {where} ends on {annotation.last_date}, before its date {annotation.first_date}. "
            "Give an until that is not earlier than the date."
        )
        raise ConfigError(msg)
    return annotation
