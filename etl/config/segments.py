"""The segments of dwell.toml: named conditions as they are written. Knows no dimension."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.errors import ConfigError

_NAME = re.compile(r"[a-z0-9_-]{1,60}")
_EXAMPLE = '[segments.mobile_docs] with device_type = "mobile" below'
# A label stands on buttons.
_LONGEST_LABEL = 80


@dataclass(frozen=True)
class SegmentEntry:
    """One segment as it is written: its name, its label, and the values of its conditions.

    `place` says where it stands, for errors.
    """

    name: str
    label: str
    where: Mapping[str, Any]
    place: str


def segments_of(raw: Any, config: Path | None) -> tuple[SegmentEntry, ...]:
    """The segments of a configuration file. ConfigError for what cannot be conditions."""
    if not isinstance(raw, Mapping):
        msg = f"'segments' in {config} is not a table. Write {_EXAMPLE}."
        raise ConfigError(msg)
    return tuple(_entry(name, entry, config) for name, entry in raw.items())


def checked_name(name: str, place: str = "") -> str:
    """The name of a segment. ConfigError where it could not stand in an address as it is."""
    if not _NAME.fullmatch(name):
        of_place = f" of {place}" if place else ""
        msg = (
            f"The segment '{name}'{of_place} cannot be named so. Wanted: up to 60 lower-case "
            "letters, digits, - and _, such as mobile_docs. Its label may be any text."
        )
        raise ConfigError(msg)
    return name


def checked_label(label: Any, what: str) -> str:
    """A label as people read it. ConfigError for none, and for one that no button holds."""
    if not isinstance(label, str) or not label.strip() or len(label.strip()) > _LONGEST_LABEL:
        msg = (
            f"{what} has the label {label!r}. Wanted: a text of up to {_LONGEST_LABEL} signs, "
            'such as "Docs on phones".'
        )
        raise ConfigError(msg)
    return " ".join(label.split())


def _entry(name: str, entry: Any, config: Path | None) -> SegmentEntry:
    checked_name(name, str(config))
    place = f"Segment '{name}' of {config}"
    if not isinstance(entry, Mapping):
        msg = f"{place} is {entry!r}. Wanted: a table of conditions. Write {_EXAMPLE}."
        raise ConfigError(msg)
    where = {key: value for key, value in entry.items() if key != "label"}
    if isinstance(where.get("where"), Mapping):
        msg = f"{place} has a table where. Write its conditions straight below [segments.{name}]."
        raise ConfigError(msg)
    if not where:
        msg = f"{place} has no condition, and would take every session. Add one, or leave it out."
        raise ConfigError(msg)
    return SegmentEntry(name, checked_label(entry.get("label", name), place), where, place)
