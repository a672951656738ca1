"""Load, build, prune: what brings a home up to date. Prints nothing, and holds no lock itself.

`dwell load`, `dwell run` and the demo do this alone, and whoever else needs a fresh home.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from etl.config.settings import Settings
from etl.errors import ConfigError, DwellError
from etl.formats.format import Request
from etl.formats.registry import request_of, requests_of
from etl.lake import Lake
from etl.landing_folder import landing_folder
from etl.load.dropped_files import has_landed, has_nowhere, landed
from etl.load.inputs import InputFiles, Inputs
from etl.load.outcome import Listener, Outcome
from etl.load.run import load
from etl.load.spooled import left_open, refuse_other_source, remove_loaded
from warehouse.build import Build, build
from warehouse.build.old_texts import DroppedTexts, drop_old_texts
from warehouse.build.own_properties import untold_properties
from warehouse.build.prune import prune
from warehouse.build_files import NEW_EVENTS, last_build
from warehouse.demo_home import demo_folder, demo_mark, refuse_own_data


@dataclass(frozen=True)
class Wanted:
    """What a load is to take, and what it leaves for the next one.

    again     files that were read by older rules are to be read again
    is_typed  files and how they are read were typed for this load alone
    """

    inputs: Inputs
    waiting: tuple[Outcome, ...] = ()
    again: bool = False
    is_typed: bool = False


@dataclass(frozen=True)
class Result:
    """What a load and its build came to. `problem`: why no build could be made."""

    outcomes: tuple[Outcome, ...]
    build: Build | None
    problem: str | None
    warnings: tuple[str, ...]
    seconds: float

    def how_many(self, status: str) -> int:
        """Files of that status."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def has_failed(self) -> bool:
        """Whether a file failed or held no event that could be read, or no build could be made.

        Files that are left for the next load are reason enough for none.
        """
        is_useless = any(outcome.is_useless for outcome in self.outcomes)
        is_empty = self.build is None and bool(self.outcomes) and not self.how_many("waiting")
        return self.problem is not None or self.how_many("failed") > 0 or is_useless or is_empty


class RefreshListener(Listener):
    """What is called as a load and the builds after it go on. Keeps the warnings alone."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def on_inputs(self, inputs: InputFiles) -> None:
        """What there is to do, before the first file."""
        for message in inputs.warnings:
            self.on_warning(message)

    def on_warning(self, message: str) -> None:
        """A sentence about what looks wrong, or did not work, and stops nothing."""
        self.warnings.append(message)

    def on_step(self, name: str, rows: int | None, seconds: float) -> None:
        """A model or check of a build was made; no rows where it is a view."""

    def on_dropped(self, dropped: DroppedTexts) -> None:
        """Texts are gone that were older than they are kept."""

    def on_removed(self, files: Sequence[Path]) -> None:
        """These files of the collector are gone: what they held is in the build."""


def load_and_build(
    settings: Settings, wanted: Wanted, listener: RefreshListener | None = None
) -> Result:
    """Loads, builds when there is something to build of, prunes to keep_events and drops texts
    by keep_texts; what the collector spooled goes once it is in the build long enough. Hold the
    lock.

    A build that cannot be made is the result's problem; ConfigError where the wanted files cannot
    be read as asked.
    """
    started = time.monotonic()
    listener = listener or RefreshListener()
    current, problem = None, None
    outcomes = load(
        settings,
        wanted.inputs,
        waiting=wanted.waiting,
        listener=listener,
        again=wanted.again,
        is_typed=wanted.is_typed,
    )
    try:
        # Of files without a single event nothing is to be built.
        if Lake(settings.home).state().events or last_build(settings.home):
            current = build(settings, on_step=listener.on_step)
        # Once for each dwell.toml, not at every load until it is changed.
        if current and current.is_new and current.reason != NEW_EVENTS:
            for sentence in untold_properties(settings):
                listener.on_warning(sentence)
        if current and settings.keep_events:
            keep = settings.keep_events
            current = prune(settings, older_than=keep, on_step=listener.on_step).build
        if current:
            dropped = drop_old_texts(settings, on_step=listener.on_step)
            # Else it is the same build, of which it was told already why it was made.
            if dropped.events or dropped.rejected:
                current = dropped.build
                listener.on_dropped(dropped)
            if gone := remove_loaded(settings, current.last_batch, texts_before=dropped.before):
                listener.on_removed(gone)
        for sentence in current.scope_problems if current else ():
            listener.on_warning(sentence)
    except DwellError as error:
        problem = str(error)
    seconds = round(time.monotonic() - started, 3)
    return Result(tuple(outcomes), current, problem, tuple(listener.warnings), seconds)


def wanted_files(
    settings: Settings, paths: Sequence[str], source: str | None = None, **reading: Any
) -> Wanted:
    """Files, folders and patterns, read as the source's entry says and as `reading` says instead.

    `reading` are fields of Request. ConfigError when the home is the demo's and they are not, or
    when one is the collector's, and of another source.
    """
    if source is not None:
        refuse_other_source(paths, source)
    entries = {entry.name: entry for entry in settings.sources}
    request = request_of(entries[source]) if source in entries else Request(source)
    refuse_own_data(settings.home, paths)
    return Wanted([(path, replace(request, **reading)) for path in paths], is_typed=True)


def wanted_by_default(
    settings: Settings, name: str | None = None, *, is_trial: bool = False
) -> Wanted:
    """What all configured sources and the landing folder have, or those of one source.

    Files that a killed collector left open are finished before, but for a trial.
    ConfigError when there is nothing to load from, or the home is the demo's and a source is not.
    """
    home = settings.home
    landing = landing_folder(home)
    sources = [source for source in settings.sources if name in (None, source.name)]
    for source in sources:
        if has_nowhere(source, home):
            msg = (
                f"The source '{source.name}' has no path, and nothing has landed for it in "
                f'{landing / source.name}. Add path = "exports/*.ndjson", or make that folder.'
            )
            raise ConfigError(msg)
    if name is not None and not sources and not has_landed(home, name):
        names = ", ".join(source.name for source in settings.sources) or "none"
        msg = (
            f"No source '{name}' is configured, and there is no {landing / name}. "
            f"Configured: {names}."
        )
        raise ConfigError(msg)
    if not sources and not landing.is_dir():
        msg = (
            "Nothing to load: no PATH was given and no source is configured. Name files "
            "(dwell load events.csv), drop them in the folder "
            f"{landing}, or copy dwell.example.toml to dwell.toml and edit it."
        )
        raise ConfigError(msg)
    unwritten = left_open(settings, name, is_trial=is_trial)
    skip = [demo_folder(home)] if demo_mark(home).exists() else []
    whole, unfinished = landed(settings, name=name, skip=skip)
    inputs = [pair for source in sources for pair in requests_of(source)] + whole
    refuse_own_data(home, [pattern for pattern, _ in inputs])
    waiting = [
        Outcome(file.source or "", str(file.path), "waiting", message=file.reason)
        for file in unfinished
    ]
    return Wanted(inputs, (*waiting, *unwritten))


def summary(result: Result) -> dict[str, object]:
    """The result as one object, as --json and other machines are told it."""
    current = result.build
    content: dict[str, object] = {
        "build": current.number if current else None,
        "batches": [asdict(outcome) for outcome in result.outcomes],
        "warnings": list(result.warnings),
        "sessions": current.sessions if current else 0,
        "events": current.events if current else 0,
        "as_of": current.as_of.isoformat() if current and current.as_of else None,
        "path": str(current.path.resolve()) if current else None,
        "seconds": result.seconds,
    }
    return content | ({"error": result.problem} if result.problem else {})
