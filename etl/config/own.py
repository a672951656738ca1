"""What dwell.toml adds of its own: columns of sessions out of their events, and metrics.

Never reads data. Which names are taken is known where the tables are: warehouse/own_names.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from etl.config.keys import WORD, Kind, key, key_names, one_of, read_keys, refuse_unknown
from etl.errors import ConfigError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_BETTER = {"up": 1, "down": -1, "neither": 0, 1: 1, -1: -1, 0: 0}

Own = TypeVar("Own", "OwnDimension", "OwnMeasure", "OwnMetric", "OwnPattern")


def _better(written: Any) -> int:
    if isinstance(written, bool):
        raise ValueError(written)
    return _BETTER[written]


@dataclass(frozen=True)
class OwnDimension:
    """A dimension of a property of the events.

    take  of a session the first value that it tells, or any (a list of all); latest: of a user,
          the last value told by the newest session that tells one
    """

    name: str
    property: str = key(example='"plan"')
    label: str = key("")
    take: str = key("first", kind=one_of("first", "any", "latest"))


@dataclass(frozen=True)
class OwnMeasure:
    """A number of each session, out of the numbers that a property of its events has."""

    name: str
    property: str = key(example='"avg_query_time_ms"')
    label: str = key("")
    take: str = key("last", kind=one_of("avg", "sum", "max", "last"))


@dataclass(frozen=True)
class OwnMetric:
    """A metric by one SQL expression over the measured sessions.

    unit    count, seconds, rate (0 to 1) or per_session: how it is written
    better  1: up is better, -1: down is, 0: neither
    """

    name: str
    sql: str = key(example='"avg((engaged_seconds > 120)::int)"')
    label: str = key("")
    definition: str = key("")
    unit: str = key("count", kind=one_of("count", "seconds", "rate", "per_session"))
    better: int = key(0, kind=Kind('"up", "down" or "neither"', _better))


@dataclass(frozen=True)
class OwnPattern:
    """A pattern of a session's events: steps, of which warehouse/patterns.py knows the grammar."""

    name: str
    steps: tuple[str, ...] = key(example='["prompt", "then prompt within 20s"]')
    label: str = key("")


# What an entry has to have, and an example of it.
_NEEDED = {
    OwnDimension: ("property", '"plan"'),
    OwnMeasure: ("property", '"plan"'),
    OwnMetric: ("sql", '"avg((engaged_seconds > 120)::int)"'),
    OwnPattern: ("steps", '["prompt", "then prompt within 20s"]'),
}


def own_of(cls: type[Own], section: str, raw: Any, config: Path | None) -> tuple[Own, ...]:
    """What one section of dwell.toml declares, in its order; each has a label then."""
    if not isinstance(raw, Mapping):
        msg = f"'{section}' in {config} is not a table. Write [{section}.NAME] and its keys below."
        raise ConfigError(msg)
    return tuple(_own(cls, section, name, entry) for name, entry in raw.items())


def _own(cls: type[Own], section: str, name: str, entry: Any) -> Own:
    where = f"[{section}.{name}]"
    if not _NAME.fullmatch(name):
        msg = (
            f"{where} has no name that columns can have. Wanted: small letters, digits and _, a "
            f"letter first, at most 60, for example [{section}.plan]."
        )
        raise ConfigError(msg)
    if not isinstance(entry, Mapping):
        msg = f"{where} is not a table. Write {where} and its keys below."
        raise ConfigError(msg)
    refuse_unknown(entry, key_names(cls), where)
    values = read_keys(cls, entry, f"table {where}")
    needed, example = _NEEDED[cls]
    if not values.get(needed):
        msg = f"{where} has no {needed}. Write for example {needed} = {example} below it."
        raise ConfigError(msg)
    label = values.get("label") or name.replace("_", " ").capitalize()
    return cls(name=name, **values | {"label": WORD.read(label)})
