"""Writes the exports of dwell.toml: those that are due, or those that are named."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from etl.config.export_paths import filled
from etl.config.exports import ExportEntry
from etl.config.settings import Settings
from etl.duck import was_stopped
from etl.errors import ConfigError, DwellError, did_you_mean
from warehouse.connection import Warehouse
from warehouse.connection import open as open_warehouse
from warehouse.exports.answers import answer
from warehouse.exports.asked import asked_by
from warehouse.exports.files import refuse_target, write_file
from warehouse.exports.state import due, note_failure, note_success, one_run


@dataclass(frozen=True)
class Exported:
    """What came of one export: its file and rows where it was written, else why it was not."""

    name: str
    status: Literal["written", "failed"]
    seconds: float
    path: Path | None = None
    rows: int | None = None
    message: str = ""


def run(
    settings: Settings, names: Sequence[str] | None = None, now: datetime | None = None
) -> list[Exported]:
    """Writes the named exports, or those that are due, all of one build; what came of each.

    One that fails holds up no other. ConfigError for unknown names; Busy where another run writes
    exports; NoBuild where there is nothing to read yet.
    """
    now = now or datetime.now(UTC)
    named = None if names is None else _named(settings, names)
    if named is None and not due(settings, now):
        return []
    with one_run(settings.home):
        # Another run may have written some until now.
        entries = due(settings, now) if named is None else named
        if not entries:
            return []
        with open_warehouse(settings.home) as wh:
            return [_exported(wh, settings, entry, now) for entry in entries]


def _named(settings: Settings, names: Sequence[str]) -> tuple[ExportEntry, ...]:
    known = {entry.name: entry for entry in settings.exports}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) if known else "dwell.toml has none."
            msg = f"Unknown export '{name}'. {hint}"
            raise ConfigError(msg)
    return tuple(known[name] for name in dict.fromkeys(names))


def _exported(wh: Warehouse, settings: Settings, entry: ExportEntry, now: datetime) -> Exported:
    started = time.monotonic()
    path = None
    try:
        path, rows = _write(wh, settings, entry)
        note_success(settings.home, entry, now, path=path, rows=rows, build=wh.build)
    except Exception as error:
        if was_stopped(error):
            raise KeyboardInterrupt from error
        is_told = isinstance(error, DwellError)
        message = str(error) if is_told else f"{type(error).__name__}: {error}"
        # A home that cannot be written says so by the next that is to be noted.
        with suppress(DwellError):
            note_failure(settings.home, entry, now, message)
        return Exported(entry.name, "failed", _since(started), path, message=message)
    return Exported(entry.name, "written", _since(started), path, rows)


def _write(wh: Warehouse, settings: Settings, entry: ExportEntry) -> tuple[Path, int]:
    """Writes one file; its path and rows."""
    found = answer(wh, settings, asked_by(entry))
    path = Path(filled(entry.path, found.last_day, wh.build)).expanduser()
    target = entry.folder / path
    refuse_target(target, settings)
    facts = {"Export": entry.label, **found.facts}
    with found.frames(entry.format) as frames:
        is_headless = entry.format == "csv" and not entry.head
        return target, write_file(frames, entry.format, {} if is_headless else facts, target)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
