"""Keys of dwell.toml: declared once as fields of a class, and read by their kind. Knows no key.

Whatever does not fit is told in one kind of sentence: where, the value, what was wanted.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo, available_timezones

from etl.config import time_shapes
from etl.config.durations import LIMIT, parse_duration
from etl.config.sizes import Size, parse_size
from etl.errors import ConfigError, did_you_mean, nearest

# Of anything that is counted.
_HIGHEST = 1_000_000_000
# Keys, with those that say where the secret is.
_SECRETS = ("password", "read_key", "token", "webhook", "write_key")


@dataclass(frozen=True)
class Kind:
    """A way to write values. `read` makes the value of what is written, or raises ValueError,
    TypeError or KeyError; `wanted` says to people what it takes. `known`: the values that there
    are, where these are names."""

    wanted: str
    read: Callable[[Any], Any]
    known: Callable[[], Iterable[str]] = tuple

    def near(self, written: Any) -> str:
        """A sentence, after a blank, with the known value that is near to what is written.

        Empty where none is: of BST no other short name is meant.
        """
        near = nearest(str(written), self.known(), cutoff=0.8)
        return f" {near}" if near else ""


@dataclass(frozen=True)
class Key:
    """One key. `name`: as it is written. `type`: of the field that holds its value, of which the
    kind is taken unless one is given.

    `shapes_history`: whether a change of this setting redoes all sessions.
    """

    name: str
    type: Any
    kind: Kind
    default: Any = MISSING
    help: str = ""
    example: str = ""
    shapes_history: bool = True

    def read(self, written: Any, where: str = "") -> Any:
        """The value of what is written: in a source or table, or else of a setting.

        ConfigError when it does not fit.
        """
        try:
            return self.kind.read(written)
        except (ValueError, TypeError, KeyError, OSError):
            # Where the name of a secret is wanted, the secret itself may stand.
            is_secret = self.name.startswith(_SECRETS)
            shown = "…" if is_secret else repr(written)
            subject = (
                f"The {where} has {self.name} ="
                if where
                else f"Setting '{self.name}' has the value"
            )
            example = f", for example {self.name} = {self.example}" if self.example else ""
            msg = (
                f"{subject} {shown}. Wanted: {self.kind.wanted}{example}.{self.kind.near(written)}"
            )
            raise ConfigError(msg) from None


def key(
    default: Any = MISSING,
    help: str = "",
    *,
    factory: Any = MISSING,
    repr: bool = True,
    **more: Any,
) -> Any:
    """A dataclass's field that declares a key; `more` of it is what `Key` says. `repr`: whether
    the value is shown where the object is."""
    declared = {"default": default, "help": help, **more}
    return field(default=default, default_factory=factory, repr=repr, metadata={"key": declared})


def keys_of(cls: type) -> dict[str, Key]:
    """The keys that a dataclass declares, by the names of their fields."""
    types = get_type_hints(cls)
    own = {
        name: {"name": name, "type": type, "kind": KINDS.get(type)} for name, type in types.items()
    }
    return {
        each.name: Key(**own[each.name] | each.metadata["key"])
        for each in fields(cls)
        if "key" in each.metadata
    }


def key_names(cls: type) -> tuple[str, ...]:
    """The keys that a dataclass declares, as they are written."""
    return tuple(declared.name for declared in keys_of(cls).values())


def read_keys(cls: type, entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The values of a class's keys by field, of those that an entry of dwell.toml has."""
    return {
        field_name: declared.read(entry[declared.name], where)
        for field_name, declared in keys_of(cls).items()
        if declared.name in entry
    }


def refuse_unknown(entry: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """ConfigError for the first key of an entry that is not known."""
    known = tuple(known)
    for name in entry:
        if name not in known:
            msg = f"Unknown key '{name}' in {where}. {did_you_mean(name, known)}"
            raise ConfigError(msg)


def _word(written: Any) -> str:
    if not isinstance(written, str) or not written.strip():
        raise ValueError(written)
    return written


def _count(written: Any) -> int:
    if not isinstance(written, int | str) or isinstance(written, bool):
        raise ValueError(written)
    if not 0 <= int(written) <= _HIGHEST:
        raise ValueError(written)
    return int(written)


def _flag(written: Any) -> bool:
    return {"true": True, "false": False}[str(written).strip().lower()]


def _words(written: Any) -> tuple[str, ...]:
    items = written.split(",") if isinstance(written, str) else written
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError(written)
    return tuple(item.strip() for item in items if item.strip())


def _paths(written: Any) -> tuple[str, ...]:
    paths = written if isinstance(written, list) else [written]
    if not paths:
        raise ValueError(written)
    return tuple(map(_word, paths))


def _names(written: Any) -> tuple[str, ...]:
    return tuple(map(number_or_word, written if isinstance(written, list) else [written]))


def _zone(written: Any) -> str:
    ZoneInfo(_word(written))
    return str(written)


def _time_format(written: Any) -> str:
    if _word(written) not in time_shapes.BY_NAME:
        time_shapes.check_pattern(written)
    return str(written)


def _limit(written: Any) -> timedelta | None:
    return None if str(written).strip() in ("", "for ever") else parse_duration(written)


def _address(written: Any) -> str:
    if written and not re.fullmatch(r"https?://[^\s?#@]+", _word(written)):
        raise ValueError(written)
    return str(written).rstrip("/")


def number_or_word(written: Any) -> str:
    """A column or a user as text: people may write a number. ValueError for anything else."""
    return str(written) if type(written) is int else _word(written)


def one_of(*words: str) -> Kind:
    """The kind of values that are one of these words, of which there are two or more."""

    def read(written: Any) -> str:
        if written not in words:
            raise ValueError(written)
        return str(written)

    *most, last = (f'"{word}"' for word in words)
    return Kind(f"{', '.join(most)} or {last}", read, lambda: words)


WORD = Kind("a name", _word)
# The environment has no lists: there commas part the words.
WORDS = Kind('a list of words such as ["logout"]', _words)
PATHS = Kind("a path or a list of them", _paths)
NAMES = Kind("a name or a list of them", _names)
TIME_ZONE = Kind("a name such as Europe/Berlin", _zone, available_timezones)
TIME_FORMAT = Kind(
    f"one of {', '.join(time_shapes.BY_NAME)}, or a strptime pattern of a whole date",
    _time_format,
)
ADDRESS = Kind('an address such as "https://dwell.example.com", without ? and #', _address)
_PATH = Kind("a name", lambda written: Path(_word(written)).expanduser())
# How the values of a type are written, unless a key says another way.
KINDS: dict[Any, Kind] = {
    str: WORD,
    str | None: WORD,
    Path: _PATH,
    Path | None: _PATH,
    bool: Kind("true or false", _flag),
    int: Kind("a whole number such as 10", _count),
    timedelta: Kind(f'a duration such as "30 min", {LIMIT}', parse_duration),
    timedelta | None: Kind(f'a duration such as "30 days", {LIMIT}, or nothing', _limit),
    Size: Kind('a size from "50 MB" on, such as "2 GB"', parse_size),
    tuple[str, ...]: WORDS,
}
