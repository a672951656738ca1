"""What builds/ of a home keeps of builds that were made, also of those that are gone by now.

One line of JSON a build in `builds.ndjson`, and one for each that a check refused. Nothing depends
on it: a line that cannot be read is passed over, and what it would tell is not known.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.durable import sync_folder
from warehouse.build_files import Build, builds_folder

LOG = "builds.ndjson"
# A home that is loaded every minute has so many builds in half a day: older lines go.
MOST_LINES = 1000
_MOST_BYTES = 2_000_000


def note(home: Path, build: Build) -> None:
    """Notes a build that was just published, and what its checks came to."""
    _append(
        home,
        {
            "build": build.number,
            "built_at": build.built_at.astimezone(UTC).isoformat(),
            "reason": build.reason,
            "events": build.events,
            "sessions": build.sessions,
            "batches": build.batches,
            "as_of": build.as_of.isoformat() if build.as_of else None,
            "seconds": build.seconds,
            "checks": {name: list(result) for name, result in build.checks.items()},
        },
    )


def note_refused(home: Path, message: str, now: datetime | None = None) -> None:
    """Notes that a build was not published, and why."""
    at = (now or datetime.now(UTC)).astimezone(UTC)
    _append(home, {"refused_at": at.isoformat(), "message": message})


def read(home: Path) -> list[dict[str, Any]]:
    """All lines that can be read, oldest first."""
    try:
        text = (builds_folder(home) / LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [row for line in text.splitlines() if (row := _row_in(line))]


def _row_in(line: str) -> dict[str, Any]:
    """What a line says; nothing where a write was cut short."""
    with suppress(ValueError):
        content = json.loads(line)
        if isinstance(content, dict) and content.keys() & {"build", "refused_at"}:
            return content
    return {}


def _append(home: Path, content: Mapping[str, Any]) -> None:
    """Adds a line, on disk. What fails is not told: the build counts without it."""
    path = builds_folder(home) / LOG
    line = json.dumps(content, ensure_ascii=False)
    with suppress(OSError):
        _shorten(path)
        is_new = not path.exists()
        with path.open("a", encoding="utf-8") as handle:
            # The first break ends a line that a kill has cut.
            handle.write(("" if is_new else "\n") + line)
            handle.flush()
            os.fsync(handle.fileno())
        if is_new:
            sync_folder(path.parent)


def _shorten(path: Path) -> None:
    if not path.exists() or path.stat().st_size < _MOST_BYTES:
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    temporary = path.with_suffix(".tmp")
    temporary.write_text("\n".join(lines[-MOST_LINES:]), encoding="utf-8")
    temporary.replace(path)
