"""Reads dwell.toml. Each error names the file, the line and what to do. Knows no setting."""

import re
import tomllib
from pathlib import Path
from typing import Any

from etl.errors import ConfigError

_TWICE = re.compile(r"twice|overwrite|redefine|mutate")
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


def read_config_file(path: Path) -> dict[str, Any]:
    """What the file says; nothing when it is empty. ConfigError when it cannot be read."""
    if path.is_dir():
        msg = (
            f"{path} is a folder. Wanted: a configuration file. Name it: "
            f"--config {path / 'dwell.toml'}."
        )
        raise ConfigError(msg)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        msg = (
            f"{path} cannot be read: {error.strerror}. Wanted: a configuration file. Mend its "
            "permissions, or name another with --config."
        )
        raise ConfigError(msg) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        msg = f"{path}, line {line}: this is no UTF-8 text. Save the file as UTF-8."
        raise ConfigError(msg) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_message(path, text.splitlines(), str(error))) from error


def _message(path: Path, lines: list[str], reason: str) -> str:
    place = _PLACE.search(reason)
    if place is None:
        return f"{path} cannot be read as TOML: {reason}. Mend the file and run again."
    number = int(place[1] or len(lines))
    line = _without_secret(lines[number - 1].strip()) if number <= len(lines) else ""
    if _TWICE.search(reason):
        return f"{path}, line {number}: {_twice(lines, number, line)}"
    return (
        f"{path}, line {number} cannot be read as TOML: {_PLACE.sub('', reason)}. The line is: "
        f"{line or '(empty)'}. Mend it and run again."
    )


def _without_secret(line: str) -> str:
    """The line as it may be shown: the address of a database may hold a password."""
    if not any(word in line for word in ("://", "password", "write_key", "read_key", "webhook")):
        return line
    return f"{line.partition('=')[0].strip()} = …"


def _twice(lines: list[str], number: int, line: str) -> str:
    """What to say of a table or key that is there already."""
    is_table = line.startswith("[")
    name = line.partition("#")[0].strip() if is_table else line.partition("=")[0].strip()
    first = next(
        (
            n
            for n, other in enumerate(lines[: number - 1], start=1)
            if other.partition("#" if is_table else "=")[0].strip() == name
        ),
        None,
    )
    before = f" (first in line {first})" if first else ""
    if is_table:
        return (
            f"{name} is there twice{before}. Give one of them another name, or make them one: a "
            'path may be a list, path = ["a/*.csv", "b/*.csv"].'
        )
    return f"'{name}' is given twice{before}. Keep one of them."
