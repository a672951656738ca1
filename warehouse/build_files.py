"""What builds/ of a home holds, for those who make builds and for those who read them.

A build is a numbered DuckDB file that never changes; `current.json` beside it names the newest
and says what there is to know of it without opening it. Opens no build.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.durable import write_json
from etl.errors import BuildError, NoBuild
from warehouse import part_files

POINTER = "current.json"
# Why a build was made that goes on from the one before: it shares files with that one.
NEW_EVENTS = "new events"
NEW_METRICS = "metrics of dwell.toml changed"
GOES_ON = (NEW_EVENTS, NEW_METRICS)
_NAME = re.compile(r"wh-(\d+)\.duckdb")
_FINGERPRINT = "_fingerprint"


@dataclass(frozen=True)
class Build:
    """A published build, as its pointer tells.

    number        its number
    path          its file
    built_at      when it was published, aware
    as_of         newest event time loaded, naive UTC; None when there are no events
    time_zone     the reporting time zone that it was made with
    batches       loaded files that it is made of
    last_batch    the number of the last of them; 0 in a build of before the lake had a log
    events        its events
    sessions      its sessions
    seconds       what the making took
    parts         files that it shares with other builds; none in one of 0.1
    kept_parts    number → the parts of each build that was there with it, its own too; of those
                  that are not in here, their files alone tell
    sizes         bytes of its file and its parts by their names, as they were written; none in a
                  build of before they were noted
    fingerprints  what it was made of: where one differs, the build is out of date

    Four facts are of the call that returns it, and in no pointer: `is_new`, made by this very
    call, `reason`, why it was made, `checks`, name → bad rows and seconds of each that was
    asked, and `scope_problems`, why scopes of rows have no copy of it, in sentences.
    """

    number: int
    path: Path
    built_at: datetime
    as_of: datetime | None
    time_zone: str
    batches: int
    events: int
    sessions: int
    seconds: float
    parts: tuple[int, ...]
    kept_parts: Mapping[int, tuple[int, ...]]
    fingerprints: Mapping[str, str]
    last_batch: int = 0
    is_new: bool = False
    reason: str = "nothing new"
    sizes: Mapping[str, int] = field(default_factory=dict)
    checks: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    scope_problems: tuple[str, ...] = ()

    @property
    def files(self) -> list[Path]:
        """Its own file, and the parts that it is made of."""
        folder = self.path.parent
        return [self.path, *(part_files.path_of(folder, number) for number in self.parts)]

    @property
    def is_whole(self) -> bool:
        """Whether its files are there, and as long as they were written. Opens none."""
        try:
            sizes = {path.name: path.stat().st_size for path in self.files}
        except OSError:
            return False
        return all(size == self.sizes.get(name, size) for name, size in sizes.items())


def builds_folder(home: Path) -> Path:
    """Where the builds of a home lie."""
    return home / "builds"


def build_path(folder: Path, number: int) -> Path:
    """The file of the build of that number."""
    return folder / f"wh-{number:06d}.duckdb"


def number_of(path: Path) -> int | None:
    """The number of the build in a file; None when it is not named as one."""
    name = _NAME.fullmatch(path.name)
    return int(name[1]) if name else None


def build_paths(folder: Path) -> list[Path]:
    """The files of all builds, copies that somebody made of them under like names too."""
    return sorted(folder.glob("wh-*.duckdb"))


def kept_builds(home: Path) -> list[int]:
    """The numbers of the builds that can be opened, oldest first; none before a load."""
    numbers = [number_of(path) for path in build_paths(builds_folder(home))]
    return sorted(number for number in numbers if number is not None)


def read_pointer(home: Path) -> Build | None:
    """The current build; None when there is none yet. BuildError when its pointer is broken."""
    pointer = builds_folder(home) / POINTER
    try:
        return _from_json(json.loads(pointer.read_text(encoding="utf-8")), pointer.parent)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        msg = (
            f"{pointer} cannot be read as the pointer to a build: {problem}. "
            "Run 'dwell build --full' to make a build from the lake."
        )
        raise BuildError(msg) from error


def write_pointer(build: Build) -> None:
    """Makes the build the current one of its folder, at once and on disk."""
    content: dict[str, Any] = {
        "build": build.number,
        "file": build.path.name,
        "built_at": build.built_at.isoformat(),
        "time_zone": build.time_zone,
        "batches": build.batches,
        "last_batch": build.last_batch,
        "seconds": build.seconds,
        **{f"{name}{_FINGERPRINT}": value for name, value in build.fingerprints.items()},
        "as_of": build.as_of.isoformat() if build.as_of else None,
        "events": build.events,
        "sessions": build.sessions,
        "parts": build.parts,
        "kept_parts": {str(number): parts for number, parts in build.kept_parts.items()},
    }
    if build.sizes:
        content["sizes"] = dict(build.sizes)
    write_json(build.path.parent / POINTER, content)


def current(home: Path) -> Build:
    """The current build. NoBuild when there is none, BuildError when its pointer is broken."""
    build = read_pointer(home)
    if build is None:
        msg = (
            f"No warehouse build: {builds_folder(home) / POINTER} is not there. "
            "Run 'dwell load' to make one."
        )
        raise NoBuild(msg)
    return build


def last_build(home: Path) -> Build | None:
    """The current build; None when there is none, or when its pointer is broken.

    For those who then make one from the lake, where all is that a build holds.
    """
    try:
        return read_pointer(home)
    except BuildError:
        return None


def _from_json(content: dict[str, Any], folder: Path) -> Build:
    return Build(
        number=int(content["build"]),
        path=folder / content["file"],
        built_at=datetime.fromisoformat(content["built_at"]),
        as_of=datetime.fromisoformat(content["as_of"]) if content["as_of"] else None,
        time_zone=str(content["time_zone"]),
        batches=int(content["batches"]),
        events=int(content["events"]),
        sessions=int(content["sessions"]),
        seconds=float(content["seconds"]),
        parts=tuple(content.get("parts", ())),
        last_batch=int(content.get("last_batch", 0)),
        sizes={str(name): int(size) for name, size in content.get("sizes", {}).items()},
        kept_parts={
            int(number): tuple(parts) for number, parts in content.get("kept_parts", {}).items()
        },
        fingerprints={
            name.removesuffix(_FINGERPRINT): value
            for name, value in content.items()
            if name.endswith(_FINGERPRINT)
        },
    )
