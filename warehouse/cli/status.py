"""dwell status: build, freshness, and what became of every row."""

import argparse
from datetime import UTC, datetime
from typing import Any

import warehouse
from etl.config.settings import Settings
from etl.errors import DwellError
from etl.lake import Commit, Lake
from etl.load.outcome import failures
from warehouse.build.publish import read_pointer
from warehouse.cli.output import count, rows, say, say_json
from warehouse.connection import kept_builds

EXAMPLE = "dwell status --json"
# Files whose fields changed: the newest of them, so that old news goes away.
_CHANGES_TOLD = 5


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How many of the last loads."""
    command.add_argument("--last", type=int, default=10, metavar="N", help="last loads shown")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the state; 0 also before the first build."""
    found = state(settings, args.last)
    if args.json:
        say_json(found)
    else:
        _tell(found)
    return 0


def state(settings: Settings, last: int) -> dict[str, Any]:
    """The object of --json."""
    commits = Lake(settings.home).commits()
    pointer = read_pointer(settings.home)
    folder = settings.home / "builds"
    as_of = pointer["as_of"] if pointer else None
    return {
        "home": str(settings.home.resolve()),
        "build": pointer["build"] if pointer else None,
        "path": str((folder / pointer["file"]).resolve()) if pointer else None,
        "built_at": pointer["built_at"] if pointer else None,
        "as_of": as_of,
        "data_age_seconds": _age(as_of),
        "time_zone": settings.time_zone,
        "sessions": pointer["sessions"] if pointer else 0,
        "events": pointer["events"] if pointer else 0,
        "builds_kept": kept_builds(settings.home),
        "batches_not_in_build": len(commits) - (pointer["batches"] if pointer else 0),
        "sources": per_source(commits),
        "rejected": _rejected(settings),
        "failed_files": failures(settings.home),
        "schema_changes": _schema_changes(commits),
        "last_loads": [_told(commit) for commit in commits[-last:][::-1]] if last else [],
    }


def per_source(commits: list[Commit]) -> list[dict[str, Any]]:
    """Files, rows and time span of each source, by name."""
    found: dict[str, dict[str, Any]] = {}
    for commit in commits:
        entry = found.setdefault(
            commit.source,
            {
                "source": commit.source,
                "formats": [],
                "files": 0,
                "rows_read": 0,
                "rows_loaded": 0,
                "rows_duplicate": 0,
                "rows_rejected": 0,
                "first_event_time": None,
                "last_event_time": None,
                "last_loaded_at": None,
            },
        )
        entry["files"] += 1
        if commit.format not in entry["formats"]:
            entry["formats"].append(commit.format)
        for name in ("rows_read", "rows_loaded", "rows_duplicate", "rows_rejected"):
            entry[name] += getattr(commit, name)
        first, latest = commit.first_event_time, commit.last_event_time
        entry["first_event_time"] = min(
            filter(None, [entry["first_event_time"], first]), default=None
        )
        entry["last_event_time"] = max(
            filter(None, [entry["last_event_time"], latest]), default=None
        )
        entry["last_loaded_at"] = max(filter(None, [entry["last_loaded_at"], commit.loaded_at]))
    return [found[name] for name in sorted(found)]


def _rejected(settings: Settings) -> list[dict[str, Any]]:
    try:
        with warehouse.open(settings.home) as wh:
            found: list[dict[str, Any]] = (
                wh.sql(
                    "select source, file, reason, row_count, first_line, example "
                    "from rejected_summary order by row_count desc, file, reason"
                )
                .pl()
                .to_dicts()
            )
            return found
    except DwellError:
        return []


def _schema_changes(commits: list[Commit]) -> list[dict[str, Any]]:
    """The newest files whose fields were not those of the file before, newest first."""
    names = ("loaded_at", "source", "file", "schema_changes")
    changed = [commit for commit in commits if commit.schema_changes]
    return [{n: getattr(c, n) for n in names} for c in changed[: -_CHANGES_TOLD - 1 : -1]]


def _age(as_of: str | None) -> float | None:
    if as_of is None:
        return None
    age = datetime.now(UTC) - datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    return round(age.total_seconds(), 1)


def _told(commit: Commit) -> dict[str, Any]:
    names = (
        "loaded_at", "source", "format", "file", "rows_read", "rows_loaded", "rows_duplicate",
        "rows_rejected", "seconds",
    )  # fmt: skip
    return {name: getattr(commit, name) for name in names}


def _tell(found: dict[str, Any]) -> None:
    if found["build"] is None:
        say(f"No build in {found['home']}. Run 'dwell load' first.")
    else:
        say(f"Build {found['build']} of {found['built_at'][:19]} UTC, {found['path']}")
        say(
            f"{count(found['sessions'], 'session')}, {count(found['events'], 'event')}, as of "
            f"{(found['as_of'] or 'no event')[:19]} UTC, {age_in_words(found['data_age_seconds'])}"
        )
    if found["batches_not_in_build"]:
        say(
            f"{count(found['batches_not_in_build'])} loaded files are not in it: run 'dwell build'."
        )
    if found["sources"]:
        say()
        rows(
            [
                [
                    entry["source"],
                    count(entry["files"]),
                    count(entry["rows_read"]),
                    count(entry["rows_loaded"]),
                    count(entry["rows_duplicate"]),
                    count(entry["rows_rejected"]),
                    (entry["first_event_time"] or "–")[:19],
                    (entry["last_event_time"] or "–")[:19],
                ]
                for entry in found["sources"]
            ],
            [
                "source",
                "files",
                "read",
                "loaded",
                "duplicate",
                "rejected",
                "first event",
                "last event",
            ],
        )
    if found["rejected"]:
        say("\nRejected rows")
        for entry in found["rejected"]:
            example = str(entry["example"] or "").replace("\n", " ")[:100]
            say(
                f"  {count(entry['row_count'])} × {entry['reason']} in {entry['file']}, first at "
                f"line {entry['first_line']}: {example}"
            )
    if found["schema_changes"]:
        say("\nFields that changed")
        for entry in found["schema_changes"]:
            said = " ".join(entry["schema_changes"])
            say(f"  {entry['loaded_at'][:16]} {entry['source']}, {entry['file']}: {said}")
    if found["failed_files"]:
        say("\nFiles that failed")
        for entry in found["failed_files"]:
            say(f"  {entry['message']}")


def age_in_words(seconds: float | None) -> str:
    """How old the newest event is, in words."""
    if seconds is None:
        return "no event yet"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(int(seconds // size), unit) + " old"
    return "less than a minute old"
