"""Entries of the lists that people save, segments, funnels and queries, and whom they ask for.

An entry asks for somebody by a condition on a column of ids, or by a whole string of its SQL. Of
other texts an id counts that can hardly be a word of others: `admin` is a page's name as well.
"""

import re
from collections.abc import Iterator
from typing import Any, Protocol

from etl.lake.spellings import words_of
from warehouse.forget.id_columns import IdColumns
from warehouse.forget.marks import is_telling

# Under these keys a saved query has its SQL.
_SQL = ("text", "sql")
_STRING = re.compile(r"'((?:[^']|'')*)'")
_OPERATOR = re.compile(r"\s*(?:!=|>=|<=|=|>|<)\s?")


class Tells(Protocol):
    """What knows people by their ids."""

    def is_one(self, word: str) -> bool:
        """Whether a word is an id of one of them."""


class Lists:
    """Takes people out of entries.

    names    tells who they are
    columns  tells conditions on ids from others
    """

    def __init__(self, names: Tells, columns: IdColumns) -> None:
        self._names = names
        self._columns = columns

    def name_one(self, name: str, entry: Any) -> bool:
        """Whether an entry of that name asks for one of them, or tells of one."""
        return self._tells(name) or self.without(entry) != entry

    def without(self, value: Any, key: str = "") -> Any:
        """What stays of an entry, or of what it has under a key; None where nothing of it can.

        A value of a list goes alone while others are left in it; what else is of one of the people
        goes whole, since without them it would say something else.
        """
        if isinstance(value, dict):
            inner = {name: self.without(one, name) for name, one in value.items()}
            is_lost = any(one is None and value[name] is not None for name, one in inner.items())
            return None if is_lost or any(map(self._tells, value)) else inner
        if isinstance(value, list):
            left = value
            if self._columns.has(key):
                left = [one for one in value if not self._is_met(one, key)]
            kept = [self.without(one, key) for one in left]
            is_lost = any(a is None and b is not None for a, b in zip(kept, left, strict=True))
            return None if is_lost or (value and not left) else kept
        return None if self._is_met(value, key) else value

    def _is_met(self, value: Any, key: str) -> bool:
        """Whether one value, under a key, is of one of the people."""
        if value is None or isinstance(value, bool | dict | list):
            return False
        text = str(value)
        if self._columns.has(key) and any(map(self._names.is_one, asked_by(text))):
            return True
        if key in _SQL and any(map(self._names.is_one, strings_in(text))):
            return True
        return self._tells(text)

    def _tells(self, text: str) -> bool:
        return any(is_telling(word) and self._names.is_one(word) for word in words_of(text))


def asked_by(condition: str) -> list[str]:
    """The ids that a condition may choose: its value, as it is written and without operators."""
    bare = _OPERATOR.sub("", condition, count=2).strip()
    return list(dict.fromkeys([condition.strip(), bare, bare.removesuffix("*")]))


def strings_in(sql: str) -> list[str]:
    """The whole strings of a query."""
    return [text.replace("''", "'").strip() for text in _STRING.findall(sql)]


def ids_in(entry: Any, columns: IdColumns, key: str = "") -> Iterator[str]:
    """What the conditions of an entry on columns of ids choose."""
    if isinstance(entry, dict):
        for name, inner in entry.items():
            yield from ids_in(inner, columns, name)
    elif isinstance(entry, list):
        for inner in entry:
            yield from ids_in(inner, columns, key)
    elif entry is not None and columns.has(key):
        yield from asked_by(str(entry))
