"""dwell sources: what is configured, what its paths match, and its last result."""

import argparse
from typing import Any

from etl.files import expand
from etl.lake import Lake
from etl.load import failures
from etl.settings import Settings
from etl.sources import FORMATS
from warehouse.cli.output import count, say, say_json
from warehouse.cli.status import per_source

EXAMPLE = "dwell sources"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the sources; 1 when a configured path matches nothing or a file failed."""
    found = sources(settings)
    if args.json:
        say_json({"sources": found, "formats": {f.name: f.sentence for f in FORMATS}})
    else:
        _tell(found)
    healthy = all(entry["health"] in ("ok", "not loaded yet") for entry in found)
    return 0 if healthy else 1


def sources(settings: Settings) -> list[dict[str, Any]]:
    """Configured sources first, then those that only the lake knows."""
    loaded = {entry["source"]: entry for entry in per_source(Lake(settings.home).commits())}
    failed: dict[str, list[str]] = {}
    for failure in failures(settings.home):
        failed.setdefault(str(failure["source"]), []).append(str(failure["message"]))
    names = [source.name for source in settings.sources]
    configured = {source.name: source for source in settings.sources}
    found = []
    for name in [*names, *(name for name in loaded if name not in configured)]:
        source = configured.get(name)
        files, missing = expand(source.paths) if source else ([], [])
        entry: dict[str, Any] = {
            "source": name,
            "is_configured": source is not None,
            "format": source.format if source else None,
            "paths": list(source.paths) if source else [],
            "files_matched": len(files),
            "paths_matching_nothing": missing,
            "failures": failed.get(name, []),
            **{k: v for k, v in loaded.get(name, {}).items() if k != "source"},
        }
        entry["health"] = _health(entry)
        found.append(entry)
    return found


def _health(entry: dict[str, Any]) -> str:
    if entry["paths_matching_nothing"]:
        return "a path matches nothing"
    if entry["failures"]:
        return "a file failed"
    return "ok" if entry.get("files") else "not loaded yet"


def _tell(found: list[dict[str, Any]]) -> None:
    if not found:
        say("No source is configured and none was loaded. See dwell.example.toml.")
    for entry in found:
        said = "dwell.toml" if entry["is_configured"] else "given on the command line"
        say(f"{entry['source']} ({said}): {entry['health']}")
        for path in entry["paths"]:
            say(f"  path     {path}")
        if entry.get("files"):
            say(
                f"  loaded   {count(entry['files'], 'file')}, "
                f"{count(entry['rows_loaded'], 'event')}, "
                f"{count(entry['rows_duplicate'])} duplicate, "
                f"{count(entry['rows_rejected'])} rejected"
            )
            say(f"  events   {entry['first_event_time']} to {entry['last_event_time']} UTC")
        for path in entry["paths_matching_nothing"]:
            say(f"  missing  {path} matches no file: mend the path")
        for message in entry["failures"]:
            say(f"  failed   {message}")
