"""When each export of dwell.toml was written last, and when it is due. Reads no build.

Noted in exports.json of the home, so that a run that is killed neither loses an export nor writes
it twice for nothing.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.config.exports import ExportEntry
from etl.config.settings import Settings
from etl.errors import Busy, DwellError
from warehouse.saved_file import changed_entries, saved_entries


@dataclass(frozen=True)
class Standing:
    """How an export stands. Times are UTC; None: never.

    next_due   when it is due again; None while it is due
    failed_at  of its last failure, and `message` what was told; None once it succeeded again
    """

    name: str
    label: str
    is_due: bool
    last_success: datetime | None
    next_due: datetime | None
    path: str | None
    rows: int | None
    build: int | None
    failed_at: datetime | None
    message: str | None


def standings(settings: Settings, now: datetime | None = None) -> list[Standing]:
    """How the exports of dwell.toml stand, in its order; none without any.

    DwellError where the notes of the home are damaged.
    """
    if not settings.exports:
        return []
    noted = saved_entries(settings.home, "exports")
    now = now or datetime.now(UTC)
    return [_standing(entry, _note(noted, entry.name), now) for entry in settings.exports]


def due(settings: Settings, now: datetime) -> tuple[ExportEntry, ...]:
    """The exports that are due. DwellError where the notes of the home are damaged."""
    noted = saved_entries(settings.home, "exports")
    return tuple(each for each in settings.exports if is_due(each, _note(noted, each.name), now))


def is_due(entry: ExportEntry, note: Mapping[str, Any], now: datetime) -> bool:
    """Whether an export is to be written: never before `every` has passed since its last success.

    One that was changed is another one, and due at once. So is one whose success lies ahead: the
    clock was set.
    """
    succeeded = _moment(note.get("succeeded_at"))
    if succeeded is None or note.get("definition") != entry.definition:
        return True
    return now < succeeded or now - succeeded >= entry.every


def note_success(
    home: Path, entry: ExportEntry, now: datetime, *, path: Path, rows: int, build: int
) -> None:
    """Notes that an export was written by a run that began then. DwellError where it cannot be."""
    with changed_entries(home, "exports") as entries:
        entries[entry.name] = {
            "definition": entry.definition,
            "succeeded_at": now.isoformat(),
            "path": str(path),
            "rows": rows,
            "build": build,
        }


def note_failure(home: Path, entry: ExportEntry, now: datetime, message: str) -> None:
    """Notes that an export failed: it stays due. DwellError where it cannot be."""
    with changed_entries(home, "exports") as entries:
        told = {"failed_at": now.isoformat(), "message": message}
        entries[entry.name] = {**_note(entries, entry.name), **told}


@contextmanager
def one_run(home: Path) -> Iterator[None]:
    """Holds the exports of a home: one run at a time writes them. Busy where another does,
    DwellError where the home cannot be written.
    """
    lock = home / ".exporting.lock"
    try:
        # It may be a home that nothing was loaded into.
        home.mkdir(parents=True, exist_ok=True)
        handle = lock.open("a")
    except OSError as error:
        msg = f"{lock} cannot be written: {error.strerror}. Mend its path or permissions."
        raise DwellError(msg) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"Another run writes the exports of {home}. Nothing was written. Run again later."
            raise Busy(msg) from error
        yield


def _standing(entry: ExportEntry, note: Mapping[str, Any], now: datetime) -> Standing:
    is_now = is_due(entry, note, now)
    succeeded = _moment(note.get("succeeded_at"))
    return Standing(
        entry.name,
        entry.label,
        is_now,
        succeeded,
        None if is_now or succeeded is None else succeeded + entry.every,
        note.get("path"),
        note.get("rows"),
        note.get("build"),
        _moment(note.get("failed_at")),
        note.get("message"),
    )


def _note(noted: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    note = noted.get(name)
    return note if isinstance(note, Mapping) else {}


def _moment(text: Any) -> datetime | None:
    """The moment that was noted; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
