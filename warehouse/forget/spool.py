"""The collector's files without the lines of people who were erased."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.collector.spool_files import SpoolFile, finish_abandoned, spool_files
from etl.config.settings import Settings
from etl.durable import sync_folder
from etl.lake.spellings import spelt
from etl.lake.tombstones import Tombstones
from etl.load.spooled import loaded_spool


@dataclass(frozen=True)
class Cleaned:
    """What became of the collector's files.

    lines     of the people, that went or are there
    removed   files that the lake has whole: they go at once
    waiting   files that a collector still writes: they have lines of the people
    """

    lines: int
    removed: tuple[Path, ...] = ()
    waiting: tuple[Path, ...] = ()


def find_lines(home: Path, tombstones: Tombstones) -> Cleaned:
    """How many lines of the people there are. Changes nothing."""
    return Cleaned(sum(_count(file, tombstones) for file in spool_files(home)))


def ids_spooled(home: Path) -> Iterator[str]:
    """The ids of the users of all lines, as a load spells them."""
    for file in spool_files(home):
        yield from ids_in_file(file)


def ids_in_file(file: SpoolFile) -> Iterator[str]:
    """The same of the lines of one file."""
    users = (_user(_event(line)) for line in _lines(file.path))
    yield from (user for user in users if user is not None)


def clean_spool(settings: Settings, last_batch: int, tombstones: Tombstones) -> Cleaned:
    """Removes files with such lines that the lake has whole, and the lines of the others. Hold the
    lock. `last_batch`: of the current build.
    """
    finish_abandoned(settings.home)
    held = [
        (file, count) for file in spool_files(settings.home) if (count := _count(file, tombstones))
    ]
    loaded = set(loaded_spool(settings, last_batch, datetime.now(UTC))) if held else set()
    removed, waiting, lines = [], [], 0
    for file, count in held:
        if file.is_open:
            waiting.append(file.path)
            continue
        lines += count
        if file.path in loaded:
            file.path.unlink(missing_ok=True)
            sync_folder(file.path.parent)
            removed.append(file.path)
        else:
            _leave_out(file, tombstones)
    return Cleaned(lines, tuple(removed), tuple(waiting))


def _leave_out(file: SpoolFile, tombstones: Tombstones) -> None:
    """Writes the file without the lines of the people; one of theirs alone is removed."""
    temporary = file.path.with_name(f".{file.path.name}.tmp")
    lines = [line for line in _lines(file.path) if not _is_theirs(line, file.source, tombstones)]
    if lines:
        with temporary.open("wb") as handle:
            # Whoever may not read the file of before may not read this one.
            os.fchmod(handle.fileno(), stat.S_IMODE(file.path.stat().st_mode))
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
    event = _event(line)
    user = _user(event)
    return user is not None and tombstones.covers(source, user, _time(event))


def _event(line: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        event = json.loads(line)
        return event if isinstance(event, dict) else {}
    return {}


def _user(event: dict[str, Any]) -> str | None:
    """Whose an event is: the known user's, else the anonymous one's, as the lake has it."""
    for name in ("user_id", "anonymous_id"):
        if (user := spelt(str(event.get(name) or ""))) != "":
            return user
    return None


def _time(event: dict[str, Any]) -> datetime | None:
    """When it happened: the collector writes times in one form, UTC."""
    with suppress(ValueError, TypeError, KeyError):
        return datetime.fromisoformat(event["event_time"]).astimezone(UTC).replace(tzinfo=None)
    return None
