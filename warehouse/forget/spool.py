"""The collector's files without the lines of people who were erased."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.collector.spool_files import SpoolFile, finish_abandoned, spool_files
from etl.config.settings import Settings
from etl.durable import sync_folder
from etl.lake.tombstones import Tombstones
from etl.load.spooled import loaded_spool


@dataclass(frozen=True)
class Cleaned:
    """What became of the collector's files.

    lines     that were of the people, or are
    removed   files that the lake has whole: they go at once
    waiting   files that a collector still writes: they have lines of the people
    """

    lines: int
    removed: tuple[Path, ...] = ()
    waiting: tuple[Path, ...] = ()


def find_lines(home: Path, tombstones: Tombstones) -> Cleaned:
    """How many lines of the people there are. Changes nothing."""
    return Cleaned(sum(_count(file, tombstones) for file in spool_files(home)))


def clean_spool(settings: Settings, last_batch: int, tombstones: Tombstones) -> Cleaned:
    """Removes files with such lines that the lake has whole, and the lines of the others. Hold the
    lock. `last_batch`: of the current build.
    """
    finish_abandoned(settings.home)
    held = [
        (file, count) for file in spool_files(settings.home) if (count := _count(file, tombstones))
    ]
    loaded = set(loaded_spool(settings, last_batch, datetime.now(UTC))) if held else set()
    removed, waiting = [], []
    for file, _ in held:
        if file.is_open:
            waiting.append(file.path)
        elif file.path in loaded:
            file.path.unlink(missing_ok=True)
            sync_folder(file.path.parent)
            removed.append(file.path)
        else:
            _leave_out(file, tombstones)
    return Cleaned(sum(count for _, count in held), tuple(removed), tuple(waiting))


def _leave_out(file: SpoolFile, tombstones: Tombstones) -> None:
    """Writes the file without the lines of the people; one of theirs alone is removed."""
    temporary = file.path.with_name(f".{file.path.name}.tmp")
    lines = [line for line in _lines(file.path) if not _is_theirs(line, file.source, tombstones)]
    if lines:
        with temporary.open("wb") as handle:
            handle.writelines(lines)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(file.path)
    else:
        file.path.unlink(missing_ok=True)
    sync_folder(file.path.parent)


def _count(file: SpoolFile, tombstones: Tombstones) -> int:
    return sum(_is_theirs(line, file.source, tombstones) for line in _lines(file.path))


def _lines(path: Path) -> Iterator[bytes]:
    # One that was loaded and removed meanwhile has none.
    with suppress(FileNotFoundError), path.open("rb") as handle:
        yield from handle


def _is_theirs(line: bytes, source: str, tombstones: Tombstones) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return False
    user = _id(event, "user_id")
    if user is not None:
        return tombstones.is_user(user)
    visitor = _id(event, "anonymous_id")
    return visitor is not None and tombstones.covers(source, visitor, _time(event))


def _id(event: Any, name: str) -> str | None:
    value = event.get(name) if isinstance(event, dict) else None
    return None if value is None else str(value).strip()


def _time(event: Any) -> datetime | None:
    with suppress(ValueError, TypeError, KeyError):
        time = datetime.fromisoformat(event["event_time"])
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    return None
