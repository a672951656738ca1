"""What the lake holds as of one record of its log. Changes nothing, and opens no file of rows."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import duckdb

from etl.duck import connect, create_table, quoted
from etl.lake.records import LISTS, Batch, Erased, LakeFile, Pruned, Transaction

_SQL_TYPES: Mapping[object, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    tuple[str, ...]: "[]",
}


def columns_of(row: type[Batch] | type[LakeFile]) -> dict[str, str]:
    """The fields of a record's rows with their types, as create_table takes them."""
    hints = get_type_hints(row)
    plain = {n: get_args(t)[0] if isinstance(t, UnionType) else t for n, t in hints.items()}
    return {name: _SQL_TYPES[plain[name]] for name in row._fields}


@dataclass(frozen=True)
class LakeState:
    """The lake at one version: it stays what it is, whatever is loaded later.

    number       of the last record; 0 for a lake that nothing was loaded into
    history      a hash over all batches that came or went: equal where two lakes had the same
    files        name below the lake → file, of those that count
    leaving      names of files that do not count any more → since when, ISO with offset; empty
                 where they are to go at once
    pruned       what the last prune left; None before the first
    erased       who was erased, one entry for each time
    last_batch   the highest number that a batch ever had
    batch_count  batches that are there
    archive      Parquet file of the batches up to the last snapshot; None before the first
    recent       the batches since
    gone         numbers of archived batches that are not there any more
    lost         names of files that count but are missing or cut → the batches that had rows in
                 them: none that a load has found, which passes over those files; `of_kind` and
                 `events` then leave them out
    """

    root: Path
    number: int = 0
    history: str = ""
    files: Mapping[str, LakeFile] = field(default_factory=dict)
    leaving: Mapping[str, str] = field(default_factory=dict)
    pruned: Pruned | None = None
    last_batch: int = 0
    batch_count: int = 0
    archive: Path | None = None
    recent: tuple[Batch, ...] = ()
    gone: frozenset[int] = frozenset()
    lost: Mapping[str, frozenset[int]] = field(default_factory=dict)
    erased: tuple[Erased, ...] = ()

    @property
    def events(self) -> list[LakeFile]:
        """The files of events, by the first moment that they may hold."""
        return sorted(self.of_kind("events"), key=lambda file: (file.first_time, file.name))

    def of_kind(self, kind: str) -> list[LakeFile]:
        """The files of a kind: events, rejected or ids; in the order they were written."""
        return [file for file in self.there if file.kind == kind]

    @property
    def there(self) -> list[LakeFile]:
        """The files that count, but for those that are known as lost."""
        return [file for file in self.files.values() if file.name not in self.lost]

    def restored_by(self, gone_batches: Iterable[int]) -> list[str]:
        """The lost files that nobody needs once these batches are gone, too."""
        gone = frozenset(gone_batches)
        return [name for name, batches in self.lost.items() if batches <= gone]

    def path_of(self, file: LakeFile) -> Path:
        """Where a file lies."""
        return self.root / file.name

    @contextmanager
    def batch_table(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own that has lake_batches."""
        with connect() as con:
            self.lay_out_batches(con)
            yield con

    def batches(self) -> list[Batch]:
        """All batches that are there, in the order they came. Of many, `lay_out_batches` is less
        work.
        """
        if self.archive is None:
            return list(self.recent)
        with self.batch_table() as con:
            names = ", ".join(Batch._fields)
            rows = con.execute(f"select {names} from lake_batches order by number").fetchall()  # noqa: S608
        return [batch_of(row) for row in rows]

    def lay_out_batches(self, con: duckdb.DuckDBPyConnection) -> None:
        """Creates the temp view lake_batches: the fields of Batch, a row for each that is there."""
        create_table(con, "recent_batches", columns_of(Batch), [b._asdict() for b in self.recent])
        rows = "from recent_batches"
        if self.archive is not None:
            left = ", ".join(map(str, sorted(self.gone))) or "null"
            archived = f"from read_parquet({quoted(self.archive)})"
            rows = f"{archived} where (number in ({left})) is not true union all by name {rows}"
        con.execute(f"create or replace temp view lake_batches as {rows}")

    def after(self, number: int, transaction: Transaction, written_at: str) -> "LakeState":
        """The state after one more record."""
        return self.after_all([(number, transaction, written_at)])

    def after_all(self, records: Iterable[tuple[int, Transaction, str]]) -> "LakeState":
        """The state after records: number, what it changes, when it was written."""
        records = list(records)
        files, leaving = dict(self.files), dict(self.leaving)
        recent, gone = {batch.number: batch for batch in self.recent}, set(self.gone)
        state = self
        for number, change, written_at in records:
            left = [files.pop(name) for name in change.gone if name in files]
            files |= {file.name: file for file in change.files}
            leaving |= dict.fromkeys([*change.gone, *_origins_left(left, files)], written_at)
            if change.what in ("prune", "drop", "erase"):
                # What was merged before may hold what is to be gone: all of it goes at once.
                leaving = dict.fromkeys(leaving, "")
            gone |= {n for n in change.gone_batches if recent.pop(n, None) is None}
            recent |= {batch.number: batch for batch in change.batches}
            state = replace(
                state,
                number=number,
                history=history_after(state.history, change),
                pruned=change.pruned or state.pruned,
                erased=(*state.erased, *([change.erased] if change.erased else [])),
                last_batch=max([state.last_batch, *(b.number for b in change.batches)]),
                batch_count=state.batch_count + len(change.batches) - len(change.gone_batches),
            )
        return replace(
            state,
            files=files,
            leaving=leaving,
            # One that an erasure counts anew keeps its number.
            recent=tuple(sorted(recent.values(), key=lambda batch: batch.number)),
            gone=frozenset(gone),
            lost={
                name: batches.difference(*(change.gone_batches for _, change, _ in records))
                for name, batches in self.lost.items()
                if name in files
            },
        )


def _origins_left(left: Sequence[LakeFile], files: Mapping[str, LakeFile]) -> Iterator[str]:
    """What told the batches of files that left, and of none that is still there."""
    if any(file.origins for file in left):
        needed = {file.origins for file in files.values()}
        yield from (file.origins for file in left if file.origins and file.origins not in needed)


def batch_of(row: Sequence[Any]) -> Batch:
    """A batch out of a row of lake_batches, in the order of its fields."""
    batch = Batch._make(row)
    told: dict[str, Any] = {name: tuple(getattr(batch, name) or ()) for name in LISTS}
    # A snapshot of before they were counted has none.
    told |= {name: getattr(batch, name) or 0 for name in ("rows_erased", "rejects_erased")}
    return batch._replace(**told)


def numbered(state: LakeState, batches: Iterable[Batch]) -> list[Batch]:
    """The batches with the next numbers, in this order."""
    return [b._replace(number=n) for n, b in enumerate(batches, state.last_batch + 1)]


def history_after(history: str, change: Transaction) -> str:
    """The lake's history after a change. Merges are none."""
    for number in change.gone_batches:
        history = _hashed(history, f"-{number}")
    history = history_grown(history, (batch.batch_id for batch in change.batches))
    if change.what == "drop":
        # The files that take the place of others are named after the record.
        history = _hashed(history, f"~{min(file.name for file in change.files)}")
    if change.erased:
        history = _hashed(history, f"x{change.erased.receipt}")
    return _hashed(history, f"<{change.pruned.kept}") if change.pruned else history


def history_grown(history: str, batch_ids: Iterable[str]) -> str:
    """The history of a lake that these batches came to, in this order, and none left."""
    for batch_id in batch_ids:
        history = _hashed(history, f"+{batch_id}")
    return history


def _hashed(history: str, word: str) -> str:
    return hashlib.sha256(f"{history} {word}".encode()).hexdigest()[:24]
