"""What a home remembers of its alerts: alerts.json, which outlives every build."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from etl.errors import DwellError
from warehouse.alerts.episodes import Episode
from warehouse.saved_file import changed_entries, file_of, saved_entries

# Past so many episodes the oldest are forgotten.
MOST_KEPT = 2000


@dataclass(frozen=True)
class Since:
    """From when on an alert has been judged by what it reads now, and up to when."""

    reading: str
    first: date
    last: date


@dataclass
class Remembered:
    """All episodes, oldest first, and since when each alert is judged, by its name."""

    episodes: list[Episode] = field(default_factory=list)
    judged: dict[str, Since] = field(default_factory=dict)


def remembered(home: Path) -> Remembered:
    """What was noted; nothing before the first check. DwellError where the file is damaged."""
    return _of_entries(saved_entries(home, "alerts"), home)


@contextmanager
def changing(home: Path) -> Iterator[Remembered]:
    """What was noted, to be changed by one process at a time: it is on disk when the block has
    ended without an error. DwellError where the file is damaged, or cannot be written.
    """
    with changed_entries(home, "alerts") as entries:
        state = _of_entries(entries, home)
        yield state
        entries["episodes"] = [_plain(asdict(each)) for each in state.episodes[-MOST_KEPT:]]
        entries["judged"] = {name: _plain(asdict(each)) for name, each in state.judged.items()}


def _of_entries(entries: Mapping[str, Any], home: Path) -> Remembered:
    try:
        return Remembered(
            [_read(Episode, each) for each in entries.get("episodes", ())],
            {name: _read(Since, each) for name, each in entries.get("judged", {}).items()},
        )
    except (TypeError, ValueError, AttributeError) as error:
        msg = (
            f"{file_of(home, 'alerts')} is damaged: {error}. The history of alerts cannot be read. "
            "Mend it, or move it away to begin anew."
        )
        raise DwellError(msg) from error


_Kept = TypeVar("_Kept", Episode, Since)
_DAYS = ("began_on", "until", "over_on", "first", "last")
_TIMES = ("started_at", "ended_at")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _read(cls: type[_Kept], values: Mapping[str, Any]) -> _Kept:
    """One of them; keys of another version are left out."""
    known = {each.name for each in fields(cls)}
    read: dict[str, Any] = {name: value for name, value in values.items() if name in known}
    for name, value in read.items():
        if value is not None and name in _DAYS:
            read[name] = date.fromisoformat(value)
        if value is not None and name in _TIMES:
            read[name] = datetime.fromisoformat(value)
    return cls(**read)
