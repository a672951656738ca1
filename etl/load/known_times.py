"""What the times of each source were read as, from load to load: the lake's log says it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from etl.formats.read_plan import ReadPlan
from etl.lake import Batch
from etl.load.known_fields import kind_of
from etl.normalise.time_columns import Columns, shapes_of

# So many of a source's last files say what its times are.
_LAST_FILES = 200


def told(columns: Columns) -> tuple[str, ...]:
    """What a file's times were read as, as its batch keeps it: column=shape."""
    shapes = {name: shape.replace("=", "_") for name, shape in shapes_of(columns).items()}
    clocks = {name: c.clock for name, c in columns.items() if c.clock}
    return tuple(
        f"{name}+{clocks[name]}={shape}" if name in clocks else f"{name}={shape}"
        for name, shape in shapes.items()
    )


class KnownTimes:
    """Shapes of time columns by source and kind of file. The view lake_batches must be there."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._known: dict[str, dict[tuple[str, str], str]] = {}

    def before(self, plan: ReadPlan) -> Mapping[str, str]:
        """Column → shape in the source's last file that has it, one of the same kind before all."""
        known = self._of(plan.source)
        kind = kind_of(plan.path)
        return {name: shape for (_, name), shape in known.items()} | {
            name: shape for (one, name), shape in known.items() if one == kind
        }

    def changes(self, plan: ReadPlan, columns: Columns) -> list[str]:
        """What is another shape now than in the last file of the kind, in sentences."""
        kind, known = kind_of(plan.path), self._of(plan.source)
        return [
            f"Times in {name} are {shape} now and were {before}."
            for name, shape in shapes_of(columns).items()
            if (before := known.get((kind, name))) not in (None, shape)
        ]

    def keep(self, batches: Sequence[Batch]) -> None:
        """The files are in the lake: the next ones are compared with them."""
        for batch in batches:
            self._of(batch.source).update(_shapes(batch.file, batch.times))

    def _of(self, source: str) -> dict[tuple[str, str], str]:
        if source not in self._known:
            rows = self.con.execute(
                "select file, times from lake_batches where source = ? and len(times) > 0 "
                "order by number desc limit ?",
                [source, _LAST_FILES],
            ).fetchall()
            known: dict[tuple[str, str], str] = {}
            for file, times in reversed(rows):
                known |= _shapes(file, times)
            self._known[source] = known
        return self._known[source]


def _shapes(file: str, times: Sequence[str]) -> dict[tuple[str, str], str]:
    kind = kind_of(Path(file))
    pairs = (text.rpartition("=") for text in times)
    return {(kind, name.partition("+")[0]): shape for name, _, shape in pairs}
