"""What looks wrong about the rows of a file as a whole. Changes no row, and refuses none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from etl.arrow_numbers import as_array
from etl.duck import sql_beside
from etl.formats.read_plan import ReadPlan
from etl.lake import LakeState
from etl.lake.records import Batch, LakeFile

# Of fewer rows than these nothing is unusual.
_LEAST_ROWS = 100
_USER_SHARE = 0.4
_DUPLICATE_SHARE = 0.9
_SAME_SHARE = 0.5
_ONE_MOMENT = timedelta(seconds=1)
# To look at more rows of a chunk, or of a first load, than these costs more than it tells.
_ROWS_LOOKED_AT = 10_000


@dataclass
class _Rows:
    """Accepted rows of one file, duplicates too: how many, of before 2000, and when."""

    accepted: int = 0
    early: int = 0
    # Naive UTC, as the lake has it.
    first: datetime = datetime.max  # noqa: DTZ901
    last: datetime = datetime.min  # noqa: DTZ901


class Doubts:
    """Follows the rows of files that are loaded together, chunk by chunk.

    files  what each comes to, by its place
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        state: LakeState,
        plan: ReadPlan,
        replaced: Batch | None = None,
    ) -> None:
        self.con = con
        self.state = state
        self.source = plan.source
        self.replaced = replaced.number if replaced else None
        self.has_told_ids = "id" in plan.request.map or plan.is_collected
        self.files: dict[int, _Rows] = {}
        self.users: set[str] = set()
        self.cut: list[str] = []

    def see(self, rows: Any) -> tuple[int, int]:
        """How many rows of a chunk, which is registered as typed_rows, are accepted, and have an
        id."""
        accepted = given = 0
        for place, count, with_id, first, last, early in self._rows("rows_of_files"):
            file = self.files.setdefault(place, _Rows())
            file.accepted, file.early = file.accepted + count, file.early + early
            file.first, file.last = min(file.first, first), max(file.last, last)
            accepted, given = accepted + count, given + with_id
        self.con.register("rows_looked_at", _some(rows.select(["reason", "user_id"])))
        for user, is_cut, is_large in self._rows("odd_users", share=_USER_SHARE):
            if is_cut and user not in self.cut:
                self.cut.append(user)
            if is_large:
                self.users.add(user)
        return accepted, given

    def accepted(self, place: int) -> int:
        """The accepted rows of a file."""
        return self.files.get(place, _Rows()).accepted

    def sentences(
        self, staged: Path, files: Sequence[LakeFile], batches: Sequence[Batch]
    ) -> Mapping[int, tuple[str, ...]]:
        """Place of a file → what is to be told of it; each sentence ends in what to do.

        `files`: those that were written to `staged`. `batches`: those of the files, by their
        places. What is of all the files together is told of the first one.
        """
        told = {place: self._of_file(place, batch) for place, batch in enumerate(batches)}
        events = [file for file in files if file.kind == "events"]
        if events:
            paths = [str(staged / file.name) for file in events]
            together = [*self._of_users(paths, batches), *self._of_others(paths, events)]
            told[0] += [*self._of_cut_ids(), *together]
        return {place: tuple(sentences) for place, sentences in told.items()}

    def _of_file(self, place: int, batch: Batch) -> list[str]:
        rows = self.files.get(place, _Rows())
        told = []
        if rows.early:
            told.append(
                f"{rows.early:,} of {rows.accepted:,} events are of before 2000, the first of "
                f"{rows.first:%Y-%m-%d}. If that is not so, say what the times are with "
                "--time-format, or name their column with --map time=COLUMN."
            )
        if rows.accepted < _LEAST_ROWS:
            return told
        if rows.last - rows.first < _ONE_MOMENT:
            told.append(
                f"all {rows.accepted:,} events lie within one second, "
                f"{rows.first:%Y-%m-%d %H:%M:%S}: that may be when they were exported. Name the "
                "column of their own time with --map time=COLUMN."
            )
        # Who names the column of ids knows that they come again, and of several files each may
        # hold those before it.
        is_alone = len(self.files) == 1
        is_odd = is_alone and not self.has_told_ids and self._is_first()
        if is_odd and batch.rows_duplicate >= _DUPLICATE_SHARE * rows.accepted:
            told.append(
                f"{batch.rows_duplicate:,} of {rows.accepted:,} rows are duplicates of others in "
                "it. If they are events of their own, name the column of their ids with --map "
                "id=COLUMN, or say --map \"id=''\" where they have none."
            )
        return told

    def _of_users(self, written: Sequence[str], batches: Sequence[Batch]) -> list[str]:
        total = sum(batch.rows_loaded for batch in batches)
        if not self.users or total < _LEAST_ROWS:
            return []
        found = self._rows("rows_of_users", files=list(written), users=sorted(self.users))
        return [
            f"user '{user}' holds {rows:,} of {total:,} events. If that is nobody, or a machine, "
            "name it in exclude_users of the source, or in empty_words where it stands for a user "
            "that is not known."
            for user, rows in found
            if _USER_SHARE * total <= rows < total
        ]

    def _of_cut_ids(self) -> list[str]:
        if not self.cut:
            return []
        return [
            f"users are called such as '{self.cut[0]}': a spreadsheet cut the digits of their ids, "
            "so that different people are one. Export them again without opening the file in one, "
            "or with the column as text."
        ]

    def _of_others(self, written: Sequence[str], events: Sequence[LakeFile]) -> list[str]:
        """What a source's first events have in common with those of others."""
        if not self._is_first():
            return []
        known = self.state.of_kind("events")
        first = min(file.first_time for file in events)
        last = max(file.last_time for file in events)
        others = [
            str(self.state.path_of(file))
            for file in known
            if file.source != self.source
            if file.first_time <= last and file.last_time >= first
        ]
        if not others:
            return []
        found = self._rows(
            "same_facts",
            written=list(written),
            others=others,
            every=_every(sum(file.rows for file in events)),
            first=first,
            last=last,
        )
        return [
            f"{share:.0%} of the events of '{self.source}' are those of '{source}' too: same user, "
            "time and type. They count twice: load one of the two alone (docs/formats.md, The same "
            "facts from two sources)."
            for source, share in found
            if share > _SAME_SHARE
        ]

    def _is_first(self) -> bool:
        """Whether the source has no event yet, but for those that are replaced."""
        numbers = {self.replaced}
        return all(
            {file.first_batch, file.last_batch} <= numbers
            for file in self.state.of_kind("events")
            if file.source == self.source
        )

    def _rows(self, query: str, **params: object) -> list[tuple[Any, ...]]:
        return self.con.execute(sql_beside(__file__, query), params or None).fetchall()


def _some(rows: Any) -> Any:
    """Rows of all over a chunk, drawn by lot, since what comes in turns may be every other one."""
    if rows.num_rows <= _ROWS_LOOKED_AT:
        return rows
    drawn = np.random.default_rng(0).integers(0, rows.num_rows, _ROWS_LOOKED_AT)
    return rows.take(as_array(np.sort(drawn)))


def _every(rows: int) -> int:
    """Of so many rows one is looked at, by its hash, so that their order does not matter."""
    return -(-rows // _ROWS_LOOKED_AT) or 1
