"""Makes a build from the lake: models, checks, publish. Never changes a build that is there.

A new build is a new file under a temporary name. Only when every model ran and every check
found nothing is it renamed to its number and the pointer moved to it; readers of older
builds keep theirs. A kill at any moment leaves the current build as it was.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.config.settings import Settings
from etl.duck import connect, quoted
from etl.durable import sync_folder
from etl.errors import CheckFailed
from etl.lake import Lake, LakeState
from warehouse import build_log, part_files, table_parts
from warehouse.build.build_file import UNREADABLE, BuildFile
from warehouse.build.chat_facts import chat_macros
from warehouse.build.failures import refuse_lost_rows, told
from warehouse.build.full import MakeSessions
from warehouse.build.last_build import is_readable
from warehouse.build.model_files import checks, models
from warehouse.build.own_metrics import refuse_unfit_expressions
from warehouse.build.own_names import refuse_taken_names
from warehouse.build.runner import OnStep, ignore_step
from warehouse.build.scopes import copy_scopes
from warehouse.build.told_counts import MACRO, told_counts_macro
from warehouse.build.whole_lake import make_sessions
from warehouse.build_files import (
    NEW_EVENTS,
    NEW_METRICS,
    Build,
    build_path,
    build_paths,
    builds_folder,
    last_build,
    number_of,
    write_pointer,
)


def build(
    settings: Settings,
    *,
    full: bool = False,
    on_step: OnStep = ignore_step,
    now: datetime | None = None,
    because: str | None = None,
    make_sessions: MakeSessions = make_sessions,
) -> Build:
    """The current build, made anew when the lake, a setting or a model has changed. Hold the lock.

    `on_step` is called for each model and check with its rows and seconds; `because` is why it is
    made, where who asks knows better than new and gone batches tell; `make_sessions` is how another
    engine makes those of all history, where that is due. CheckFailed when a check
    finds bad rows, BuildError when a model cannot run; the current build then stays. The copies of
    scopes follow it.
    """
    with told(settings.home):
        now = now or datetime.now(UTC)
        current = _build(settings, full, on_step, now, because, make_sessions)
    return replace(current, scope_problems=tuple(copy_scopes(settings, current)))


def _build(
    settings: Settings,
    full: bool,
    on_step: OnStep,
    now: datetime,
    because: str | None,
    make_sessions: MakeSessions,
) -> Build:
    started = time.monotonic()
    lake = Lake(settings.home)
    folder = builds_folder(settings.home)
    _sweep(folder)
    refuse_taken_names(settings)
    refuse_unfit_expressions(settings)
    state = lake.sweep()
    refuse_lost_rows(state)
    fingerprints = fingerprints_of(settings, state)
    current = last_build(settings.home)
    reason = _reason(current, fingerprints, folder) if not full else "asked for in full"
    if current and reason is None:
        return current
    if reason == NEW_EVENTS and because:
        reason = because
    folder.mkdir(parents=True, exist_ok=True)
    number = _next_number(folder, current)
    target = build_path(folder, number)
    path = target.with_suffix(".building")
    build_file = BuildFile(path, number, lake, state, settings, now, make_sessions)
    try:
        facts, reason = build_file.increment_or_all(current, str(reason), on_step)
        with build_file.path.open("rb") as handle:
            os.fsync(handle.fileno())
        build_file.path.replace(target)
        sync_folder(folder)
    except CheckFailed as error:
        build_log.note_refused(settings.home, str(error))
        raise
    finally:
        _remove_unfinished(folder)
    stay = range(number - max(settings.keep_builds, 1) + 1, number)
    known = current.kept_parts if current else {}
    parts = [part_files.path_of(folder, part) for part in facts["parts"]]
    published = Build(
        number=number,
        path=target,
        built_at=datetime.now(UTC),
        time_zone=settings.time_zone,
        batches=state.batch_count,
        last_batch=state.last_batch,
        seconds=round(time.monotonic() - started, 3),
        fingerprints=fingerprints,
        is_new=True,
        reason=reason,
        kept_parts={n: known[n] for n in stay if n in known} | {number: facts["parts"]},
        sizes={path.name: path.stat().st_size for path in (target, *parts)},
        **facts,
    )
    write_pointer(published)
    build_log.note(settings.home, published)
    _sweep_old(folder, number, settings.keep_builds)
    _sweep_parts(folder, published.kept_parts)
    return published


def fingerprints_of(settings: Settings, state: LakeState) -> dict[str, str]:
    """What a build is made of; where one of them differs, the build is out of date."""
    code = [(m.name, m.sql) for m in models()] + [(c.name, c.sql) for c in checks()]
    code += [(MACRO, told_counts_macro()), *chat_macros().items()]
    pruned = state.pruned
    parts = {
        "settings": settings.shaping_history(),
        "models": code,
        "metrics": [astuple(metric) for metric in settings.metrics],
        "prune": [str(pruned.before), pruned.kept] if pruned else [],
    }
    hashes = {
        name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:24]
        for name, part in parts.items()
    }
    # Only where somebody was: others need no build for that.
    erased = {"erased": state.erased[-1].receipt} if state.erased else {}
    # As it is: the next build asks whether the lake has only grown since.
    return {"lake": state.history, **hashes, **erased}


def _reason(current: Build | None, fingerprints: Mapping[str, str], folder: Path) -> str | None:
    """Why a new build is due, in words; None when it is not."""
    if current is None or not current.path.exists():
        return "first build"
    if not is_readable(current):
        return UNREADABLE
    words = {
        # An upgrade may bring other defaults too: nobody changed a setting then.
        "models": "models changed: all history redone",
        "settings": "settings changed: all history redone",
        "erased": "people forgotten: all history redone",
        "prune": "old events pruned",
        "metrics": NEW_METRICS,
        # The last one: it stands for a change of events alone.
        "lake": NEW_EVENTS,
    }
    for name, reason in words.items():
        if current.fingerprints.get(name) != fingerprints.get(name):
            return reason
    return None


def _next_number(folder: Path, current: Build | None) -> int:
    taken = [number_of(path) or 0 for path in build_paths(folder)]
    return max([*taken, current.number if current else 0]) + 1


def _sweep(folder: Path) -> None:
    """Removes what a killed build left."""
    _remove_unfinished(folder)
    for path in (*folder.glob("*.tmp"), *(folder / part_files.FOLDER).glob("*.building*")):
        path.unlink(missing_ok=True)


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob("*.building*"):
        path.unlink(missing_ok=True)


def _sweep_parts(folder: Path, known: Mapping[int, Sequence[int]]) -> None:
    """Removes the parts that no build is made of; none when one cannot be read.

    known  number → the parts of builds that need not be opened for that
    """
    needed = [part for parts in known.values() for part in parts]
    try:
        for path in build_paths(folder):
            if number_of(path) in known:
                continue
            with connect() as con:
                con.execute(f"attach {quoted(path)} as build (read_only)")
                needed += table_parts.numbers_of(con, "build")
    except duckdb.Error:
        return
    part_files.sweep(folder, needed)


def _sweep_old(folder: Path, newest: int, kept: int) -> None:
    for path in build_paths(folder):
        number = number_of(path)
        if number is not None and number <= newest - max(kept, 1):
            path.unlink(missing_ok=True)
