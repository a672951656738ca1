"""Files that list people: one id a line."""

import csv
from pathlib import Path

from etl.errors import ConfigError
from warehouse.forget.id_columns import looks_like_header

_WANTED = "Wanted: a text file, one user id a line."


def ids_in(path: Path) -> tuple[list[str], str | None]:
    """The ids of a file, and its first line where that is the name of a column, and nobody.

    Blank lines and lines that begin with # are none, and quotes around an id are no part of it.
    ConfigError where it cannot be read, or has several columns.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        msg = f"{path} cannot be read: {why}. {_WANTED}"
        raise ConfigError(msg) from error
    lines = [line.strip() for line in text.splitlines()]
    rows = [line for line in lines if line and not line.startswith("#")]
    if not rows:
        return [], None
    cells = next(csv.reader(rows[:1]))
    if len(cells) > 1 and looks_like_header(cells[0]):
        msg = (
            f"{path} has several columns: {', '.join(cells[:4])}. {_WANTED} Leave the column of "
            "ids alone in it."
        )
        raise ConfigError(msg)
    first, *others = map(_unquoted, rows)
    is_header = looks_like_header(first)
    return [one for one in (others if is_header else [first, *others]) if one], (
        first if is_header else None
    )


def _unquoted(line: str) -> str:
    """What stands between quotes, as CSV has them."""
    for quote in "\"'":
        if len(line) > 1 and line[0] == line[-1] == quote:
            return line[1:-1].replace(quote * 2, quote).strip()
    return line
