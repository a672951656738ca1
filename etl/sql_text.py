"""Names and texts as SQL, quoted so that any of them works."""

import json
from collections.abc import Iterable

from etl.formats.field_map import Keys


def named(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_path(keys: Keys) -> str:
    """The JSON path of nested keys as an SQL string, quoted so that any name works."""
    return quoted("$" + "".join("." + json.dumps(key, ensure_ascii=False) for key in keys))


def quoted(text: object) -> str:
    """The text, or path, as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def listed(texts: Iterable[object]) -> str:
    """The texts, or paths, as an SQL list."""
    return "[" + ", ".join(quoted(text) for text in texts) + "]"
