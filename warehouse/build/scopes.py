"""Copies the current build for each scope of dwell.toml, and any build for a scope of a notebook.

A copy is a file of the same number in the scope's own home, published by a pointer like a build. It
is made once the build is published: until then those under the scope read the one before.
"""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize

import duckdb

from etl.config.access import SCOPES, Access
from etl.config.settings import CONFIG_FILE, Settings, load_settings
from etl.durable import sync_folder
from etl.errors import ConfigError, DwellError, disk_full, in_brief
from etl.lake import Lake
from warehouse.build.scope_cut import cut, rules
from warehouse.build_files import (
    Build,
    build_path,
    builds_folder,
    kept_builds,
    last_build,
    write_pointer,
)
from warehouse.conditions import Given, conditions_of
from warehouse.connection import Warehouse
from warehouse.connection import open as open_warehouse
from warehouse.scopes import Scope, scope_folder, scope_of_entry

# Builds of a scope: the current one, and the one that an open page may hold.
KEPT = 2
# By what rules a copy was cut.
_RULES = "cut"


def copy_scopes(settings: Settings, current: Build) -> list[str]:
    """Brings every scope up to the build; what of it could not be, in sentences. Hold the lock.

    What is of no scope of dwell.toml any more goes, but for what was saved by those under it: that
    is found again where the same conditions are.
    """
    folders = {scope_folder(settings.home, access) for access in settings.access}
    for folder in (settings.home / SCOPES).glob("*"):
        if folder not in folders:
            shutil.rmtree(folder / "builds", ignore_errors=True)
    problems = []
    for access in settings.access:
        folder = scope_folder(settings.home, access)
        last = last_build(folder)
        if last and last.is_whole and _is_of(last, current):
            continue
        try:
            with open_warehouse(settings.home, build=current.number) as wh:
                _publish(wh, scope_of_entry(access), folder, current, settings)
        except (DwellError, duckdb.Error, OSError) as error:
            why = disk_full(error, settings.home) or in_brief(error)
            problems.append(
                f"The scope '{access.name}' has no copy of build {current.number}: {why} Those "
                "under it go on with the one before, or see nothing. Mend it; run 'dwell build'."
            )
    return problems


def _is_of(copy: Build, current: Build) -> bool:
    """Whether it was copied of that build, by the rules of this Dwell."""
    return copy.number == current.number and copy.fingerprints.get(_RULES) == rules()


def within(wh: Warehouse, where: dict[str, Given]) -> Warehouse:
    """The same build as those see it who are under such a scope: a copy, until it is closed.

    ConfigError for conditions that do not fit, and for none.
    """
    if not where:
        msg = (
            "within() was given no condition. Wanted: which sessions are in it, as in "
            "within({'source': ['web']}). All rows are in the warehouse itself."
        )
        raise ConfigError(msg)
    scope = Scope("", conditions_of(where))
    root = Path(mkdtemp(prefix="dwell-"))
    try:
        copy = _copied(wh, scope, root)
    except BaseException:
        shutil.rmtree(root)
        raise
    # With the warehouse, however that ends.
    copy.on_close = finalize(copy, shutil.rmtree, root)
    return copy


def _copied(wh: Warehouse, scope: Scope, root: Path) -> Warehouse:
    config = wh.home / CONFIG_FILE
    if config.exists():
        (root / CONFIG_FILE).symlink_to(config.absolute())
    home = scope_folder(root, Access("within"))
    settings = load_settings(wh.home)
    published = Build(
        number=wh.build,
        path=wh.path,
        built_at=wh.built_at,
        as_of=wh.as_of,
        time_zone=wh.time_zone,
        batches=0,
        events=0,
        sessions=0,
        seconds=0.0,
        parts=(),
        kept_parts={},
        fingerprints={},
    )
    _publish(wh, scope, home, published, settings)
    return open_warehouse(home)


def _publish(wh: Warehouse, scope: Scope, home: Path, current: Build, settings: Settings) -> None:
    started = time.monotonic()
    folder = builds_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    target = build_path(folder, current.number)
    for left in folder.glob("*.building*"):
        left.unlink()
    unfinished = target.with_suffix(".building")
    counts = cut(wh, scope, unfinished, settings, Lake(wh.home).state())
    with unfinished.open("rb") as handle:
        os.fsync(handle.fileno())
    unfinished.replace(target)
    sync_folder(folder)
    write_pointer(
        replace(
            current,
            path=target,
            sessions=counts.sessions,
            events=counts.events,
            seconds=round(time.monotonic() - started, 3),
            parts=(),
            kept_parts={},
            # Of what the whole was made is nobody's business here.
            fingerprints={_RULES: rules()},
            batches=0,
            last_batch=0,
            sizes={target.name: target.stat().st_size},
        )
    )
    for number in kept_builds(home)[:-KEPT]:
        build_path(folder, number).unlink(missing_ok=True)
