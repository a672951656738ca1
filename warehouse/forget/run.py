"""dwell forget: people go out of a home whole, and do not come back. Prints nothing.

The lake goes first, in one transaction. All that follows is made of the lake, or looked through by
the hashes that the transaction left: whoever runs it again after a kill comes to the same end.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.duck import Config, connect
from etl.lake import Lake, LakeState
from etl.lake.erase import Found, begun_at, erase, find
from etl.lake.erased_names import Names
from etl.lake.people import People
from etl.lake.receipts import pending
from etl.lake.spellings import spelt
from etl.lake.tombstones import Tombstones, key_of
from etl.privacy.key import names_of
from warehouse.build.failures import refuse_lost_rows
from warehouse.build.runner import OnStep, ignore_step
from warehouse.build_files import kept_builds, last_build
from warehouse.forget.finish import Finished, finish, search_again
from warehouse.forget.id_columns import IdColumns
from warehouse.forget.known import Meant, meant_by
from warehouse.forget.landed import files_of_others, landed_with
from warehouse.forget.marks import Marks
from warehouse.forget.saved import find_saved
from warehouse.forget.search import NOT_SEARCHED, Searched
from warehouse.forget.spool import find_lines

_MEMORY_LIMIT = "2GB"


@dataclass(frozen=True)
class Forgotten:
    """What was, or would be, taken out of a home.

    people       who was found, with how they are called there
    unknown      ids as they were given, of whom nothing is there
    before       those that were forgotten before, of whom nothing is left
    found        of the lake
    saved        places beside it that name them → entries
    lines        of the collector's files
    landed       files that Dwell itself landed with rows of theirs: loaded ones go, of others rows
    builds       how many builds go; the newest then is a new one
    left_alone   files of others that the rows came from
    finished     what became of all but the lake; None where nothing was changed
    searched     where the ids were looked for afterwards, and what still holds one
    """

    people: People
    unknown: tuple[str, ...]
    before: tuple[str, ...]
    found: Found
    saved: Mapping[str, int] = field(default_factory=dict)
    lines: int = 0
    landed: tuple[Path, ...] = ()
    builds: int = 0
    left_alone: tuple[Path, ...] = ()
    finished: Finished | None = None
    searched: Searched = NOT_SEARCHED


def forget(
    settings: Settings,
    ids: Sequence[str],
    *,
    dry_run: bool = False,
    on_step: OnStep = ignore_step,
) -> Forgotten:
    """Takes out all that the home holds of the users of these ids, and ends what a killed run has
    begun. Hold the lock.

    Anonymous ids go with them, for the time that they were theirs. SourceError or BuildError when
    a file of the lake is lost; CheckFailed or BuildError when no build can be made: the lake then
    is without them already, and the next run goes on. Of nobody it changes nothing.
    """
    lake = Lake(settings.home)
    state = lake.state() if dry_run else lake.sweep()
    refuse_lost_rows(state)
    called = {one: _called(settings, lake, state, one) for one in ids}
    with _engine() as con:
        meant = meant_by(con, settings, state, called)
        found = find(con, state, meant.people)
        result = _looked_at(settings, state, meant, found)
        if dry_run:
            return result
        if meant.people.users:
            receipt = {"users": len(called) - len(meant.gone), **_receipt(result)}
            state = erase(con, lake, state, meant.people, found, receipt)
    names = [*meant.people.own_ids, *meant.before_names]
    if meant.people.users or pending(state):
        finished = finish(settings, lake, state, names, on_step)
        return replace(result, finished=finished, searched=finished.searched)
    return replace(result, searched=search_again(settings, state, meant.before_names))


def _called(settings: Settings, lake: Lake, state: LakeState, one: str) -> tuple[str, ...]:
    """What the home may call somebody, as the id was given and as a load spells it."""
    names = names_of(one, settings.redact, settings.all_rules(), lake, state)
    return tuple(dict.fromkeys([*names, *map(spelt, names)]))


def _looked_at(settings: Settings, state: LakeState, meant: Meant, found: Found) -> Forgotten:
    """What is there of the people, in the lake and beside it. Changes nothing."""
    home, people = settings.home, meant.people
    tombstones = _tombstones(state, people)
    names = Names(tombstones, {file.source for file in state.files.values()})
    return Forgotten(
        people=people,
        unknown=meant.unknown,
        before=meant.before,
        found=found,
        saved=find_saved(home, names, IdColumns(settings)),
        lines=find_lines(home, tombstones).lines,
        landed=tuple(file.path for file in landed_with(settings, tombstones)),
        builds=len(kept_builds(home)) if last_build(home) else 0,
        left_alone=tuple(files_of_others(state, found)),
    )


def _receipt(result: Forgotten) -> dict[str, Any]:
    """What the receipt says beside what went of the lake: no id. What follows is added to it."""
    marked = Marks(result.people.ids).marked
    return {
        **{"saved": {}, "landed": [], "builds_removed": [], "still_in": {}},
        **{"collected_lines": 0, "collected_removed": 0, "searched_files": 0},
        "begun_at": begun_at(),
        "anonymous_ids": len(result.people.visits),
        "left_alone": [marked(str(path)) for path in result.left_alone],
    }


def _tombstones(state: LakeState, people: People) -> Tombstones:
    """Those that there will be."""
    key = key_of(state.root) if state.erased else secrets.token_bytes(32)
    return Tombstones(key, [*state.erased, Tombstones(key).of("", people.users, people.visits)])


@contextmanager
def _engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that spills beside the home."""
    with TemporaryDirectory(prefix="dwell-") as folder:
        config: Config = {"temp_directory": folder, "memory_limit": _MEMORY_LIMIT}
        with connect(config=config) as con:
            con.execute("set TimeZone = 'UTC'")
            yield con
