"""What follows once people are out of the lake, and is the same however often it is run: a build
without them, and the end of all that was made with them.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.config.settings import Settings
from etl.lake import Lake, LakeState
from etl.lake.erase import begun_at
from etl.lake.erased_names import Names
from etl.lake.receipts import add_to, pending, read_receipt, set_in
from etl.lake.tombstones import Tombstones, key_of, tombstones_of
from warehouse.build import build
from warehouse.build.older_builds import remove_older
from warehouse.build.runner import OnStep
from warehouse.build_files import last_build
from warehouse.forget.id_columns import IdColumns
from warehouse.forget.landed import clean_landed
from warehouse.forget.saved import clean_saved
from warehouse.forget.search import Searched, search
from warehouse.forget.spool import Cleaned, clean_spool


@dataclass(frozen=True)
class Finished:
    """What became of all but the lake.

    build      the number of the current build; None without one
    builds     files of older builds and parts that were removed
    saved      places that named the people → entries that changed
    landed     files of databases that went, or rows of them
    spool      the collector's files
    receipts   what says so in the home
    searched   where the ids were looked for afterwards, and what still holds one
    """

    build: int | None
    builds: tuple[str, ...]
    saved: Mapping[str, int]
    landed: tuple[Path, ...]
    spool: Cleaned
    receipts: tuple[Path, ...]
    searched: Searched

    @property
    def is_whole(self) -> bool:
        """Whether nothing waits to be ended by a later run."""
        return not self.spool.waiting


def end_pending(settings: Settings, on_step: OnStep) -> Finished | None:
    """Ends what a killed run has begun, or what waited for the collector; None where nothing does.
    Hold the lock. The errors of finish.
    """
    lake = Lake(settings.home)
    state = lake.state()
    return finish(settings, lake, state, (), on_step) if pending(state) else None


def finish(
    settings: Settings, lake: Lake, state: LakeState, ids: Sequence[str], on_step: OnStep
) -> Finished:
    """Ends all erasures that were begun. `ids`: what is searched for in the end, and stands nowhere
    by then but where it is of others. Hold the lock. The errors of build.

    Their receipts are added to by each step, so that a run that goes on tells of both.
    """
    home, tombstones = settings.home, tombstones_of(state)
    names = Names(tombstones, {file.source for file in state.files.values()})
    receipts = pending(state)

    def note(**facts: Any) -> None:
        for path in receipts:
            add_to(path, facts)

    _clean_log(lake, state, names)
    lake.remove_orphans(state)
    shutil.rmtree(lake.staging, ignore_errors=True)
    landed = clean_landed(settings, state, tombstones)
    note(landed=[path.relative_to(home).as_posix() for path in landed])
    # Notes of failed loads are in builds, too.
    saved = clean_saved(home, names, IdColumns(settings))
    note(saved=dict(saved))
    current = build(settings, on_step=on_step) if last_build(home) else None
    number = current.number if current else None
    spool = clean_spool(settings, current.last_batch if current else 0, tombstones)
    note(collected_lines=spool.lines, collected_removed=len(spool.removed))
    builds = remove_older(home)
    note(builds_removed=list(builds))
    shutil.rmtree(lake.staging, ignore_errors=True)
    searched = search(settings, ids)
    for path in receipts:
        finished_at = None if spool.waiting else begun_at()
        told = {"build": number, "collected_waiting": len(spool.waiting)}
        set_in(path, {**told, **searched.as_facts(ids), "finished_at": finished_at})
    return Finished(number, tuple(builds), saved, tuple(landed), spool, tuple(receipts), searched)


def search_again(settings: Settings, state: LakeState, ids: Sequence[str]) -> Searched:
    """Looks for ids of people who were forgotten before, and notes it in those of their receipts
    whose run had no ids to look for.
    """
    searched = search(settings, ids)
    if not searched.files:
        return searched
    for one in state.erased:
        path = state.root / one.receipt
        tombstones = Tombstones(key_of(state.root), [one])
        if any(map(tombstones.is_user, ids)) and not read_receipt(path).get("searched_files"):
            set_in(path, searched.as_facts(ids))
    return searched


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
