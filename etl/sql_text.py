"""Names and texts as SQL, quoted so that any of them works."""

import json

from etl.mapping import Keys


def named(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_path(keys: Keys) -> str:
    """The JSON path of nested keys as an SQL string, quoted so that any name works."""
    return quoted("$" + "".join("." + json.dumps(key, ensure_ascii=False) for key in keys))


def quoted(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
