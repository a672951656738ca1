"""Rows in a wrapper: the list of objects within an object, as APIs answer. Reads no file.

Whether the list is the rows, or the object is one (a session with its events), only its meaning
tells: see etl/formats/read_plan.py.
"""

import json
import re
from typing import Any

Keys = tuple[str, ...]
_MOST = 200
_DEEPEST = 3
_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
# Elasticsearch keeps a document in here, its id beside it.
SOURCE = "_source"


def rows_in(text: str) -> tuple[Keys, list[dict[str, Any]]] | None:
    """Where the first list of objects stands in the object that a text begins with, and its first
    objects, up to 200; None without any. The text may be cut short.
    """
    try:
        return _rows_in(text, _skip(text, 0), ())
    except (ValueError, IndexError, RecursionError):
        return None


def unfolded(rows: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The documents in hits of Elasticsearch, each with its id; None where they are none."""
    if not rows or not all(isinstance(row.get(SOURCE), dict) for row in rows):
        return None
    return [{"_id": row["_id"], **row[SOURCE]} if "_id" in row else row[SOURCE] for row in rows]


def _rows_in(text: str, at: int, path: Keys) -> tuple[Keys, list[dict[str, Any]]] | None:
    """Of the object at a place. Errors where the text is cut before anything is found."""
    follows = ","
    while follows == ",":
        key, at = _DECODER.raw_decode(text, _skip(text, at + 1))
        at = _skip(text, at)
        if text[at] != ":" or not isinstance(key, str):
            return None
        at = _skip(text, at + 1)
        here = (*path, key)
        if text[at] == "[" and (rows := _objects(text, at)):
            return here, rows
        if text[at] == "{" and len(here) < _DEEPEST and (found := _rows_in(text, at, here)):
            return found
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        follows = text[at]
    return None


def _objects(text: str, at: int) -> list[dict[str, Any]]:
    """The first objects of a list that begins with one."""
    found: list[dict[str, Any]] = []
    follows = ","
    try:
        while follows == "," and len(found) < _MOST:
            value, at = _DECODER.raw_decode(text, _skip(text, at + 1))
            if isinstance(value, dict):
                found.append(value)
            elif not found:
                return []
            at = _skip(text, at)
            follows = text[at]
    except (ValueError, IndexError):
        return found
    return found


def _skip(text: str, at: int) -> int:
    return _BLANKS.match(text, at).end()  # type: ignore[union-attr]
