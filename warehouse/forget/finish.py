"""What follows once people are out of the lake, and is the same however often it is run: a build
without them, and the end of all that was made with them.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.config.access import SCOPES
from etl.config.settings import Settings
from etl.durable import write_json
from etl.errors import SourceError
from etl.lake import Lake, LakeState
from etl.lake.erase import begun_at
from etl.lake.erased_names import Names
from etl.lake.tombstones import tombstones_of
from warehouse.build import build
from warehouse.build.older_builds import remove_older
from warehouse.build.runner import OnStep
from warehouse.build_files import last_build
from warehouse.forget.saved import clean_saved
from warehouse.forget.search import Searched, search
from warehouse.forget.spool import Cleaned, clean_spool


@dataclass(frozen=True)
class Finished:
    """What became of all but the lake.

    build      the number of the current build; None without one
    builds     files of older builds and parts that were removed
    saved      places that named the people → entries that changed
    spool      the collector's files
    receipts   what says so in the home
    searched   where the ids were looked for afterwards, and what still holds one
    """

    build: int | None
    builds: tuple[str, ...]
    saved: Mapping[str, int]
    spool: Cleaned
    receipts: tuple[Path, ...] = ()
    searched: Searched = field(default_factory=lambda: Searched(0, 0, {}))

    @property
    def is_whole(self) -> bool:
        """Whether nothing waits to be ended by a later run."""
        return not self.spool.waiting


def pending(state: LakeState) -> list[Path]:
    """The receipts of erasures that were begun and not ended. SourceError for one that is lost."""
    paths = [state.root / one.receipt for one in state.erased]
    return [path for path in paths if _read(path).get("finished_at") is None]


def finish(
    settings: Settings, lake: Lake, state: LakeState, ids: Sequence[str], on_step: OnStep
) -> Finished:
    """Ends all erasures that were begun. `ids`: what is searched for in the end, and stands nowhere
    by then but where it is of others. Hold the lock. The errors of build.
    """
    home, tombstones = settings.home, tombstones_of(state)
    names = Names(tombstones, {file.source for file in state.files.values()})
    receipts = pending(state)
    _clean_log(lake, state, names)
    lake.remove_orphans(state)
    shutil.rmtree(lake.staging, ignore_errors=True)
    for path in receipts:
        for name in _read(path).get("landed", ()):
            (home / name).unlink(missing_ok=True)
    # Notes of failed loads are in builds, too.
    saved = clean_saved(home, names)
    for scope in sorted((home / SCOPES).glob("*")):
        # Each is a home of its own, whose people save what they look for.
        found = clean_saved(scope, names)
        saved |= {f"{SCOPES}/{scope.name}/{name}": count for name, count in found.items()}
    current = build(settings, on_step=on_step) if last_build(home) else None
    spool = clean_spool(settings, current.last_batch if current else 0, tombstones)
    builds = remove_older(home)
    shutil.rmtree(lake.staging, ignore_errors=True)
    searched = search(home, ids) if ids else Searched(0, 0, {})
    for path in receipts:
        told = {
            **_read(path),
            "finished_at": None if spool.waiting else begun_at(),
            "build": current.number if current else None,
            "builds_removed": list(builds),
            "saved": dict(saved),
            "collected_lines": spool.lines,
            "collected_removed": len(spool.removed),
            "collected_waiting": len(spool.waiting),
            "searched_files": searched.files,
            "searched_bytes": searched.bytes,
            "still_in": names.value(dict(searched.holding)),
        }
        write_json(path, told)
    number = current.number if current else None
    return Finished(number, tuple(builds), saved, spool, tuple(receipts), searched)


def _clean_log(lake: Lake, state: LakeState, names: Names) -> None:
    """Records and snapshots of before that name the people go: the newest says all that counts."""
    log = lake.log
    older = [log.path_of(number) for number in log.records()]
    is_named = any(names.are_in(path.read_text(encoding="utf-8")) for path in older)
    for number in log.snapshots():
        if number < state.number:
            with log.read_snapshot(number).batch_table() as con:
                rows = con.execute("select to_json(b)::varchar from lake_batches as b").fetchall()
            is_named = is_named or any(names.are_in(text) for (text,) in rows)
    if is_named:
        log.begin_anew(state)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = (
            f"The receipt {path} cannot be read: {error}. It says whether an erasure was ended: "
            "restore it from a backup."
        )
        raise SourceError(msg) from error
    return content
