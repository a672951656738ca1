"""What commands write: results on stdout, the log on stderr, progress on a terminal only."""

import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from traceback import format_exception
from typing import Any


def say(text: str = "") -> None:
    """One line of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class _Log:
    """How the log is written, and which run it is of."""

    form: str = "text"
    run_id: str = ""
    has_traces: bool = False


_log = _Log()


def start_log(form: str, *, has_traces: bool) -> None:
    """Begins the log of a run, as "text" or as "json"; with tracebacks when asked for."""
    _log.form = form
    _log.has_traces = has_traces
    _log.run_id = os.urandom(6).hex()


def writes_json() -> bool:
    """Whether the log is for machines."""
    return _log.form == "json"


def log(
    text: str,
    *,
    event: str = "message",
    level: str = "info",
    is_detail: bool = False,
    **facts: object,
) -> None:
    """One line of the log: the text, or as JSON also what it is about. Details are for JSON."""
    if is_detail and not writes_json():
        return
    if writes_json():
        known = {name: value for name, value in facts.items() if value is not None}
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = {"run_id": _log.run_id, "time": now, "level": level, "event": event}
        text = json.dumps(entry | known | {"message": text}, ensure_ascii=False, default=_plain)
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def trace(error: BaseException) -> None:
    """Where in the code an error came from, for those who asked by --debug."""
    if _log.has_traces:
        log("".join(format_exception(error)).rstrip(), event="traceback", level="debug")


def say_json(content: dict[str, Any]) -> None:
    """The one machine-readable object of --json."""
    say(json.dumps(content, ensure_ascii=False, default=_plain))


def fail(text: str, exit_code: int, *, as_json: bool) -> int:
    """Tells what went wrong; the exit code, to be returned."""
    log(text if writes_json() else f"dwell: {text}", event="error", level="error")
    if as_json:
        say_json({"error": text, "exit_code": exit_code})
    return exit_code


def count(number: int | None, word: str = "") -> str:
    """12,345 sessions; 1 session."""
    text = f"{number or 0:,}"
    if not word:
        return text
    return f"{text} {word}" if number == 1 else f"{text} {word}s"


def moment(time: datetime | str | None) -> str:
    """2026-11-20 09:00, of a time or its ISO text; a dash when there is none."""
    return str(time)[:16].replace("T", " ") if time else "–"


def as_of(time: datetime | None) -> str:
    """How new data is: as of 2026-11-20 09:00 UTC."""
    return f"as of {moment(time)} UTC" if time else "no event yet"


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
