"""What the collector may take: the table [collect] of dwell.toml, and keys of sources.

Never holds a secret of the environment: that is asked for when the collector starts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.config.secrets import VARIABLE, of_variable
from etl.config.sizes import Size, parse_size
from etl.errors import ConfigError

_ORIGIN = re.compile(r"https?://[^/\s?#@*]+")
_SALTS = ("daily", "fixed")
# A body is held in memory as a whole.
_BODY = Kind(
    'a size from "1 KB" to "100 MB"', partial(parse_size, least=1_000, largest=100_000_000)
)


def _origins(written: Any) -> tuple[str, ...]:
    origins = [written] if isinstance(written, str) else written
    if not isinstance(origins, list) or not origins:
        raise ValueError(written)
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise ValueError(written)
    return tuple(origin.lower() for origin in origins)


def _salt(written: Any) -> str:
    if written not in _SALTS:
        raise ValueError(written)
    return str(written)


ORIGINS = Kind('a list of sites, each whole and without a path, or "*"', _origins)
_SALT = Kind('"daily" or "fixed"', _salt, lambda: _SALTS)


@dataclass(frozen=True)
class Collect:
    """The table [collect].

    rate_limit      requests a second of one address with one key; 0 is no limit
    key_rate_limit  requests a second of one key, from wherever; 0 is no limit
    body_limit      bytes of one body, unpacked
    salt            how long an address keeps its pseudonym: a day, or for ever
    honour_dnt      whether nothing is kept of who sends Do Not Track or Global Privacy Control
    read_key        what the reading endpoints want; read_key_env names a variable that holds it
    """

    rate_limit: int = key(100)
    key_rate_limit: int = key(5_000)
    body_limit: Size = key(Size(1_000_000), kind=_BODY, example='"1 MB"')
    salt: str = key("daily", kind=_SALT)
    honour_dnt: bool = key(True)
    read_key: str | None = key(None, repr=False)
    read_key_env: str | None = key(None, kind=VARIABLE, example='"DWELL_READ_KEY"')

    def reading_key(self) -> str | None:
        """The read key, given or of the environment; None without one.

        ConfigError when the variable that is named is not set.
        """
        return given_or_set(self.read_key, self.read_key_env, "read_key_env of [collect]")


def collect_of(raw: Any, config: Path | None) -> Collect:
    """The table [collect] of a configuration file. ConfigError for what it cannot hold."""
    if not isinstance(raw, Mapping):
        msg = f"'collect' in {config} is not a table. Write [collect] and its keys below."
        raise ConfigError(msg)
    refuse_unknown(raw, key_names(Collect), "[collect]")
    _refuse_both(raw, "read_key", "[collect]")
    return Collect(**read_keys(Collect, raw, "table [collect]"))


def check_keys(entry: Mapping[str, Any], where: str) -> bool:
    """Whether a source's entry has a write key. ConfigError when it has two, or may have none."""
    _refuse_both(entry, "write_key", where)
    has_key = "write_key" in entry or "write_key_env" in entry
    if has_key and "database" in entry:
        msg = (
            f"The {where} has a database and a write key. Wanted: one of them. Give what is "
            "collected a source of its own."
        )
        raise ConfigError(msg)
    return has_key


def write_keys(sources: tuple[Any, ...]) -> dict[str, Any]:
    """The sources that have a write key, by their keys.

    ConfigError when two have the same, or a variable that one names is not set.
    """
    by_key: dict[str, Any] = {}
    for source in sources:
        where = f"write_key_env of source '{source.name}'"
        written = given_or_set(source.write_key, source.write_key_env, where)
        if written is None:
            continue
        if written in by_key:
            msg = (
                f"The sources '{by_key[written].name}' and '{source.name}' have the same write "
                "key. Give each its own: the key tells of which source an event is."
            )
            raise ConfigError(msg)
        by_key[written] = source
    return by_key


def refuse_shared_key(collect: Collect, by_key: Mapping[str, Any]) -> None:
    """ConfigError when a write key reads as well: write keys stand in pages for all to see."""
    source = by_key.get(collect.reading_key() or "")
    if source:
        msg = (
            f"The read key is the write key of source '{source.name}', which stands in its pages. "
            "Give read_key of [collect] a word of its own."
        )
        raise ConfigError(msg)


def given_or_set(given: str | None, variable: str | None, where: str) -> str | None:
    """A secret as it is written, or of the variable that holds it; None without either.

    ConfigError when the variable is not set.
    """
    return given if variable is None else of_variable(variable, where, again="start")


def _refuse_both(entry: Mapping[str, Any], name: str, where: str) -> None:
    if name in entry and f"{name}_env" in entry:
        msg = f"The {where} has {name} and {name}_env. Keep one of them."
        raise ConfigError(msg)
