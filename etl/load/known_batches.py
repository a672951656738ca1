"""What the lake knows of the files of a load: are they batches already. Never reads a row."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from etl.file_hash import file_hash
from etl.formats.read_plan import ReadPlan
from etl.lake import Batch, LakeState
from etl.lake.rules import RULES
from etl.lake.state import batch_of
from etl.lake.tombstones import tombstones_of
from etl.load.batch_id import batch_ids, replaced_by
from etl.load.inputs import InputFile


def has_events(batch: Batch) -> bool:
    """Whether rows of the batch are events."""
    return batch.rows_rejected < batch.rows_read


class KnownBatches:
    """The batches that files of a load may be, by path or size; those of the load join them.

    again  files that are batches read by older rules are not known: they are to be read again
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        state: LakeState,
        files: Sequence[InputFile],
        *,
        again: bool = False,
    ) -> None:
        self._again = again
        state.lay_out_batches(con)
        self._tombstones = tombstones_of(state)
        names = ", ".join(Batch._fields)
        paths = sorted({str(file.path.resolve()) for file in files})
        rows = con.execute(
            f"select {names} from lake_batches where path in (select unnest($paths)) "  # noqa: S608
            "or place in (select unnest($places)) or file_size in (select unnest($sizes))",
            {
                "paths": paths,
                "places": [self._tombstones.place_of(one) for one in paths if self._tombstones],
                "sizes": sorted({file.size for file in files}),
            },
        ).fetchall()
        # Rows of these are missing: their files are read again, in the place of the batch.
        self._lost = frozenset(number for numbers in state.lost.values() for number in numbers)
        self._by_path: dict[str, list[Batch]] = {}
        self._by_size: dict[tuple[str, int], list[Batch]] = {}
        self.add([batch_of(row) for row in rows])

    def at(self, path: Path) -> Sequence[Batch]:
        """Those of the file at that path."""
        return [batch for batch in self._all_at(path) if self._holds(batch)]

    def with_events(self, path: Path, size: int, mtime_ns: int) -> Batch | None:
        """The one that holds events of the file as it looks now, in whatever way it was read."""
        look = (size, mtime_ns)
        return next(
            (
                b
                for b in self._all_at(path)
                if has_events(b) and look == (b.file_size, b.file_mtime_ns)
            ),
            None,
        )

    def add(self, batches: Sequence[Batch]) -> None:
        """More of them, which stand for those that they replace."""
        for batch in batches:
            by_path = self._by_path.setdefault(batch.place or batch.path, [])
            by_size = self._by_size.setdefault((batch.source, batch.file_size), [])
            blanked = self._by_path.get(self._tombstones.place_of(batch.path), [])
            for known in (by_path, by_size, blanked):
                known[:] = [one for one in known if one.batch_id != batch.replaces]
            by_path.append(batch)
            by_size.append(batch)

    def content_of(self, plan: ReadPlan) -> str:
        """The hash of the file, when a batch is as large: only then can it be the same file.

        Else empty: it is taken while the file is read.
        """
        if (plan.source, plan.size) in self._by_size:
            return file_hash(plan.sample.path)
        return ""

    def held(self, plan: ReadPlan, content: str) -> Batch | None:
        """The one of them that the file, read in this way, is."""
        batch = self._same(plan, content) if content else None
        return batch if batch and self._holds(batch) else None

    def replaced(self, plan: ReadPlan, content: str) -> Batch | None:
        """The same file, unchanged, read in another way or by older rules, or with rows that the
        lake has lost: what the new batch stands for.
        """
        if not content:
            return None
        return self._same(plan, content) or replaced_by(plan, content, self._all_at(plan.path))

    def _all_at(self, path: Path) -> Sequence[Batch]:
        """Those of the file at that path, also where it is called after somebody who was erased."""
        told = str(path.resolve())
        known = self._by_path.get(told, [])
        if self._tombstones:
            known = [*known, *self._by_path.get(self._tombstones.place_of(told), ())]
        return known

    def _same(self, plan: ReadPlan, content: str) -> Batch | None:
        """The batch that the file, read in this way, is."""
        known = self._by_size.get((plan.source, plan.size), ())
        names = batch_ids(plan, content)
        return next((batch for batch in known if batch.batch_id in names), None)

    def _holds(self, batch: Batch) -> bool:
        """Whether the lake has the batch as it is to be."""
        is_old = self._again and (batch.rules or 1) < RULES
        return batch.number not in self._lost and not is_old
