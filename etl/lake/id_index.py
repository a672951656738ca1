"""The ids that the lake may know, so that a new row is told from one that was there before.

For each event of a source there is one number of 64 bits: the upper 48 are of a hash of its id, the
lower 16 the UTC day of its time, counted from 1970. The numbers lie sorted in files (runs) that are
mapped into memory, so that looking up an id reads a few pages, however many there are. Two ids may
have the same hash: the day says in which files of events the ids themselves are then compared.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from etl.lake.records import LakeFile
from etl.lake.state import LakeState

_DAY_BITS = np.uint64(16)
_DAYS = np.uint64(0xFFFF)
# A run of so many is not merged any more: 256 MB, held in memory while that is done.
_LONGEST_RUN = 32_000_000
# SQL of the number of an event, of its id and its time. Times are not before 1970; those of 2149
# and later count as of the last day.
KEY_SQL = (
    "(hash({id}) & 18446744073709486080::ubigint) "
    "| least(date_diff('day', date '1970-01-01', {time}::date), 65535)::ubigint"
)


def hash_version(con: duckdb.DuckDBPyConnection) -> str:
    """What the engine's hash makes of one word: keys of another engine are of no use."""
    return str(con.execute("select hash('dwell')").fetchall()[0][0])


def days_known(runs: Sequence[Any], keys: Any) -> tuple[Any, Any]:
    """Places in `keys` (sorted) whose hash some run has, and the days that stand there.

    A place comes several times where several events have its hash.
    """
    places: list[Any] = [np.empty(0, np.int64)]
    days: list[Any] = [np.empty(0, np.uint64)]
    hashes = keys >> _DAY_BITS
    for run in runs:
        at = np.searchsorted(run, hashes << _DAY_BITS)
        candidates = np.arange(len(keys))
        while len(candidates):
            inside = at < len(run)
            candidates, at = candidates[inside], at[inside]
            found = run[at]
            same = found >> _DAY_BITS == hashes[candidates]
            candidates, at = candidates[same], at[same]
            places.append(candidates)
            days.append(found[same] & _DAYS)
            at = at + 1
    return np.concatenate(places), np.concatenate(days)


def day_number(text: str) -> int:
    """The day of a time in ISO form as the keys count it."""
    days = (date.fromisoformat(text[:10]) - date(1970, 1, 1)).days
    return min(max(days, 0), int(_DAYS))


class IdIndex:
    """The runs of one source, as of a state of the lake.

    Runs that are lost or of another engine's hash count as not there: `is_whole` tells.
    """

    def __init__(self, state: LakeState, source: str, version: str) -> None:
        self.state = state
        self.source = source
        self.version = version
        known = [file for file in state.of_kind("ids") if file.source == source]
        self.files = [file for file in known if file.version == version and _is_whole(state, file)]
        self.is_outdated = len(self.files) < len(known)
        self.runs = [_mapped(state.path_of(file)) for file in self.files]

    @property
    def is_whole(self) -> bool:
        """Whether every event of the source has its key here: no file of them is lost or of another
        engine's hash, and none was never made, as after an upgrade.
        """
        highest = max((file.last_batch for file in self.files), default=0)
        return not self.is_outdated and all(
            file.last_batch <= highest
            for file in self.state.of_kind("events")
            if file.source == self.source
        )

    def add(
        self, staged: Path, new: Sequence[Any], first_batch: int, last_batch: int
    ) -> tuple[list[LakeFile], list[str]]:
        """Files with the new keys, in the staged folder, and names of those they stand for.

        Runs stay few: those that are not much larger than what comes are merged into it, so that a
        key is written anew only now and then.
        """
        if not sum(map(len, new)):
            return [], []
        keys = np.sort(np.concatenate(new))
        merged = []
        runs = sorted(zip(self.files, self.runs, strict=True), key=lambda one: len(one[1]))
        for file, run in runs:
            if len(run) > 2 * len(keys) or len(run) + len(keys) > _LONGEST_RUN:
                break
            keys = np.sort(np.concatenate([run, keys]), kind="stable")
            merged.append(file)
        first_batch = min([first_batch, *(file.first_batch for file in merged)])
        files = [
            self.write(staged, number, part, first_batch, last_batch)
            for number, part in enumerate(_parts(keys))
        ]
        return files, [file.name for file in merged]

    def write(
        self, staged: Path, number: int, keys: Any, first_batch: int, last_batch: int
    ) -> LakeFile:
        """The file with these keys, which are sorted, in the staged folder."""
        name = f"ids/{self.source}/{self.state.number + 1:08d}-{number}.keys"
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        keys.tofile(target)
        return LakeFile(
            name=name,
            source=self.source,
            rows=len(keys),
            bytes=keys.nbytes,
            first_batch=first_batch,
            last_batch=last_batch,
            version=self.version,
        )


def _parts(keys: Any) -> Iterator[Any]:
    for first in range(0, len(keys), _LONGEST_RUN):
        yield keys[first : first + _LONGEST_RUN]


def _is_whole(state: LakeState, file: LakeFile) -> bool:
    try:
        return state.path_of(file).stat().st_size == file.bytes
    except OSError:
        return False


def _mapped(path: Path) -> Any:
    return np.memmap(path, np.uint64, mode="r")
