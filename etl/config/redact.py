"""What is never stored: the table [redact] of dwell.toml, and that of a source.

Never holds a key: that is asked for when a load starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from etl.config.keys import Kind, key, key_names, read_keys, refuse_unknown
from etl.errors import ConfigError, did_you_mean

# What is known of its looks (etl/privacy/kinds.py), in the order in which it is cut.
KINDS = (
    *("private_key", "jwt", "aws_key", "token", "bearer", "password", "email", "iban", "card"),
    *("ssn", "phone", "ip"),
)
# The columns that may be pseudonyms.
IDS = ("user_id", "anonymous_id", "event_id", "tracker_session_id", "chat_id")
# Names of properties that hold what people typed and were answered; the most telling first.
TYPED_TEXTS = ("text", "prompt", "answer", "content", "response", "message", "query")
_ACTIONS = ("drop", "hash", "length")
_TEXTS = ("keep", *_ACTIONS)
_REJECTED = ("keep", "drop")
_ALL, _NO_QUERY = "all", "drop query"


def _one_of(known: tuple[str, ...]) -> Kind:
    def read(written: Any) -> str:
        if written not in known:
            raise ValueError(written)
        return str(written)

    return Kind(f"one of {', '.join(known)}", read, lambda: known)


def _list(written: Any, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    items = [written] if isinstance(written, str) else written
    if not isinstance(items, list):
        raise TypeError(written)
    for item in items:
        if not isinstance(item, str) or not item or (known and item not in known):
            raise ValueError(written)
    return tuple(dict.fromkeys(items))


def _kinds(written: Any) -> tuple[str, ...]:
    found = KINDS if written == _ALL else _list(written, KINDS)
    # One order, so that another spelling of the same is no other way of reading.
    return tuple(kind for kind in KINDS if kind in found)


def _ids(written: Any) -> tuple[str, ...]:
    found = _list(written, IDS)
    # Where nobody is known the anonymous id stands in for the user's: they are pseudonyms together.
    people = ("user_id", "anonymous_id")
    if any(one in found for one in people):
        found = (*people, *found)
    return tuple(name for name in IDS if name in found)


def _own(written: Any) -> tuple[str, ...]:
    # Who has none does without what looks for them.
    import polars as pl

    for pattern in (found := _list(written)):
        try:
            is_empty = bool(pl.Series([""]).str.contains(pattern)[0])
        except pl.exceptions.ComputeError:
            raise ValueError(pattern) from None
        if is_empty:
            raise ValueError(pattern)
    return found


def _urls(written: Any) -> str | tuple[str, ...]:
    if isinstance(written, list):
        return tuple(sorted(_list(written))) if written else _NO_QUERY
    if written not in ("keep", _NO_QUERY):
        raise ValueError(written)
    return str(written)


def _properties(written: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(written, Mapping):
        raise TypeError(written)
    for action in written.values():
        if action not in _ACTIONS:
            raise ValueError(action)
    return tuple(sorted((str(name).lower(), str(action)) for name, action in written.items()))


_KINDS = Kind(f'"{_ALL}", or a list of {", ".join(KINDS)}', _kinds, lambda: KINDS)
_IDS = Kind(f"a list of {', '.join(IDS)}", _ids, lambda: IDS)
_OWN = Kind(
    "a list of regular expressions without look-around, none of which fits an empty text", _own
)
_URLS = Kind(f'"keep", "{_NO_QUERY}", or a list of the parameters that stay', _urls)
_PROPERTIES = Kind(f"names of properties, each with one of {', '.join(_ACTIONS)}", _properties)


@dataclass(frozen=True)
class Rules:
    """What is cut of the rows of a source before anything of them is stored.

    pseudonymise  the columns of ids that become keyed pseudonyms
    patterns      kinds of texts that are cut wherever they stand; own: regular expressions
    urls          what stays of what follows `?` and `#` in addresses
    properties    name in lower case → what becomes of a property of that name, however deep
    texts         what becomes of what people typed and were answered
    rejected      what becomes of the text of rejected rows, once it is cut like the others
    """

    pseudonymise: tuple[str, ...] = key((), kind=_IDS, example='["user_id", "anonymous_id"]')
    patterns: tuple[str, ...] = key((), kind=_KINDS, example='["email", "card"]')
    own: tuple[str, ...] = key((), kind=_OWN, example="['ACME-\\d{6}']")
    urls: str | tuple[str, ...] = key("keep", kind=_URLS, example='["utm_source"]')
    properties: tuple[tuple[str, str], ...] = key(
        (), kind=_PROPERTIES, example='{ email = "drop", name = "hash" }'
    )
    texts: str = key("keep", kind=_one_of(_TEXTS))
    rejected: str = key("keep", kind=_one_of(_REJECTED))

    @property
    def actions(self) -> dict[str, str]:
        """Name of a property, in lower case → what becomes of it."""
        texts = {} if self.texts == "keep" else dict.fromkeys(TYPED_TEXTS, self.texts)
        return texts | dict(self.properties)

    @property
    def needs_key(self) -> bool:
        """Whether nothing can be read without the key of the pseudonyms."""
        return bool(self.pseudonymise) or "hash" in self.actions.values()


NO_RULES = Rules()


@dataclass(frozen=True)
class KeyPlaces:
    """Where the key of the pseudonyms is, and the one before it.

    linking   so long after a key was changed, who was known by the one before keeps the pseudonym
    """

    key_env: str | None = key(None, example='"DWELL_PSEUDONYM_KEY"')
    key_file: Path | None = key(None, example='"/etc/dwell/pseudonym.key"')
    old_key_env: str | None = key(None, example='"DWELL_OLD_PSEUDONYM_KEY"')
    old_key_file: Path | None = key(None, example='"/etc/dwell/pseudonym.key.old"')
    linking: timedelta = key(timedelta(days=30))


@dataclass(frozen=True)
class Redact:
    """The table [redact]: rules of all sources, and the keys."""

    rules: Rules = NO_RULES
    keys: KeyPlaces = field(default_factory=KeyPlaces)

    def of(self, own: Mapping[str, Any] | None) -> Rules:
        """The rules of a source, which may say some of them otherwise."""
        return replace(self.rules, **own) if own else self.rules


def redact_of(raw: Any, config: Path | None) -> Redact:
    """The table [redact] of a configuration file. ConfigError for what it cannot hold."""
    if not isinstance(raw, Mapping):
        msg = f"'redact' in {config} is not a table. Write [redact] and its keys below."
        raise ConfigError(msg)
    where = "table [redact]"
    refuse_unknown(raw, (*key_names(Rules), *key_names(KeyPlaces)), "[redact]")
    for name in ("key", "old_key"):
        if f"{name}_env" in raw and f"{name}_file" in raw:
            msg = f"The table [redact] has {name}_env and {name}_file. Keep one of them."
            raise ConfigError(msg)
    places = read_keys(KeyPlaces, raw, where)
    folder = config.parent if config else Path()
    for name in ("key_file", "old_key_file"):
        if name in places:
            places[name] = folder / places[name]
    return Redact(Rules(**read_keys(Rules, raw, where)), KeyPlaces(**places))


def own_rules(raw: Any, name: str) -> dict[str, Any]:
    """What the table [sources.NAME.redact] says otherwise, by the fields of Rules. ConfigError."""
    if not isinstance(raw, Mapping):
        msg = f"'redact' of source '{name}' is not a table. Write [sources.{name}.redact]."
        raise ConfigError(msg)
    where = f"table [sources.{name}.redact]"
    for written in raw:
        if written in key_names(KeyPlaces):
            msg = (
                f"Unknown key '{written}' in {where}. All sources have one key, so that one person "
                "is one in all of them: write it in [redact]."
            )
            raise ConfigError(msg)
        if written not in key_names(Rules):
            msg = f"Unknown key '{written}' in {where}. {did_you_mean(written, key_names(Rules))}"
            raise ConfigError(msg)
    return read_keys(Rules, raw, where)
