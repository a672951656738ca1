"""dwell sources: what is configured, whether it can be read now, and its last result."""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from etl.config.settings import Settings
from etl.formats.registry import FORMATS
from etl.lake import Lake
from etl.load.check_sources import SourceCheck, check_sources
from etl.load.outcome import failures
from warehouse.cli.output import count, moment, rows, say, say_json
from warehouse.demo_home import demo_folder, demo_mark
from warehouse.health import SourceTotals, per_source
from warehouse.written import duration

EXAMPLE = "dwell sources"

_SOUND = ("ok", "not loaded yet")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the sources; 1 when a path matches nothing, or a file cannot be read or failed."""
    entries, warnings = sources(settings, datetime.now(UTC))
    if args.json:
        formats = {known.name: known.sentence for known in FORMATS}
        say_json({"sources": entries, "warnings": warnings, "formats": formats})
    else:
        _tell(entries)
        for text in warnings:
            say(f"\nWarning: {text}")
    return 0 if all(entry["health"] in _SOUND for entry in entries) else 1


def sources(settings: Settings, now: datetime) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The sources and warnings about them.

    Configured ones come first, then those that only landed or that only the lake knows.
    """
    home = settings.home
    with Lake(home).state().batch_table() as con:
        loaded = {totals.source: totals for totals in per_source(con)}
    failed: dict[str, list[str]] = {}
    for failure in failures(home):
        failed.setdefault(str(failure["source"]), []).append(str(failure["message"]))
    skip = [demo_folder(home)] if demo_mark(home).exists() else []
    checked, warnings = check_sources(settings, skip)
    checks = {check.source: check for check in checked}
    names = dict.fromkeys([*checks, *loaded])
    entries = [
        _entry(
            checks.get(name) or SourceCheck(name, None), loaded.get(name), failed.get(name, []), now
        )
        for name in names
    ]
    return entries, warnings


def _entry(
    check: SourceCheck, loaded: SourceTotals | None, failed: list[str], now: datetime
) -> dict[str, Any]:
    """The object of --json of one source."""
    source = check.configured
    errors = {trial.error for trial in check.trials}
    totals = asdict(loaded) if loaded else {}
    entry: dict[str, Any] = {
        "source": check.source,
        "is_configured": source is not None,
        "format": source.format if source else None,
        "paths": list(source.paths) if source else [],
        "database": source.database.shown if source and source.database else None,
        "files_matched": sum(trial.files for trial in check.trials if not trial.is_table),
        "files_waiting": check.waiting,
        "paths_matching_nothing": [t.path for t in check.trials if t.error and not t.files],
        "tested": [asdict(trial) for trial in check.trials],
        "failures": [message for message in failed if message not in errors],
        **{name: value for name, value in totals.items() if name != "source"},
    }
    last_event = _moment(entry.get("last_event_time"))
    last_load = _moment(entry.get("last_loaded_at"))
    # How old the newest event is now, and how old it was when it was loaded.
    entry["lag_seconds"] = _seconds(last_event, now)
    entry["lag_at_load_seconds"] = _seconds(last_event, last_load)
    entry["health"] = _health(entry)
    return entry


def _health(entry: dict[str, Any]) -> str:
    if entry["paths_matching_nothing"]:
        return "a path matches nothing"
    if any(trial["error"] for trial in entry["tested"]):
        return "cannot be read"
    if entry["failures"]:
        return "a file failed"
    return "ok" if entry.get("files") else "not loaded yet"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 1) if start and end else None


def _tell(entries: list[dict[str, Any]]) -> None:
    if not entries:
        say("No source is configured and none was loaded. See dwell.example.toml.")
        return
    rows(
        [_cells(entry) for entry in entries],
        [
            *("source", "state", "format", "files", "read", "loaded", "duplicate", "rejected"),
            *("first event", "last event", "last load", "lag"),
        ],
    )
    for entry in entries:
        where = "dwell.toml" if entry["is_configured"] else "not in dwell.toml"
        say(f"\n{entry['source']} ({where})")
        for trial in entry["tested"]:
            say(f"  {trial['error'] or _readable(trial)}")
        for message in entry["failures"]:
            say(f"  failed in the last load: {message}")
        if entry["files_waiting"]:
            say(f"  {count(entry['files_waiting'], 'file')} not whole yet, left for the next load")
        if entry.get("times"):
            say(f"  times read as {', '.join(entry['times'])}")
        if entry["lag_at_load_seconds"] is not None:
            say(f"  newest event {duration(entry['lag_at_load_seconds'])} old when it was loaded")


def _cells(entry: dict[str, Any]) -> list[str]:
    read_as = dict.fromkeys([t["format"] for t in entry["tested"] if t["format"]])
    formats = list(read_as) or entry.get("formats") or [entry["format"] or "–"]
    numbers = ("files", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected")
    times = ("first_event_time", "last_event_time", "last_loaded_at")
    lag = entry["lag_seconds"]
    return [
        entry["source"],
        entry["health"],
        ", ".join(formats),
        *(count(entry.get(name)) for name in numbers),
        *(moment(entry.get(name)) for name in times),
        "–" if lag is None else duration(lag),
    ]


def _readable(trial: dict[str, Any]) -> str:
    if trial["is_table"]:
        return f"{trial['path']}: readable"
    if not trial["newest"]:
        return f"{trial['path']}: its files are matched by another path too"
    return (
        f"{trial['path']}: {count(trial['files'], 'file')}, the newest is readable as "
        f"{trial['format']}"
    )
