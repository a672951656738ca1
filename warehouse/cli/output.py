"""What commands write: results on stdout, the log on stderr, progress on a terminal only."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any


def say(text: str = "") -> None:
    """One line of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def log(text: str) -> None:
    """One line of the log."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def say_json(content: dict[str, Any]) -> None:
    """The one machine-readable object of --json."""
    say(json.dumps(content, ensure_ascii=False, default=_plain))


def fail(text: str, exit_code: int, *, as_json: bool) -> int:
    """Tells what went wrong; the exit code, to be returned."""
    log(f"dwell: {text}")
    if as_json:
        say_json({"error": text, "exit_code": exit_code})
    return exit_code


def count(number: int | None, word: str = "") -> str:
    """12,345 sessions; 1 session."""
    text = f"{number or 0:,}"
    if not word:
        return text
    return f"{text} {word}" if number == 1 else f"{text} {word}s"


def rows(table: list[list[str]], header: list[str]) -> None:
    """A table for people: text left, numbers right."""
    widths = [max(len(row[i]) for row in [header, *table]) for i in range(len(header))]
    for row in [header, *table]:
        cells = [
            cell.rjust(width)
            if cell.replace(",", "").replace(".", "").isdigit()
            else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        say("  ".join(cells).rstrip())


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return str(value)
