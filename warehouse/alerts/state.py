"""What a home remembers of its alerts: alerts.json, which outlives every build."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from etl.errors import DwellError
from warehouse.alerts.episodes import Episode
from warehouse.saved_file import changed_entries, file_of, saved_entries

# Past so many episodes the oldest that are over are forgotten.
MOST_KEPT = 2000


@dataclass(frozen=True)
class Since:
    """From when on an alert has been judged by what it reads now, and up to when; of the faults of
    a source, which load was the newest that was known (naive UTC).
    """

    reading: str
    first: date
    last: date
    heard_at: datetime | None = None


@dataclass
class Remembered:
    """All episodes, oldest first, and since when each alert, and the faults of each source, are
    judged, by name.
    """

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
        entries["episodes"] = [_plain(asdict(each)) for each in _kept(state.episodes)]
        entries["judged"] = {name: _plain(asdict(each)) for name, each in state.judged.items()}


def _kept(episodes: Sequence[Episode]) -> list[Episode]:
    """The newest, and all that are open: forgotten they would begin again."""
    over = [place for place, each in enumerate(episodes) if each.over_on]
    forgotten = set(over[: max(0, len(episodes) - MOST_KEPT)])
    return [each for place, each in enumerate(episodes) if place not in forgotten]


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


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _read(cls: type[_Kept], values: Mapping[str, Any]) -> _Kept:
    """One of them; keys of another version are left out."""
    known = {each.name for each in fields(cls)}
    kept = {name: value for name, value in values.items() if name in known}
    return cls(**{name: _value(cls, name, value) for name, value in kept.items()})


def _value(cls: type[_Kept], name: str, value: Any) -> Any:
    """A value as it was before it was written. TypeError, ValueError where it is none of its kind,
    such as a time with an offset: all are in UTC."""
    wanted = _KINDS[cls][name]
    if isinstance(value, str) and datetime in wanted:
        value = datetime.fromisoformat(value)
    elif isinstance(value, str) and date in wanted:
        value = date.fromisoformat(value)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if type(value) not in wanted and not (is_whole and float in wanted):
        msg = f"{name} is {value!r}"
        raise TypeError(msg)
    if isinstance(value, datetime) and value.tzinfo:
        msg = f"{name} has an offset: {value}"
        raise ValueError(msg)
    return value


def _kinds(cls: type[_Kept]) -> dict[str, tuple[type, ...]]:
    """The types that values of each field have."""
    return {name: get_args(kind) or (kind,) for name, kind in get_type_hints(cls).items()}


_KINDS = {Episode: _kinds(Episode), Since: _kinds(Since)}
