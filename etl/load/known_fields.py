"""Remembers the fields that files of each kind had, from load to load.

They are kept in `lake/fields`, one file for each source, format, container and file stem, so that
the tables of a source are not mixed up. It may be deleted: the next file is then taken as the
first.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

from etl.collector.spool_files import is_spool_path
from etl.durable import write_json
from etl.formats.read_plan import ReadPlan
from etl.lake import Batch, Lake
from etl.load.schema_drift import Fields, changes, fields_of, known_after
from etl.privacy.texts import Cutter, cutter_of
from etl.read.find import stem_of

_SIGNS = "0123456789-_. "
_LITTLE = 0.05
# What a sample's kind may be.
_CONTAINERS = (
    *("ndjson", "json_array", "json_objects", "json_wrapped", "delimited", "lines", "parquet"),
    "sqlite",
)


class KnownFields:
    """What is known of the fields of each kind of file; what a load sees is added to it.

    `on_error`: called with a file and what went wrong with its fields. That is told, and makes no
    failure of a file whose rows are good.
    """

    def __init__(self, lake: Lake, on_error: Callable[[Path, Exception], None]) -> None:
        self.folder = lake.root / "fields"
        self.on_error = on_error
        self.known: dict[Path, Fields | None] = {}
        self.new: dict[Path, Fields] = {}
        self.seen_in: dict[Path, Path] = {}

    def changes(self, plan: ReadPlan) -> tuple[str, ...]:
        """What changed since the source's last file of that kind, in sentences."""
        try:
            now = _cut(fields_of(plan.sample), plan)
            record = self._record_of(plan)
            before = self.new.get(record) or self._before(record)
            known = known_after(before, now) if before else now
            if before is None or _says_more(known, before):
                self.new[record] = known
                self.seen_in[record] = plan.path
            # What one half minute of events holds and the next does not is no change.
            is_told = before is not None and not is_spool_path(plan.path)
            return tuple(changes(before, now)) if before and is_told else ()
        except Exception as error:
            self.on_error(plan.path, error)
            return ()

    def keep(self) -> None:
        """Writes what is known now: the files that were asked about are in the lake."""
        for record, known in self.new.items():
            try:
                write_json(record, asdict(known))
            except Exception as error:
                self.on_error(self.seen_in[record], error)
        self.known |= self.new
        self.new = {}

    def drop(self) -> None:
        """Forgets what was seen since: those files are not in the lake."""
        self.new = {}

    def _before(self, record: Path) -> Fields | None:
        if record not in self.known:
            self.known[record] = _read(record)
        return self.known[record]

    def _record_of(self, plan: ReadPlan) -> Path:
        kind = kind_of(plan.path)
        return self.folder / _record_name(plan.source, plan.format.name, plan.sample.kind, kind)


def _cut(fields: Fields, plan: ReadPlan) -> Fields:
    """The fields by names without what is cut of the rows: one may be called like a person."""
    cutter = cutter_of(plan.request.rules)
    if cutter.is_idle:
        return fields
    return replace(
        fields,
        kinds={_cut_name(cutter, name): kind for name, kind in fields.kinds.items()},
        shares={_cut_name(cutter, name): share for name, share in fields.shares.items()},
    )


def _cut_name(cutter: Cutter, name: str) -> str:
    """A name, and that of the folder before it, each by itself."""
    folder, point, rest = name.partition(".")
    return cutter.text(folder) + point + cutter.text(rest) if point else cutter.text(name)


def unknown_kinds(lake: Lake, batches: Iterable[Batch]) -> list[str]:
    """The newest file of each kind that was loaded and whose fields are not noted."""
    newest = {(one.source, one.format, kind_of(Path(one.file))): one.file for one in batches}
    noted = {path.name for path in (lake.root / "fields").glob("*.json")}
    return [
        file
        for (source, name, kind), file in newest.items()
        if noted.isdisjoint(_record_name(source, name, held, kind) for held in _CONTAINERS)
    ]


def _record_name(source: str, format_name: str, container: str, kind: str) -> str:
    key = "\n".join([source, format_name, container, kind])
    return f"{sha256(key.encode()).hexdigest()[:24]}.json"


def kind_of(path: Path) -> str:
    """What files of one kind have in common: their name without the dates and numbers that say
    which part each is, wherever they stand.
    """
    return stem_of(path).strip(_SIGNS)


def _says_more(known: Fields, before: Fields) -> bool:
    """Whether it is worth a write: shares that move a little are not."""
    if (known.kinds, known.rows, known.is_text) != (before.kinds, before.rows, before.is_text):
        return True
    moved = (known.shares.get(n, 1.0) - before.shares.get(n, 1.0) for n in known.kinds)
    return any(abs(by) > _LITTLE for by in moved)


def _read(record: Path) -> Fields | None:
    """What is known so far; None when nothing is."""
    try:
        fields = Fields(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return fields if isinstance(fields.kinds, dict) and isinstance(fields.shares, dict) else None
