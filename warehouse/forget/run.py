"""dwell forget: people go out of a home whole, and do not come back. Prints nothing.

The lake goes first, in one transaction. All that follows is made of the lake, or looked through by
the hashes that the transaction left: whoever runs it again after a kill comes to the same end.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl.config.settings import Settings
from etl.duck import connect
from etl.lake import Lake, LakeState
from etl.lake.erase import Found, begun_at, erase, find
from etl.lake.erased_names import Names
from etl.lake.people import People
from etl.lake.tombstones import Tombstones, key_of, tombstones_of
from etl.privacy.key import names_of
from warehouse.build.failures import refuse_lost_rows
from warehouse.build.people import people_of
from warehouse.build.runner import OnStep, ignore_step
from warehouse.build_files import kept_builds, last_build
from warehouse.forget.finish import Finished, finish, pending
from warehouse.forget.landed import files_of_others, landed_files
from warehouse.forget.saved import find_saved
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
    landed       files that Dwell itself landed and loaded, which go
    builds       how many builds go; the newest then is a new one
    left_alone   files of others that the rows came from
    finished     what became of all but the lake; None where nothing was changed
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
    given = {one: names_of(one, settings.redact, settings.all_rules(), lake, state) for one in ids}
    known = tombstones_of(state)
    with TemporaryDirectory(prefix="dwell-") as folder, connect(config=_limits(folder)) as con:
        con.execute("set TimeZone = 'UTC'")
        users = tuple(dict.fromkeys(name for names in given.values() for name in names))
        people = people_of(con, state, users)
        look = _Look(settings, lake, state, people)
        unknown = [one for one, names in given.items() if not look.knows(con, names)]
        before = [one for one in unknown if any(map(known.is_user, given[one]))]
        unknown = [one for one in unknown if one not in before]
        gone = [name for one in (*unknown, *before) for name in given[one]]
        people = People(tuple(u for u in users if u not in gone), people.visits)
        found = find(con, state, people)
        result = Forgotten(people, tuple(unknown), tuple(before), found, **look.beside(found))
        if dry_run:
            return result
        receipt = {
            "begun_at": begun_at(),
            "users": len(given) - len(unknown) - len(before),
            "anonymous_ids": len(people.visits),
            "landed": [path.relative_to(settings.home).as_posix() for path in result.landed],
            "left_alone": look.names.value([str(path) for path in result.left_alone]),
        }
        if people.users:
            state = erase(con, lake, state, people, found, receipt)
    if not (people.users or pending(state)):
        return result
    names = [*people.own_ids, *(name for one in before for name in given[one])]
    return _with(result, finish(settings, lake, state, names, on_step))


class _Look:
    """What a home has of people beside the rows of its lake. Changes nothing."""

    def __init__(self, settings: Settings, lake: Lake, state: LakeState, people: People) -> None:
        self.settings = settings
        self.state = state
        self.people = people
        self.sources = {file.source for file in state.files.values()}
        self.tombstones = _tombstones(state, people)
        self.names = Names(self.tombstones, self.sources)
        self.events: set[str] = set()

    def knows(self, con: Any, users: Sequence[str]) -> bool:
        """Whether anything is there of a user, who may be called so."""
        if not self.events:
            found = find(con, self.state, self.people)
            rows = con.execute("select distinct user_id from leaving_rows").fetchall()
            self.events = {user for (user,) in rows} | {*found.kept}
        if self.events & {*users}:
            return True
        alone = People(tuple(users))
        tombstones = _tombstones(self.state, alone, is_all=False)
        home = self.settings.home
        return bool(
            not find(con, self.state, alone).is_empty
            or find_lines(home, tombstones).lines
            or find_saved(home, Names(tombstones, self.sources))
        )

    def beside(self, found: Found) -> dict[str, Any]:
        """The fields of Forgotten but those of the lake."""
        home = self.settings.home
        landed = landed_files(home, self.state, self.people.ids)
        return {
            "saved": find_saved(home, self.names),
            "lines": find_lines(home, self.tombstones).lines,
            "landed": tuple(landed),
            "builds": len(kept_builds(home)) if last_build(home) else 0,
            "left_alone": tuple(files_of_others(home, self.state, found, self.people)),
        }


def _tombstones(state: LakeState, people: People, *, is_all: bool = True) -> Tombstones:
    """Those that there will be."""
    key = key_of(state.root) if state.erased else secrets.token_bytes(32)
    new = Tombstones(key).of("", people.users, people.visits)
    return Tombstones(key, [*(state.erased if is_all else ()), new])


def _limits(folder: str) -> dict[str, Any]:
    return {"temp_directory": folder, "memory_limit": _MEMORY_LIMIT}


def _with(result: Forgotten, finished: Finished) -> Forgotten:
    return replace(result, finished=finished)
