"""Columns that hold ids of people, by their names: who is told in another one is of others."""

import re

from etl.config.settings import Settings
from etl.lake.schema import EVENT_COLUMNS

_ROLES = ("user_id", "anonymous_id")
_OTHERS = ("email", "e-mail", "mail", "person")


def plain(name: str) -> str:
    """A name as names are compared: small letters and digits alone."""
    return re.sub(r"[\W_]", "", name).lower()


_KNOWN = frozenset(
    plain(name)
    for column in EVENT_COLUMNS
    if column.name in _ROLES
    for name in (column.name, *column.aliases)
)


class IdColumns:
    """Tells of names whether a column or field so called holds ids of people.

    It does where a load takes it for one, and where dwell.toml says so: by `map`, by the columns of
    its tables, by a dimension of an id.
    """

    def __init__(self, settings: Settings) -> None:
        named = [
            column
            for source in settings.sources
            for role, column in source.map.items()
            if plain(role) in _KNOWN
        ]
        named += [event.user for source in settings.sources for event in source.tables]
        # Of a path the last name is the field's own.
        self._names = _KNOWN | {plain(name.rpartition(".")[2]) for name in named}

    def has(self, name: str) -> bool:
        """Whether it is one."""
        return plain(name) in self._names


def looks_like_header(line: str) -> bool:
    """Whether a line of a list of ids is the name of its column."""
    return plain(line) in {*_KNOWN, "id", "ids", "users", *map(plain, _OTHERS)}
