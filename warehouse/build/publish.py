"""Makes a build from the lake: models, checks, publish. Never changes a build that is there.

A new build is a new file under a temporary name. Only when every model ran and every check
found nothing is it renamed to its number and the pointer moved to it; readers of older
builds keep theirs. A kill at any moment leaves the current build as it was.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.duck import quoted
from etl.errors import NoBuild
from etl.lake import Commit, Lake
from etl.lake.durable import sync_folder, write_json
from etl.lake.schema import LAKE_VERSION
from warehouse import event_parts
from warehouse.build.build_file import NEW_EVENTS, BuildFile
from warehouse.build.model_files import checks, models
from warehouse.build.runner import Told
from warehouse.connection import POINTER


@dataclass(frozen=True)
class Build:
    """A published build, as its pointer tells. `is_new`: made by this call."""

    number: int
    path: Path
    as_of: str | None
    events: int
    sessions: int
    seconds: float
    is_new: bool
    reason: str


def build(
    settings: Settings,
    *,
    full: bool = False,
    told: Told = lambda step, rows, seconds: None,
    now: datetime | None = None,
) -> Build:
    """The current build, made anew when the lake, a setting or a model has changed. Hold the lock.

    `told` hears each model and check with its rows and seconds. CheckFailed when a check
    finds bad rows, BuildError when a model cannot run; the current build then stays.
    """
    started = time.monotonic()
    lake = Lake(settings.home)
    folder = settings.home / "builds"
    _sweep(folder)
    lake.finish_move()
    commits = lake.commits()
    fingerprints = _fingerprints(settings, lake, commits)
    current = read_pointer(settings.home)
    reason = _reason(current, fingerprints, folder) if not full else "asked for in full"
    if current and reason is None:
        return _from_pointer(current, folder, 0.0, is_new=False, reason="nothing new")
    folder.mkdir(parents=True, exist_ok=True)
    number = _next_number(folder, current)
    target = folder / f"wh-{number:06d}.duckdb"
    build_file = BuildFile(
        target.with_suffix(".building"), number, lake, commits, settings, now or datetime.now(UTC)
    )
    try:
        facts, reason = build_file.increment_or_all(current, str(reason), told)
        with build_file.path.open("rb") as handle:
            os.fsync(handle.fileno())
        build_file.path.replace(target)
        sync_folder(folder)
    finally:
        _remove_unfinished(folder)
    pointer = {
        "build": number,
        "file": target.name,
        "built_at": datetime.now(UTC).isoformat(),
        "time_zone": settings.time_zone,
        "batches": len(commits),
        "seconds": round(time.monotonic() - started, 3),
        **fingerprints,
        **facts,
    }
    write_json(folder / POINTER, pointer)
    _sweep_old(folder, number, settings.keep_builds)
    _sweep_parts(folder)
    return _from_pointer(pointer, folder, pointer["seconds"], is_new=True, reason=reason)


def read_pointer(home: Path) -> dict[str, Any] | None:
    """What current.json says; None when there is no build or the file is not readable."""
    try:
        content = json.loads((home / "builds" / POINTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "build" in content else None


def current(home: Path) -> Build:
    """The current build without build_file one. NoBuild when there is none."""
    pointer = read_pointer(home)
    if pointer is None:
        msg = f"No warehouse build in {home / 'builds'}. Run 'dwell load' first."
        raise NoBuild(msg)
    return _from_pointer(pointer, home / "builds", 0.0, is_new=False, reason="nothing new")


def _from_pointer(
    pointer: dict[str, Any], folder: Path, seconds: float, *, is_new: bool, reason: str
) -> Build:
    return Build(
        number=pointer["build"],
        path=folder / pointer["file"],
        as_of=pointer["as_of"],
        events=pointer["events"],
        sessions=pointer["sessions"],
        seconds=seconds,
        is_new=is_new,
        reason=reason,
    )


def _fingerprints(settings: Settings, lake: Lake, commits: Sequence[Commit]) -> dict[str, str]:
    """What a build is made of; where one of them differs, the build is out of date."""
    code = [(m.name, m.sql) for m in models()] + [(c.name, c.sql) for c in checks()]
    pruned = lake.manifest().pruned
    parts = {
        "lake_fingerprint": [LAKE_VERSION, *sorted(c.batch_id for c in commits)],
        "settings_fingerprint": settings.shaping_history(),
        "models_fingerprint": code,
        "prune_fingerprint": [str(pruned.before), pruned.kept] if pruned else [],
    }
    return {
        name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:24]
        for name, part in parts.items()
    }


def _reason(
    current: dict[str, Any] | None, fingerprints: dict[str, str], folder: Path
) -> str | None:
    """Why a new build is due, in words; None when it is not."""
    if current is None or not (folder / str(current.get("file"))).exists():
        return "first build"
    parts = current.get("parts", [])
    if not all(event_parts.path_of(folder, part).exists() for part in parts):
        return "events of the last build are gone: all history redone"
    words = {
        "settings_fingerprint": "settings changed: all history redone",
        "models_fingerprint": "models changed: all history redone",
        "prune_fingerprint": "old events pruned",
        # The last one: it stands for a change of events alone.
        "lake_fingerprint": NEW_EVENTS,
    }
    for name, reason in words.items():
        if current.get(name) != fingerprints[name]:
            return reason
    return None


def _next_number(folder: Path, current: dict[str, Any] | None) -> int:
    taken = [int(path.stem[3:]) for path in folder.glob("wh-*.duckdb") if path.stem[3:].isdigit()]
    return max([*taken, current["build"] if current else 0]) + 1


def _sweep(folder: Path) -> None:
    """Removes what a killed build left."""
    _remove_unfinished(folder)
    for path in (*folder.glob("*.tmp"), *(folder / event_parts.FOLDER).glob("*.building*")):
        path.unlink(missing_ok=True)


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob("*.building*"):
        path.unlink(missing_ok=True)


def _sweep_parts(folder: Path) -> None:
    """Removes the parts of the events that no build is made of; none when one cannot be read."""
    needed = []
    try:
        for path in folder.glob("wh-*.duckdb"):
            with duckdb.connect() as con:
                con.execute(f"attach {quoted(path)} as one (read_only)")
                needed += event_parts.numbers_of(con, "one")
    except duckdb.Error:
        return
    event_parts.sweep(folder, needed)


def _sweep_old(folder: Path, newest: int, kept: int) -> None:
    for path in folder.glob("wh-*.duckdb"):
        number = re.fullmatch(r"wh-(\d+)", path.stem)
        if number and int(number[1]) <= newest - max(kept, 1):
            path.unlink(missing_ok=True)
