"""Which files hold the lake's events now, where that is not what the batches wrote. Moves no file.

A batch is written once and never changed. Merging small files and pruning old days change only
where its rows lie; `lake/layout.json` says where, and is swapped whole.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.errors import SourceError

RECORD = "layout.json"


@dataclass(frozen=True)
class Pruned:
    """What the last prune left.

    before     the first local day whose events are all there
    time       its beginning, naive UTC
    time_zone  the reporting time zone that the day is of
    kept       the folder of the kept numbers, below the lake
    events     events that left the lake, over all prunes
    sessions   sessions that left it
    queried    streams that had a query in a session that left
    pruned_at  when, ISO with offset
    """

    before: date
    time: datetime
    time_zone: str
    kept: str
    events: int
    sessions: int
    queried: tuple[str, ...]
    pruned_at: str


@dataclass(frozen=True)
class Manifest:
    """The manifest of a lake; that of a new lake says nothing.

    number  counts the changes; files of a change carry its number
    files   merged file, below the lake → the batches (Commit.key) whose rows of its day it
            holds, whether it has any or not
    """

    number: int = 0
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pruned: Pruned | None = None

    def merged(self) -> set[tuple[str, str]]:
        """Batch and day of all rows that lie in merged files."""
        return {(key, day_of(name)) for name, keys in self.files.items() for key in keys}

    def without_strangers(self, known: Iterable[str]) -> "Manifest":
        """The manifest without files that hold rows of none of the batches."""
        keys = set(known)
        files = {name: held for name, held in self.files.items() if not keys.isdisjoint(held)}
        return Manifest(self.number, files, self.pruned)

    def as_json(self) -> dict[str, Any]:
        """What the record holds."""
        content: dict[str, Any] = {"number": self.number, "files": self.files, "pruned": None}
        if self.pruned:
            told = vars(self.pruned)
            times = {name: told[name].isoformat() for name in ("before", "time")}
            content["pruned"] = {**told, **times}
        return content


def read_manifest(path: Path) -> Manifest:
    """The manifest that a record tells; an empty one where there is no record."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): tuple(keys) for name, keys in told["files"].items()}
        pruned = told["pruned"]
        if pruned:
            pruned["before"] = date.fromisoformat(pruned["before"])
            pruned["time"] = datetime.fromisoformat(pruned["time"])
            pruned["queried"] = tuple(pruned["queried"])
        return Manifest(int(told["number"]), files, Pruned(**pruned) if pruned else None)
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = (
            f"{path} cannot be read: {error}. It says which files hold the events: restore it "
            "from a backup of the lake."
        )
        raise SourceError(msg) from error


def day_of(name: str) -> str:
    """The day, as 2026-11-20, of a file of events below the lake."""
    return name.split("/")[1].removeprefix("event_date=")
